/// Numbers that were given up: when one of them comes late, that changes nothing.
public struct LostNumbers: Sendable, Hashable {
  public var count: Int64
  /// The times around the first and last of them, epoch milliseconds of the camera's clock.
  public var fromMs: Int64
  public var toMs: Int64
  /// The bridge's clock when the last of them was given up.
  public var notedMs: Int64

  public init(count: Int64, fromMs: Int64, toMs: Int64, notedMs: Int64) {
    self.count = count
    self.fromMs = fromMs
    self.toMs = toMs
    self.notedMs = notedMs
  }

  init(_ range: MissingRange, nowMs: Int64) {
    self.init(
      count: range.count, fromMs: range.times.lowerBound, toMs: range.times.upperBound - 1, notedMs: nowMs)
  }

  public var times: Range<Int64> { fromMs..<toMs + 1 }

  /// Losses that begin within this time of each other are one gap of the journal.
  static let joinMs: Int64 = 3_600_000

  func isNear(_ other: LostNumbers) -> Bool { abs(other.fromMs - fromMs) < Self.joinMs }

  mutating func join(_ other: LostNumbers) {
    count = min(count + other.count, SequenceNumber.largest)
    (fromMs, toMs) = (min(fromMs, other.fromMs), max(toMs, other.toMs))
    notedMs = max(notedMs, other.notedMs)
  }
}
