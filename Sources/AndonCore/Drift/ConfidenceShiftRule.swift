/// The rule `confidence_shift` for one key: the hourly means keep falling short of the camera's own profile.
///
/// The first 14 days are the baseline: they give a mean for each hour of the day (UTC), and the highest value
/// that the sum below reaches in them. After that a one-sided cumulative sum (Page 1954) runs over the hours
/// with samples: `S = max(0, S + min(cap, profile − mean − k))`. The alarm is raised when S exceeds `h =
/// max(0.25, 2 × highest of baseline)` and clears when S is below `0.2 h`. S is limited to 2 h, so that the
/// clear after a long drift does not take as long as the drift. An hour of fewer than `fullHour` events
/// counts in proportion: two events make a poor mean. O(1) an hour; about 100 bytes. The hours of the
/// baseline are read once.
struct ConfidenceShiftRule: Sendable, Hashable {
  private enum Phase: Sendable, Hashable {
    case baseline(firstHour: Int64)
    /// The mean by hour of the day, −1 for none, and the threshold h.
    case watch(profile: [Int32], thresholdPpm: Int64)
  }

  private var phase: Phase?
  /// S in millionths.
  private(set) var sumPpm: Int64 = 0
  /// Whether the last hour raised S or S is at its limit: the drift is not over.
  private(set) var isRising = false
  /// The start of the hour in which S left 0.
  private var sinceMs: Int64 = 0
  private(set) var raised: (sinceMs: Int64, atMs: Int64)?

  /// An hour with at least this many events counts in full.
  static let fullHour: Int64 = 5
  static let baselineHours: Int64 = 14 * 24
  static let slackPpm: Int64 = 50_000
  static let capPpm: Int64 = 150_000
  static let smallestThresholdPpm: Int64 = 250_000

  /// h in millionths; nil during the baseline.
  var thresholdPpm: Int64? { if case .watch(_, let threshold) = phase { threshold } else { nil } }

  /// A closed hour as the rule sees it: its mean and its weight.
  private struct Hour {
    var mean: Int64
    /// 1…`fullHour`.
    var weight: Int64

    init?(_ hour: HourSum) {
      guard let mean = hour.meanPpm else { return nil }
      self.mean = Int64(mean)
      weight = min(hour.count, fullHour)
    }
  }

  /// Applies a closed hour with samples; hours come in order. `hours` returns those before it.
  mutating func close(_ closed: HourSum, hours: (Range<Int64>) throws -> [HourSum]) rethrows
    -> DriftTransition?
  {
    guard let hour = Hour(closed) else { return nil }
    switch phase {
    case nil:
      phase = .baseline(firstHour: closed.hour)
      return nil
    case .baseline(let first):
      guard closed.hour - first >= Self.baselineHours else { return nil }
      phase = Self.watch(try hours(first..<first + Self.baselineHours))
      return evaluate(hour, closed)
    case .watch:
      return evaluate(hour, closed)
    }
  }

  private mutating func evaluate(_ hour: Hour, _ closed: HourSum) -> DriftTransition? {
    guard case .watch(let profile, let threshold) = phase else { return nil }
    let before = sumPpm
    sumPpm = min(2 * threshold, Self.step(before, hour, profile[Self.hourOfDay(closed.hour)]))
    isRising = sumPpm > before || sumPpm == 2 * threshold
    if before == 0 { sinceMs = closed.hour * HourSum.milliseconds }
    if let raised {
      guard sumPpm * 5 < threshold else { return nil }
      self.raised = nil
      // The next step begins another episode, even if S did not reach 0 in between.
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

  private static func watch(_ baseline: [HourSum]) -> Phase {
    var sums = [Int64](repeating: 0, count: 24)
    var weights = [Int64](repeating: 0, count: 24)
    for closed in baseline {
      guard let hour = Hour(closed) else { continue }
      let slot = hourOfDay(closed.hour)
      sums[slot] += hour.mean * hour.weight
      weights[slot] += hour.weight
    }
    let profile = (0..<24).map { weights[$0] == 0 ? -1 : Int32(sums[$0] / weights[$0]) }
    var sum: Int64 = 0
    var worst: Int64 = 0
    for closed in baseline {
      guard let hour = Hour(closed) else { continue }
      sum = step(sum, hour, profile[hourOfDay(closed.hour)])
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

  /// Whether this state may stand beside `openHour`, the open hour of the detector.
  func isPossible(openHour: Int64?) -> Bool {
    switch phase {
    case nil: true
    case .baseline(let first): openHour.map { first < $0 } ?? false
    case .watch: openHour != nil
    }
  }

  func encode(into writer: inout ByteWriter) {
    writer.append([
      sumPpm, isRising ? 1 : 0, sinceMs, raised == nil ? 0 : 1, raised?.sinceMs ?? 0, raised?.atMs ?? 0,
    ])
    switch phase {
    case nil: writer.append([0, 0, 0])
    case .baseline(let first): writer.append([1, first, 0])
    case .watch(let profile, let threshold):
      writer.append([2, threshold, Int64(profile.count)])
      for mean in profile { writer.append(mean) }
    }
  }

  init?(_ reader: inout ByteReader) {
    guard let sum = reader.integer(), let isRising = reader.flag(), let since = reader.integer(),
      let isRaised = reader.flag(), let raisedSince = reader.integer(), let raisedAt = reader.integer(),
      let kind = reader.integer(), let number = reader.integer(), let count = reader.integer(),
      count == 0 || count == 24,
      [since, raisedSince, raisedAt].allSatisfy(ConfidenceLowRule.times.contains)
    else { return nil }
    sumPpm = sum
    self.isRising = isRising
    sinceMs = since
    raised = isRaised ? (raisedSince, raisedAt) : nil
    var profile: [Int32] = []
    for _ in 0..<count {
      guard let value = reader.int32(), (-1...1_000_000).contains(value) else { return nil }
      profile.append(value)
    }
    switch (kind, count) {
    case (0, 0) where number == 0 && sum == 0: phase = nil
    case (1, 0) where sum == 0 && HourSum.hours.contains(number): phase = .baseline(firstHour: number)
    case (2, 24) where (0...1 << 40).contains(number) && (0...2 * number).contains(sum):
      phase = .watch(profile: profile, thresholdPpm: number)
    default: return nil
    }
  }
}
