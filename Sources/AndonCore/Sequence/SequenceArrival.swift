/// A number that arrived; its event may have been stored, repeated or rejected.
public struct SequenceArrival: Sendable, Hashable {
  public var sequence: SequenceNumber
  /// The event's time; the time of receipt where it has none. Epoch milliseconds.
  public var atMs: Int64

  /// Times beyond these are no times of events; the difference of two fits.
  private static let times: ClosedRange<Int64> = -(1 << 50)...(1 << 50)

  public init(_ sequence: SequenceNumber, atMs: Int64) {
    self.sequence = sequence
    self.atMs = min(max(atMs, Self.times.lowerBound), Self.times.upperBound)
  }
}
