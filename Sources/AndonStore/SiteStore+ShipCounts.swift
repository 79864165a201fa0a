import AndonCore
import GRDB

/// How many rows of a kind a site's file has of a day, or the central database does.
package struct ShipCount: Sendable, Hashable {
  /// As the table is called at the central database: `event`, `kpi`, `alert`, …
  package var table: String
  /// Days since 1970-01-01, UTC.
  package var day: Int64
  package var rows: Int64

  package init(table: String, day: Int64, rows: Int64) {
    (self.table, self.day, self.rows) = (table, day, rows)
  }
}

extension SiteStore {
  /// Tables with times, and the time in each; the same rows are shipped.
  private static let countedTables = [
    ("alert", "alert_journal", "noted_ms"), ("gap", "gap", "noted_at_ms"), ("stop", "told_stop", "start_ms"),
    ("stop_reason", "stop_reason", "start_ms"), ("target", "target_change", "at_ms"),
    ("calendar_change", "calendar_change", "at_ms"),
  ]

  /// Counts what the central database should have, by day, and says up to which position of the log that is. Nil while the
  /// log is off. Reads all events since `sinceMs` where these are shipped.
  package func shipCounts(sinceMs: Int64) throws -> (upTo: ShipPosition, counts: [ShipCount])? {
    try database.read { db in
      guard let state = try ShipState.read(db) else { return nil }
      var counts: [ShipCount] = []
      func count(_ name: String, _ table: String, _ time: String, _ condition: String = "") throws {
        let day = CivilTime.millisecondsPerDay
        counts += try Row.fetchAll(
          db,
          sql: "SELECT \(time) / \(day), count(*) FROM \(table) WHERE \(time) >= ?\(condition) GROUP BY 1",
          arguments: [sinceMs]
        ).map { ShipCount(table: name, day: $0[0], rows: $0[1]) }
      }
      if state.selection.events { try count("event", "event", "timestamp_ms") }
      let scopes = state.selection.scopes.map { "'\($0.rawValue)'" }.joined(separator: ", ")
      try count("kpi", "kpi_final", "start_ms", " AND scope IN (\(scopes))")
      for (name, table, time) in Self.countedTables { try count(name, table, time) }
      return (state.committed, counts)
    }
  }
}
