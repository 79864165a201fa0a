/// One camera in the store.
package struct CameraRow: Sendable, Hashable {
  package var cameraID: String
  /// Events stored, low-confidence ones included.
  package var events: Int64
  /// The newest event time seen, epoch milliseconds; 0 before the first event.
  package var lastEventMs: Int64
  /// The bridge's clock when its last event arrived; 0 before the first event.
  package var lastReceivedMs: Int64
  /// `online`, `offline` or `unknown`: the last retained status of the camera or its will.
  package var status: String
  /// Set while a person has taken it out of service.
  package var outOfService: OutOfService?
  /// Whether there is a status but never was an event.
  package var isGhost: Bool { events == 0 }
  /// How many messages it sent with QoS 0, and when the last one arrived; 0 and 0 if none.
  package var qos0Received: Int64 = 0
  package var lastQoS0Ms: Int64 = 0

  package init(
    cameraID: String, events: Int64, lastEventMs: Int64, lastReceivedMs: Int64, status: String,
    outOfService: OutOfService? = nil, qos0Received: Int64 = 0, lastQoS0Ms: Int64 = 0
  ) {
    self.cameraID = cameraID
    self.events = events
    self.lastEventMs = lastEventMs
    self.lastReceivedMs = lastReceivedMs
    self.status = status
    self.outOfService = outOfService
    self.qos0Received = qos0Received
    self.lastQoS0Ms = lastQoS0Ms
  }

  /// For how long one message with QoS 0 marks the camera, milliseconds.
  package static let atMostOnceMs: Int64 = 86_400_000

  /// Whether the camera sends with QoS 0: no broker keeps such messages for a bridge that is down.
  package func isAtMostOnce(atMs nowMs: Int64) -> Bool {
    lastQoS0Ms > 0 && lastQoS0Ms > nowMs - Self.atMostOnceMs
  }
}
