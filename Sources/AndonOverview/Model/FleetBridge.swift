/// What is known of one bridge.
struct FleetBridge: Sendable {
  var availability: Kept<Bool>?
  var heartbeat: Kept<FleetMessage.Heartbeat>?
  /// The sites that say that it serves them, of the ids of its heartbeat.
  var claims: Set<String> = []

  /// It said so, or its will did.
  var isOffline: Bool { availability?.value == false }

  /// Nothing says any more that it exists.
  var isGone: Bool { availability == nil && heartbeat == nil }

  /// Estimated bytes in memory, without the claims.
  var bytes: Int {
    guard !isGone else { return 0 }
    let troubles = heartbeat?.value.troubles ?? [:]
    let sites = heartbeat?.value.sites ?? []
    return Self.ownBytes + sites.reduce(0) { $0 + 16 + $1.utf8.count }
      + troubles.reduce(0) { $0 + 64 + $1.key.utf8.count + $1.value.utf8.count }
  }

  /// Estimated bytes of a claim: an id in the bridge's set, and one in the site's.
  static let claimBytes = 200
  private static let ownBytes = 300
}
