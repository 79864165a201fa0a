@testable import AndonConfiguration
@testable import AndonCore
@testable import AndonStore

/// Restores the file of a history.
enum RestoreFixture {
  static func restore(_ history: ShipHistory, to path: String) throws -> RestoreReport {
    try run(ModelRestore(history.server, history.store), history, to: path)
  }

  static func run(_ source: some RestoreSource, _ history: ShipHistory, to path: String) throws
    -> RestoreReport
  {
    try SiteRestore(
      path: path, siteID: "plant-a", timeoutMs: history.site.ingest.stateTimeoutMs,
      selection: history.selection, limitBytes: 1 << 30, nowMs: TestSite.nowMs
    ).run(source)
  }
}
