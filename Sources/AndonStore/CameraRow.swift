package import AndonCore

/// One camera in the store.
package struct CameraRow: Sendable, Hashable {
  package var cameraID: String
  /// Events stored, low-confidence ones included.
  package var events: Int64
  /// The newest event time seen, epoch milliseconds; nil before the first event.
  package var lastEventMs: Int64?
  /// The bridge's clock when its last event arrived; nil before the first event.
  package var lastReceivedMs: Int64?
  package var status: CameraStatus
  /// Set while a person has taken it out of service.
  package var outOfService: OutOfService?
  /// Whether there is a status but never was an event.
  package var isGhost: Bool { events == 0 }
  /// How many messages it sent with QoS 0, and when the last one arrived; 0 and nil if none.
  package var qos0Received: Int64 = 0
  package var lastQoS0Ms: Int64?

  /// What is missing of its events, by their numbers; nil for a camera that does not number them.
  package var sequence: CameraSequence?

  package init(
    cameraID: String, events: Int64, lastEventMs: Int64?, lastReceivedMs: Int64?, status: CameraStatus,
    outOfService: OutOfService? = nil, qos0Received: Int64 = 0, lastQoS0Ms: Int64? = nil,
    sequence: CameraSequence? = nil
  ) {
    self.cameraID = cameraID
    self.events = events
    self.lastEventMs = lastEventMs
    self.lastReceivedMs = lastReceivedMs
    self.status = status
    self.outOfService = outOfService
    self.qos0Received = qos0Received
    self.lastQoS0Ms = lastQoS0Ms
    self.sequence = sequence
  }

  /// For how long one message with QoS 0 marks the camera, milliseconds.
  package static let atMostOnceMs: Int64 = 86_400_000

  /// Whether the camera sends with QoS 0: no broker keeps such messages for a bridge that is down.
  package func isAtMostOnce(atMs nowMs: Int64) -> Bool {
    lastQoS0Ms.map { $0 > nowMs - Self.atMostOnceMs } ?? false
  }
}
