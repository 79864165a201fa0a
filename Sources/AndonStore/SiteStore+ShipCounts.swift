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

extension ShipCount {
  /// The tables that are counted: as the central database calls them, as the file does, and the time in both.
  package static let tables = [
    (name: "event", inFile: "event", time: "timestamp_ms"), ("kpi", "kpi_final", "start_ms"),
    ("alert", "alert_journal", "noted_ms"), ("gap", "gap", "noted_at_ms"), ("stop", "told_stop", "start_ms"),
    ("stop_reason", "stop_reason", "start_ms"), ("target", "target_change", "at_ms"),
    ("calendar_change", "calendar_change", "at_ms"),
  ]
}

extension SiteStore {
  /// Counts what the central database should have, by day, and says up to which position of the log that is. Nil while the
  /// log is off. Reads all events since `sinceMs` where these are shipped.
  package func shipCounts(sinceMs: Int64) throws -> (upTo: ShipPosition, counts: [ShipCount])? {
    try database.read { db in
      guard let state = try ShipState.read(db) else { return nil }
      let scopes = state.selection.scopes.map { "'\($0.rawValue)'" }.joined(separator: ", ")
      let day = CivilTime.millisecondsPerDay
      var counts: [ShipCount] = []
      for (name, table, time) in ShipCount.tables where name != "event" || state.selection.events {
        let condition = name == "kpi" ? " AND scope IN (\(scopes))" : ""
        counts += try Row.fetchAll(
          db,
          sql: "SELECT \(time) / \(day), count(*) FROM \(table) WHERE \(time) >= ?\(condition) GROUP BY 1",
          arguments: [sinceMs]
        ).map { ShipCount(table: name, day: $0[0], rows: $0[1]) }
      }
      return (state.committed, counts)
    }
  }
}
