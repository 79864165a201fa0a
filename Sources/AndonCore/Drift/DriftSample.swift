/// One confidence, with what puts it in its place among the others whatever the order of arrival.
public struct DriftSample: Sendable, Hashable, Comparable {
  public var timestampMs: Int64
  public var eventID: String
  public var workerID: String
  public var confidencePpm: Int32

  public init(timestampMs: Int64, eventID: String, workerID: String, confidencePpm: Int32) {
    self.timestampMs = timestampMs
    self.eventID = eventID
    self.workerID = workerID
    self.confidencePpm = confidencePpm
  }

  public static func < (left: DriftSample, right: DriftSample) -> Bool {
    if left.timestampMs != right.timestampMs { return left.timestampMs < right.timestampMs }
    if left.eventID != right.eventID { return left.eventID < right.eventID }
    if left.workerID != right.workerID { return left.workerID < right.workerID }
    return left.confidencePpm < right.confidencePpm
  }
}
