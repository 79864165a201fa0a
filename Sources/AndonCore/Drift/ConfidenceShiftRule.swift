/// The rule `confidence_shift` for one key: the hourly means keep falling short of the camera's own profile.
///
/// The first 14 days are the baseline: they give a mean for each hour of the day (UTC), and the worst that the
/// sum below came to in them. After that a one-sided cumulative sum (Page 1954) runs over the hours with
/// samples: `S = max(0, S + min(cap, profile − mean − k))`. It raises when S exceeds
/// `h = max(0.25, 2 × worst of baseline)` and clears when S is below `0.2 h`. S stops at 2 h, so that a long
/// trouble does not take as long to be forgotten. An hour of fewer than `fullHour` events counts in proportion:
/// two events are a poor mean. O(1) an hour; after the baseline about 100 bytes.
struct ConfidenceShiftRule: Sendable, Hashable {
  private enum Phase: Sendable, Hashable {
    /// Hours since the first one, packed by `Hour`; −1 for one without events.
    case baseline(firstHour: Int64, hours: [Int32])
    /// The mean by hour of the day, −1 for none, and h.
    case watch(profile: [Int32], thresholdPpm: Int64)
  }

  private var phase: Phase?
  /// S in millionths.
  private(set) var sumPpm: Int64 = 0
  /// Whether the last step went up: the trouble is not over.
  private(set) var isRising = false
  /// Where S left 0.
  private var sinceMs: Int64 = 0
  private(set) var raised: (sinceMs: Int64, atMs: Int64)?

  /// That many events make an hour that counts in full.
  static let fullHour: Int64 = 5
  static let baselineHours: Int64 = 14 * 24
  static let slackPpm: Int64 = 50_000
  static let capPpm: Int64 = 150_000
  static let smallestThresholdPpm: Int64 = 250_000

  /// h in millionths; nil during the baseline.
  var thresholdPpm: Int64? { if case .watch(_, let threshold) = phase { threshold } else { nil } }

  /// A closed hour as the rule sees it: its mean, and how much it counts.
  private struct Hour {
    var mean: Int64
    /// Of `fullHour`.
    var weight: Int64

    init?(_ hour: HourSum) {
      guard let mean = hour.meanPpm else { return nil }
      self.mean = Int64(mean)
      weight = min(hour.count, fullHour)
    }

    /// 20 bits of mean below the weight.
    init?(packed: Int32) {
      guard packed >= 0 else { return nil }
      (mean, weight) = (Int64(packed & 0xF_FFFF), Int64(packed >> 20))
    }

    var packed: Int32 { Int32(weight << 20 | mean) }
  }

  /// Takes a closed hour with samples; hours come in order.
  mutating func close(_ closed: HourSum) -> DriftTransition? {
    guard let hour = Hour(closed) else { return nil }
    switch phase {
    case nil:
      phase = .baseline(firstHour: closed.hour, hours: [hour.packed])
      return nil
    case .baseline(let first, var hours):
      phase = nil  // so that the array is not copied
      guard closed.hour - first < Self.baselineHours else {
        phase = Self.watch(firstHour: first, hours: hours)
        return follow(hour, closed)
      }
      while Int64(hours.count) < closed.hour - first { hours.append(-1) }
      hours.append(hour.packed)
      phase = .baseline(firstHour: first, hours: hours)
      return nil
    case .watch:
      return follow(hour, closed)
    }
  }

  private mutating func follow(_ hour: Hour, _ closed: HourSum) -> DriftTransition? {
    guard case .watch(let profile, let threshold) = phase else { return nil }
    let before = sumPpm
    sumPpm = min(2 * threshold, Self.step(before, hour, profile[Self.hourOfDay(closed.hour)]))
    isRising = sumPpm > before || sumPpm == 2 * threshold
    if before == 0 { sinceMs = closed.hour * HourSum.milliseconds }
    if let raised {
      guard sumPpm * 5 < threshold else { return nil }
      self.raised = nil
      // What comes next is another episode, even if S did not reach 0 in between.
      sinceMs = closed.endMs
      return DriftTransition(kind: .cleared, sinceMs: raised.sinceMs, atMs: closed.endMs)
    }
    guard sumPpm > threshold else { return nil }
    raised = (sinceMs, closed.endMs)
    return DriftTransition(kind: .raised, sinceMs: sinceMs, atMs: closed.endMs)
  }

  private static func step(_ sum: Int64, _ hour: Hour, _ profile: Int32) -> Int64 {
    guard profile >= 0 else { return sum }
    return max(0, sum + min(capPpm, Int64(profile) - hour.mean - slackPpm) * hour.weight / fullHour)
  }

  private static func watch(firstHour: Int64, hours: [Int32]) -> Phase {
    var sums = [Int64](repeating: 0, count: 24)
    var weights = [Int64](repeating: 0, count: 24)
    for (offset, packed) in hours.enumerated() {
      guard let hour = Hour(packed: packed) else { continue }
      let slot = hourOfDay(firstHour + Int64(offset))
      sums[slot] += hour.mean * hour.weight
      weights[slot] += hour.weight
    }
    let profile = (0..<24).map { weights[$0] == 0 ? -1 : Int32(sums[$0] / weights[$0]) }
    var sum: Int64 = 0
    var worst: Int64 = 0
    for (offset, packed) in hours.enumerated() {
      guard let hour = Hour(packed: packed) else { continue }
      sum = step(sum, hour, profile[hourOfDay(firstHour + Int64(offset))])
      worst = max(worst, sum)
    }
    return .watch(profile: profile, thresholdPpm: max(smallestThresholdPpm, 2 * worst))
  }

  private static func hourOfDay(_ hour: Int64) -> Int { Int(((hour % 24) + 24) % 24) }

  init() {}

  static func == (left: ConfidenceShiftRule, right: ConfidenceShiftRule) -> Bool {
    left.phase == right.phase && left.sumPpm == right.sumPpm && left.isRising == right.isRising
      && left.sinceMs == right.sinceMs
      && left.raised?.sinceMs == right.raised?.sinceMs && left.raised?.atMs == right.raised?.atMs
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(phase)
    hasher.combine(sumPpm)
  }

  /// Whether a state may stand beside that last closed hour.
  func isPossible(lastHour: Int64?) -> Bool {
    switch phase {
    case nil: lastHour == nil
    case .baseline(let first, let hours):
      lastHour.map {
        first <= $0 && $0.subtractingReportingOverflow(first) == (Int64(hours.count) - 1, false)
      }
        ?? false
    case .watch: lastHour != nil
    }
  }

  func encode(into writer: inout ByteWriter) {
    writer.append([
      sumPpm, isRising ? 1 : 0, sinceMs, raised == nil ? 0 : 1, raised?.sinceMs ?? 0, raised?.atMs ?? 0,
    ])
    switch phase {
    case nil: writer.append([0, 0, 0])
    case .baseline(let first, let hours):
      writer.append([1, first, Int64(hours.count)])
      for hour in hours { writer.append(hour) }
    case .watch(let profile, let threshold):
      writer.append([2, threshold, Int64(profile.count)])
      for mean in profile { writer.append(mean) }
    }
  }

  init?(_ reader: inout ByteReader) {
    guard let sum = reader.integer(), let isRising = reader.flag(), let since = reader.integer(),
      let isRaised = reader.flag(), let raisedSince = reader.integer(), let raisedAt = reader.integer(),
      let kind = reader.integer(), let number = reader.integer(), let count = reader.integer(),
      (0...Self.baselineHours).contains(count)
    else { return nil }
    sumPpm = sum
    self.isRising = isRising
    sinceMs = since
    raised = isRaised ? (raisedSince, raisedAt) : nil
    var values: [Int32] = []
    for _ in 0..<count {
      guard let value = reader.int32(), value >= -1, value < 0 || value & 0xF_FFFF <= 1_000_000 else {
        return nil
      }
      values.append(value)
    }
    switch (kind, count) {
    case (0, 0): phase = nil
    case (1, 1...) where values.allSatisfy({ $0 < 0 || (1...Self.fullHour).contains(Int64($0 >> 20)) }):
      phase = .baseline(firstHour: number, hours: values)
    case (2, 24)
    where (0...1 << 40).contains(number) && (0...2 * number).contains(sum)
      && values.allSatisfy({ $0 <= 1_000_000 }):
      phase = .watch(profile: values, thresholdPpm: number)
    default: return nil
    }
  }
}
