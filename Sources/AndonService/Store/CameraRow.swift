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
}
