/// One confidence, with the fields that define its place in the total order, independent of the order of
/// arrival.
public struct DriftSample: Sendable, Hashable, Comparable {
  /// Milliseconds since 1970-01-01T00:00:00Z.
  public let timestampMs: Int64
  /// Empty when the camera gave none.
  public let eventID: String
  public let workerID: String
  /// In millionths, 0…1 000 000.
  public let confidencePpm: Int32

  /// The confidence must be in its range, as it is in every decoded event.
  public init(timestampMs: Int64, eventID: String, workerID: String, confidencePpm: Int32) {
    precondition((0...1_000_000).contains(confidencePpm), "a confidence is a fraction")
    self.timestampMs = timestampMs
    self.eventID = eventID
    self.workerID = workerID
    self.confidencePpm = confidencePpm
  }

  /// A sample whose place among those of the same time is known: they come in order.
  package init(timestampMs: Int64, confidencePpm: Int32) {
    self.init(timestampMs: timestampMs, eventID: "", workerID: "", confidencePpm: confidencePpm)
  }

  /// Nil for an event without a confidence.
  package init?(_ event: Event) {
    guard let confidence = event.confidencePpm else { return nil }
    self.init(
      timestampMs: event.timestampMs, eventID: event.eventID, workerID: event.workerID,
      confidencePpm: confidence)
  }

  /// By time, event id and worker; the confidence comes last only to make the order total.
  public static func < (left: DriftSample, right: DriftSample) -> Bool {
    if left.timestampMs != right.timestampMs { return left.timestampMs < right.timestampMs }
    if left.eventID != right.eventID { return left.eventID < right.eventID }
    if left.workerID != right.workerID { return left.workerID < right.workerID }
    return left.confidencePpm < right.confidencePpm
  }
}
