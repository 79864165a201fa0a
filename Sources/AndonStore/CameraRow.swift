/// What the store knows of one camera.
package struct CameraRow: Sendable, Hashable {
  package var cameraID: String
  /// Events stored, low-confidence ones included.
  package var events: Int64
  /// The newest event time seen, epoch milliseconds; 0 before the first event.
  package var lastEventMs: Int64
  /// When its last event arrived by the bridge's clock; 0 before the first event.
  package var lastReceivedMs: Int64
  /// `online`, `offline` or `unknown`: the last retained word of the camera or its will.
  package var status: String
  /// A person's word that it is out of service; nil while it is in service.
  package var outOfService: OutOfService?
  /// There is a status of it, and never was an event.
  package var isGhost: Bool { events == 0 }
  /// Messages that came with QoS 0, and when the last one did; 0 and 0 for a camera that never sent one.
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

  /// How long one message with QoS 0 counts.
  package static let atMostOnceMs: Int64 = 86_400_000

  /// Whether it sends with QoS 0: no broker keeps such a message for a bridge that is away.
  package func isAtMostOnce(atMs nowMs: Int64) -> Bool {
    lastQoS0Ms > 0 && lastQoS0Ms > nowMs - Self.atMostOnceMs
  }
}
