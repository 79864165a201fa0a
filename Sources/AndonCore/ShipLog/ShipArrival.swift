/// What the bridge adds to an event.
package struct ShipArrival: Sendable {
  package var receivedAtMs: Int64
  package var isAccepted: Bool
  /// The sender's id is a canonical UUID.
  package var isUUID: Bool

  package init(receivedAtMs: Int64, isAccepted: Bool, isUUID: Bool) {
    (self.receivedAtMs, self.isAccepted, self.isUUID) = (receivedAtMs, isAccepted, isUUID)
  }
}
