/// The rule `productivity` for one workstation: its output or utilization left its own baseline.
///
/// A shift is compared with the mean and deviation of earlier shifts of the same type: the last 28, at least
/// 14. It is off when it is farther than 2 σ from the mean, with σ at least 2 % of the mean. Two shifts off
/// out of three consecutive shifts of the workstation (of any type) raise; one shift that is not off clears.
/// A pure function of the list.
public struct ProductivityRule: Sendable {
  public struct Verdict: Sendable, Hashable {
    public var result: ShiftResult
    public var isOff: Bool
    /// The figure that is off; units when none is.
    public var metric: String
    public var value: Int64
    public var expected: Int64
    public var sigma: Int64
    /// Decimals of the three figures.
    public var digits: Int
  }

  public static let minimum = 14
  public static let baseline = 28

  /// Verdicts on the shifts that have a baseline, in order. `results` are those of one workstation, by start.
  public static func verdicts(_ results: [ShiftResult]) -> [Verdict] {
    var byType: [String: [ShiftResult]] = [:]
    var verdicts: [Verdict] = []
    for result in results {
      let past = byType[result.shiftID] ?? []
      if past.count >= minimum { verdicts.append(verdict(result, past.suffix(baseline))) }
      byType[result.shiftID, default: []].append(result)
    }
    return verdicts
  }

  private static func verdict(_ result: ShiftResult, _ past: ArraySlice<ShiftResult>) -> Verdict {
    let units = judge(result.units, past.map(\.units))
    let verdict = Verdict(
      result: result, isOff: units.isOff, metric: "units", value: result.units, expected: units.mean,
      sigma: units.sigma, digits: 0)
    let known = past.compactMap(\.utilization)
    guard !units.isOff, let utilization = result.utilization, known.count >= minimum else { return verdict }
    let judged = judge(utilization, known)
    guard judged.isOff else { return verdict }
    return Verdict(
      result: result, isOff: true, metric: "utilization_pct", value: utilization, expected: judged.mean,
      sigma: judged.sigma, digits: 2)
  }

  /// Exact: the deviation is compared in squares; only the returned figures are rounded.
  private static func judge(_ value: Int64, _ past: [Int64]) -> (isOff: Bool, mean: Int64, sigma: Int64) {
    let count = Int128(past.count)
    let sum = past.reduce(Int128(0)) { $0 + Int128($1) }
    let squares = past.reduce(Int128(0)) { $0 + Int128($1) * Int128($1) }
    // n² times the variance, and n² times the square of 2 % of the mean (in 1/10 000).
    let variance = count * squares - sum * sum
    let floor = sum * sum * 4
    let deviation = Int128(value) * count - sum
    let isOff = deviation * deviation * 10_000 > 4 * max(variance * 10_000, floor)
    return (isOff, Int64(sum / count), Int64(squareRoot(max(variance, floor / 10_000)) / count))
  }

  private static func squareRoot(_ value: Int128) -> Int128 {
    guard value > 0 else { return 0 }
    var guess = Int128(1) << Int128((128 - value.leadingZeroBitCount + 1) / 2)
    while true {
      let better = (guess + value / guess) / 2
      if better >= guess { return guess }
      guess = better
    }
  }

  /// The steps that follow from the verdicts: the second shift off out of three raises, a shift that is not
  /// off clears.
  public static func transitions(_ verdicts: [Verdict]) -> [(transition: DriftTransition, verdict: Verdict)] {
    var steps: [(DriftTransition, Verdict)] = []
    var sinceMs: Int64?
    for (index, verdict) in verdicts.enumerated() {
      if let since = sinceMs {
        guard !verdict.isOff else { continue }
        steps.append((.init(kind: .cleared, sinceMs: since, atMs: verdict.result.endMs), verdict))
        sinceMs = nil
      } else if verdict.isOff,
        let first = verdicts[max(0, index - 2)..<index].first(where: { $0.isOff && !isSpent($0, steps) })
      {
        sinceMs = first.result.endMs
        steps.append(
          (.init(kind: .raised, sinceMs: first.result.endMs, atMs: verdict.result.endMs), verdict))
      }
    }
    return steps
  }

  /// A shift of an episode that is over does not count for the next one.
  private static func isSpent(_ verdict: Verdict, _ steps: [(DriftTransition, Verdict)]) -> Bool {
    steps.last.map { verdict.result.endMs <= $0.0.atMs } ?? false
  }
}
