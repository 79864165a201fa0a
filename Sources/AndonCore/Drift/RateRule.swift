/// The rule `rate_low` for one camera: it sees much less than it usually sees at that time of the week.
///
/// An hour is compared with the median of the same hour of the week in the four weeks before. Three hours in a row below
/// 40 % raise; one that is not clears. The camera must be known for 14 days, and the median must be at least
/// `minimumExpected`: of fewer events, chance alone leaves out so many. A pure function of the list.
public struct RateRule {
  public struct Verdict: Sendable, Hashable {
    public var hour: Int64
    public var count: Int64
    /// The median of the same hour of the week.
    public var expected: Int64

    public init(hour: Int64, count: Int64, expected: Int64) {
      (self.hour, self.count, self.expected) = (hour, count, expected)
    }

    public var isLow: Bool { count * 100 < expected * RateRule.percent }
    /// The number of events that would not have been low, rounded down.
    public var limit: Int64 { expected * RateRule.percent / 100 }
  }

  public static let percent: Int64 = 40
  public static let run = 3
  /// Hours.
  public static let baseline: Int64 = 28 * 24
  /// Hours.
  public static let minimum: Int64 = 14 * 24
  public static let minimumExpected: Int64 = 12

  /// Verdicts on the hours that have a profile, in order. O(hours).
  ///
  /// - Parameters:
  ///   - hours: of one camera, ascending; those in which nothing was planned or events are known to be missing left out.
  ///   - firstHour: where the verdicts begin.
  public static func verdicts(_ hours: [RateHour], from firstHour: Int64) -> [Verdict] {
    guard let known = hours.first?.hour else { return [] }
    var past: [Int: [RateHour]] = [:]
    var verdicts: [Verdict] = []
    for hour in hours {
      let same = (past[hour.slot] ?? []).filter { $0.hour >= hour.hour - baseline }
      past[hour.slot] = same + [hour]
      guard hour.hour >= firstHour, hour.hour - known >= minimum, same.count >= 2 else { continue }
      let expected = median(same.map(\.count))
      guard expected >= minimumExpected else { continue }
      verdicts.append(Verdict(hour: hour.hour, count: hour.count, expected: expected))
    }
    return verdicts
  }

  /// Of an even number, the lower of the two in the middle.
  private static func median(_ counts: [Int64]) -> Int64 { counts.sorted()[(counts.count - 1) / 2] }

  /// The steps that follow from the verdicts.
  ///
  /// - Parameter isRaised: whether the alarm was raised before the first verdict.
  public static func transitions(_ verdicts: [Verdict], isRaised: Bool) -> [DriftTransition] {
    var steps: [DriftTransition] = []
    var isRaised = isRaised
    var low: [Verdict] = []
    for verdict in verdicts {
      let endMs = (verdict.hour + 1) * HourSum.milliseconds
      low = verdict.isLow ? low + [verdict] : []
      if isRaised, !verdict.isLow {
        steps.append(DriftTransition(kind: .cleared, sinceMs: endMs, atMs: endMs))
        isRaised = false
      } else if !isRaised, low.count == run {
        steps.append(
          DriftTransition(kind: .raised, sinceMs: low[0].hour * HourSum.milliseconds, atMs: endMs))
        isRaised = true
      }
    }
    return steps
  }
}
