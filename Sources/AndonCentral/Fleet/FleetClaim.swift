/// Which sites a bridge wants at most. Those pinned to it come in addition.
package struct FleetClaim: Sendable, Equatable {
  package var mostSites: Int32 = .max
  package var mostWeight = 0.0
  /// Sites whose file must be made from the server first.
  package var mostRestores: Int32 = 0
  package var files: [FleetFile] = []
  /// Not these.
  package var unfit: [String] = []
  package var retentionMs: Int64?

  package init() {}
}
