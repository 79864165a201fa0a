/// The rule `confidence_drop` for one key: the last 24 h are more than 15 % worse than the same 24 h a week
/// ago.
///
/// Judged when an hour with samples closes: the mean of the last 24 closed hours against that of the 24 hours
/// seven days before. It clears after six such hours in a row with a drop of less than 10 %. Hours without
/// samples change nothing, nor do hours where either mean is missing: fewer than 30 samples in 24 h have no
/// mean.
struct ConfidenceDropRule: Sendable, Hashable {
  private(set) var raisedMs: Int64?
  private var goodHours: Int64 = 0
  /// The two means that were compared last, millionths.
  private(set) var nowPpm: Int32?
  private(set) var weekBeforePpm: Int32?

  static let hoursToClear: Int64 = 6
  static let minimum: Int64 = 30
  private static let weekHours: Int64 = 168

  /// Applies a closed hour; `hours` returns those before it.
  mutating func close(_ closed: HourSum, hours: (Range<Int64>) throws -> [HourSum]) rethrows
    -> DriftTransition?
  {
    let weekBefore = closed.hour - Self.weekHours
    guard let before = Self.mean(try hours(weekBefore - 23..<weekBefore + 1)),
      let now = Self.mean(try hours(closed.hour - 23..<closed.hour) + [closed])
    else { return nil }
    return judge(atMs: closed.endMs, now: now, weekBefore: before)
  }

  private static func mean(_ hours: [HourSum]) -> Int32? {
    let count = hours.reduce(Int64(0)) { $0 + $1.count }
    return count >= minimum ? Int32(hours.reduce(Int64(0)) { $0 + $1.sum } / count) : nil
  }

  private mutating func judge(atMs: Int64, now: Int32, weekBefore: Int32) -> DriftTransition? {
    (nowPpm, weekBeforePpm) = (now, weekBefore)
    guard let raised = raisedMs else {
      guard Int64(now) * 100 < Int64(weekBefore) * 85 else { return nil }
      raisedMs = atMs
      goodHours = 0
      return DriftTransition(kind: .raised, sinceMs: atMs, atMs: atMs)
    }
    goodHours = Int64(now) * 100 > Int64(weekBefore) * 90 ? goodHours + 1 : 0
    guard goodHours >= Self.hoursToClear else { return nil }
    raisedMs = nil
    goodHours = 0
    return DriftTransition(kind: .cleared, sinceMs: raised, atMs: atMs)
  }

  init() {}

  func encode(into writer: inout ByteWriter) {
    writer.append([raisedMs == nil ? 0 : 1, raisedMs ?? 0, goodHours])
    writer.append(nowPpm ?? -1)
    writer.append(weekBeforePpm ?? -1)
  }

  init?(_ reader: inout ByteReader) {
    guard let isRaised = reader.flag(), let raised = reader.integer(), let good = reader.integer(),
      ConfidenceLowRule.times.contains(raised), (0..<Self.hoursToClear).contains(good),
      let now = reader.int32(), let before = reader.int32(),
      now <= 1_000_000, before <= 1_000_000
    else { return nil }
    raisedMs = isRaised ? raised : nil
    goodHours = good
    nowPpm = now < 0 ? nil : now
    weekBeforePpm = before < 0 ? nil : before
  }
}
