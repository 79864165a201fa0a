/// Numbers of a count that did not arrive, between two that did.
public struct MissingRange: Sendable, Hashable {
  /// Inclusive.
  public var first: Int64
  public var last: Int64
  /// The times of the events before and after it, epoch milliseconds of the camera's clock.
  public var fromMs: Int64
  public var toMs: Int64
  /// The bridge's clock when a later number showed that these are missing.
  public var openedMs: Int64

  public init(first: Int64, last: Int64, fromMs: Int64, toMs: Int64, openedMs: Int64) {
    self.first = first
    self.last = last
    self.fromMs = fromMs
    self.toMs = toMs
    self.openedMs = openedMs
  }

  /// How many numbers are missing.
  public var count: Int64 { last - first + 1 }

  /// The times around it in order: a camera's clock may have been set back.
  public var times: Range<Int64> { min(fromMs, toMs)..<max(fromMs, toMs) + 1 }
}
