/// A stored event as it is shipped.
package struct ShippedEvent: Sendable, Hashable {
  package var timestampMs: Int64
  package var workerID: String
  /// 0 absent, 1 idle, 2 working, 3 product_count.
  package var kind: Int16
  package var workstationID: String
  package var eventID: String
  package var cameraID: String
  package var modelVersion: String
  /// Millionths.
  package var confidencePpm: Int32?
  package var count: Int32
  package var isAccepted: Bool
  package var receivedAtMs: Int64

  package init(
    timestampMs: Int64, workerID: String, kind: Int16, workstationID: String, eventID: String,
    cameraID: String,
    modelVersion: String, confidencePpm: Int32?, count: Int32, isAccepted: Bool, receivedAtMs: Int64
  ) {
    self.timestampMs = timestampMs
    self.workerID = workerID
    self.kind = kind
    self.workstationID = workstationID
    self.eventID = eventID
    self.cameraID = cameraID
    self.modelVersion = modelVersion
    self.confidencePpm = confidencePpm
    self.count = count
    self.isAccepted = isAccepted
    self.receivedAtMs = receivedAtMs
  }
}
