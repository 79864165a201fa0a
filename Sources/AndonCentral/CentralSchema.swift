/// The schema of the central database: forward migrations only.
///
/// They add; what a bridge calls keeps its name and meaning for a minor version after its successor came, so bridges and
/// schema are upgraded in any order.
package enum CentralSchema {
  static let migrations: [CentralMigration] = [
    CentralMigration(name: "history") { layout in
      [
        divided(tables, layout), layout == .native ? native : timescale, shipping, requests, maintenance,
        views,
      ]
      .joined(separator: "\n\n")
    },
    CentralMigration(name: "fleet") { _ in
      [
        fleetTables,
        fleetFunctions,
        patches,
      ]
      .joined(separator: "\n\n")
    },
    CentralMigration(name: "fleet_watch") { _ in watch },
  ]

  /// The newest version: how many migrations there are.
  package static var version: Int32 { Int32(migrations.count) }
  /// The oldest bridge that may write: compared with `version` of the bridge's program.
  static let oldestWriter: Int32 = 1
  /// The number of the advisory lock; its second number is 1 for migrations and 2 for maintenance.
  static let lock: Int32 = 1_634_625_646

  /// The counters of a site, in the order of `ship_v1`. Those of the bridge's ledger (docs/reliability.md).
  static let counters = [
    "received", "stored", "low_confidence", "duplicate", "rejected", "conflict", "ignored",
    "quarantine_dropped",
    "quarantine_replayed", "quarantine_purged",
  ]

  static var counterDefinitions: String {
    counters.map { "\($0) bigint NOT NULL DEFAULT 0" }.joined(separator: ", ")
  }

  /// A counter that is not sent stays.
  static var counterSets: String {
    counters.enumerated().map { "\($1) = coalesce(counters[base + \($0 + 1)], h.\($1))" }.joined(
      separator: ", ")
  }

  /// The tables with partitions, where PostgreSQL itself makes them.
  private static func divided(_ sql: String, _ layout: CentralLayout) -> String {
    guard layout == .native else { return sql }
    return ["start_ms", "timestamp_ms"].reduce(sql) {
      $0.replacing("/* in parts by \($1) */", with: "PARTITION BY RANGE (\($1))")
    }
  }
}
