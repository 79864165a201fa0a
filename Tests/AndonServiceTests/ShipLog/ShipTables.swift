import GRDB

@testable import AndonCore
@testable import AndonStore

/// What the tables of a file hold, as records of the log.
enum ShipTables {
  static func rows(_ store: SiteStore) throws -> [ShipRecord] {
    try store.database.read { db in
      var rows: [ShipRecord] = []
      for read in [
        ShipRows.alarms, ShipRows.gaps, ShipRows.stops, ShipRows.reasons, ShipRows.targets,
        ShipRows.calendarChanges, ShipRows.reports,
      ] { rows += try read("1", [], db) }
      rows += try ShipRows.cameras(db)
      rows.append(try ShipRows.counters(nil, db))
      var events = EventRows(db)
      try events.visit(where: "1", []) {
        rows.append(.event(ShippedEvent($0.stored)))
        return true
      }
      return rows
    }
  }

  /// Which rows of the tables a server does not have, or has otherwise; counters that are 0 need not be told.
  static func missing(_ store: SiteStore, at server: ShipServer) throws -> [String] {
    var missing: [String] = []
    for row in try rows(store) {
      let there = server.rows[ShipServer.key(row)]
      if case .counters(let counters) = row {
        var told: [Int: Int64] = [:]
        if case .counters(let values) = there { told = values.values }
        for (place, value) in counters.values where value != told[place] ?? 0 {
          missing.append("counter \(place): \(value), told \(told[place] ?? 0)")
        }
        continue
      }
      if there != row { missing.append("\(row), told \(there.map { "\($0)" } ?? "nothing")") }
    }
    let finals = try store.database.read {
      try Row.fetchAll($0, sql: "SELECT window_kind, start_ms, scope, id, rev FROM kpi_final")
    }
    for row in finals
    where try store.shipState()?.selection.scopes.contains(where: { $0.rawValue == row[2] }) ?? false {
      let key = "final \(row[0] as String) \(row[1] as Int64) \(row[2] as String) \(row[3] as String)"
      guard case .final(let told) = server.rows[key], told.revision == row[4] else {
        missing.append("\(key) \(row[4] as Int64)")
        continue
      }
    }
    return missing
  }

  /// Events that a server has and the file does not.
  static func extra(_ store: SiteStore, at server: ShipServer) throws -> [String] {
    let there = Set(try rows(store).map(ShipServer.key))
    return server.rows.keys.filter { $0.hasPrefix("event ") && !there.contains($0) }.sorted()
  }
}
