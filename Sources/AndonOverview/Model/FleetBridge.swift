/// What is known of one bridge.
struct FleetBridge: Sendable {
  var availability: Kept<Bool>?
  var heartbeat: Kept<FleetMessage.Heartbeat>?

  /// It said so, or its will did.
  var isOffline: Bool { availability?.value == false }
}
