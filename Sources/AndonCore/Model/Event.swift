/// One validated event of one camera: a value that satisfies every rule of the wire format.
///
/// Two events are the same when `workerID`, `timestampMs`, `kind`, `workstationID` and `eventID` are equal
/// (within one site). Everything else about a repeat is ignored, but a difference is counted as a conflict.
public struct Event: Sendable, Hashable {
  /// The camera's time, milliseconds since 1970-01-01T00:00:00Z.
  public var timestampMs: Int64
  /// The worker, or the empty string for a `product_count` without one.
  public var workerID: String
  public var workstationID: String
  public var kind: EventKind
  /// The model's confidence in millionths, floored, 0…1 000 000; nil only for `product_count`.
  public var confidencePpm: Int32?
  /// Units made, 0…10 000; 0 unless `kind` is `product_count`.
  public var count: Int32
  /// The sender's own id, or the empty string.
  public var eventID: String
  /// The version of the vision model, or the empty string.
  public var modelVersion: String
  /// Its place in the camera's count of events, where the camera counts.
  public var sequence: SequenceNumber?

  public init(
    timestampMs: Int64, workerID: String, workstationID: String, kind: EventKind, confidencePpm: Int32?,
    count: Int32 = 0, eventID: String = "", modelVersion: String = "", sequence: SequenceNumber? = nil
  ) {
    self.timestampMs = timestampMs
    self.workerID = workerID
    self.workstationID = workstationID
    self.kind = kind
    self.confidencePpm = confidencePpm
    self.count = count
    self.eventID = eventID
    self.modelVersion = modelVersion
    self.sequence = sequence
  }
}
