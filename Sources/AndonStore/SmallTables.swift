import GRDB

/// The small tables: the working state of a site besides its events. What each commit changes in them goes into the log when
/// it keeps the state, and a base has all of their rows.
enum SmallTables {
  /// The tables that are left out. A table that is added later is in, and must have a primary key.
  ///
  /// `event` is at the central database as rows. What is computed from events is computed again: summaries and the lists of
  /// events. `event_checksum` is in: with it a restored file proves that it has the same events. The log and how it stands
  /// belong to this copy of the file.
  static let outside: [StaticString] = [
    "event", "worker_summary", "summary_bucket", "compacted_bucket", "worker_index", "camera_index",
    "ship_log", "ship_state", "ship_backfill", "ship_patch", "ship_alias", "grdb_migrations",
  ]

  /// The names of the others in a file, in order.
  static func names(_ db: Database) throws -> [String] {
    let out = Set(outside.map { "\($0)" })
    return try String.fetchAll(
      db, sql: "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY 1"
    ).filter { !out.contains($0) }
  }

  /// The same for SQLite, which asks at each change of a table that is left out.
  static func isOutside(_ name: UnsafePointer<CChar>) -> Bool {
    for table in outside {
      let isEqual = table.withUTF8Buffer { text in
        for (place, byte) in text.enumerated() where UInt8(bitPattern: name[place]) != byte { return false }
        return name[text.count] == 0
      }
      if isEqual { return true }
    }
    return false
  }
}
