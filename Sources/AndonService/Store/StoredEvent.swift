package import AndonCore

/// An event as it lies in the store, with what the bridge added to it.
package struct StoredEvent: Sendable, Hashable {
  package var event: Event
  package var cameraID: String
  /// Passed the confidence gate when it was stored.
  package var isAccepted: Bool
  /// The bridge's clock at the commit that stored it, epoch milliseconds.
  package var receivedAtMs: Int64
}
