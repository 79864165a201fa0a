/// How a bridge takes part in its fleet.
package struct FleetSettings: Sendable, Equatable {
  /// Its name, one of its own.
  package var bridge: String
  /// What it says about its program, for people.
  package var version: String
  /// How often it says that it lives. Milliseconds; each time 10 % shorter or longer.
  package var beatMs: Int64 = 2000
  /// A bridge whose beat stands still for so long is declared dead by the others. At least four beats.
  package var ttlMs: Int64 = 8000
  /// How much it carries, compared with the others; above 0.
  package var capacity = 1.0
  /// Without a broker for so long it gives its sites to bridges that have one.
  package var brokerGraceMs: Int64 = 60_000
  /// Files that are made from the central database at the same time, at most.
  package var parallelRestores = 4
  /// How long it does not take a site again that it could not run.
  package var unfitMs: Int64 = 600_000
  /// How old its sites' events and figures of workers may become at the server; nil: for ever.
  package var retentionMs: Int64?

  package init(bridge: String, version: String) {
    (self.bridge, self.version) = (bridge, version)
  }

  /// A call that takes longer would make the bridge look dead.
  package var timeoutMs: Int64 { max(500, ttlMs / 2) }
}
