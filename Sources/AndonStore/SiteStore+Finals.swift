import AndonCore
package import GRDB

/// What was published of closed windows. Written after the broker has it: a crash in between repeats a
/// publication with the same revision, and never loses one.
extension SiteStore {
  static func finals(of window: Window, _ db: Database) throws -> [FinalRow.Key: FinalRow] {
    guard let kind = window.kind else { return [:] }
    let rows = try Row.fetchCursor(
      db.cachedStatement(
        sql: "SELECT scope, id, rev, digest FROM kpi_final WHERE window_kind = ? AND start_ms = ?"),
      arguments: [kind.rawValue, window.startMs])
    var finals: [FinalRow.Key: FinalRow] = [:]
    while let row = try rows.next() {
      guard let scope = KPIScope(rawValue: row[0]) else { continue }
      let key = FinalRow.Key(kind: kind, startMs: window.startMs, scope: scope, id: row[1])
      // A damaged row gives another digest: the record is published again, with the next revision.
      let revision = max(0, min(row[2] as Int64, 1 << 40))
      finals[key] = FinalRow(key: key, revision: revision, digest: row[3] as Int64 ^ Self.mask(key, row[2]))
    }
    return finals
  }

  /// What a stored digest is mixed with, so that its key and revision are checked with it.
  package static func mask(_ key: FinalRow.Key, _ revision: Int64) -> Int64 {
    Int64(bitPattern: BlobKey.final(key, revision: revision).value)
  }

  /// Remembers what the broker acknowledged and forgets windows that began before `oldestMs`.
  ///
  /// - Parameter span: Of the newest window that is remembered, nothing that lies that close before it is forgotten:
  ///   a clock ahead of the events would make all windows old, and all of them would be published again.
  package func saveFinals(_ rows: [FinalRow], dropBefore oldestMs: Int64, keeping span: Int64) throws {
    try commit { transaction in
      let statement = try transaction.db.cachedStatement(
        sql: """
          INSERT INTO kpi_final (window_kind, start_ms, scope, id, rev, digest) VALUES (?, ?, ?, ?, ?, ?)
          ON CONFLICT DO UPDATE SET rev = excluded.rev, digest = excluded.digest
          """)
      for row in rows {
        try statement.execute(
          arguments: [
            row.key.kind.rawValue, row.key.startMs, row.key.scope.rawValue, row.key.id, row.revision,
            row.digest ^ Self.mask(row.key, row.revision),
          ])
      }
      try transaction.db.execute(
        sql: "DELETE FROM kpi_final WHERE start_ms < min(?, (SELECT max(start_ms) FROM kpi_final) - ?)",
        arguments: [oldestMs, span])
    }
  }

  /// All events received when the snapshot was taken: the number that `ChangeLog` counts by.
  package static func sequence(_ db: Database) throws -> Int64 {
    try Int64.fetchOne(db.cachedStatement(sql: "SELECT value FROM counter WHERE name = 'received'")) ?? 0
  }
}
