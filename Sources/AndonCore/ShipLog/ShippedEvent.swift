/// A stored event. Its identity is that of the file: worker, time, kind, workstation and the sender's id.
package struct ShippedEvent: Sendable, Hashable {
  /// Without its place in the camera's count, which the file does not keep.
  package var event: Event
  package var cameraID: String
  /// Passed the confidence gate when it was stored.
  package var isAccepted: Bool
  /// The bridge's clock at the commit, epoch milliseconds.
  package var receivedAtMs: Int64

  package init(event: Event, cameraID: String, isAccepted: Bool, receivedAtMs: Int64) {
    self.event = event
    self.event.sequence = nil
    (self.cameraID, self.isAccepted, self.receivedAtMs) = (cameraID, isAccepted, receivedAtMs)
  }
}
