/// What the overview keeps at most. What is beyond is counted and shown, never kept.
package struct FleetLimits: Sendable, Equatable {
  /// Sites of all brokers.
  package var sites = 20_000
  /// Open alerts of one site.
  package var alerts = 100
  /// Estimated bytes of all sites and alerts.
  package var bytes = 256 << 20
  /// Bridges of all brokers.
  package var bridges = 2000
  /// A site whose figures are older is stale, milliseconds.
  package var staleAfterMs: Int64 = 60_000
  /// The figures of a tile are sent at most that often; a change of its state at once. Milliseconds.
  package var figuresEveryMs: Int64 = 5000

  /// A site that was silent for that many times `staleAfterMs` is offline.
  package static let offlineFactor: Int64 = 5

  package init() {}
}
