package import AndonCore
package import GRDB

/// The published records of closed windows. They are written after the PUBACK: a crash in between repeats a
/// publication with the same revision and never loses one.
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

  /// The value that a stored digest is combined with, so that damage to key and revision is detected too.
  package static func mask(_ key: FinalRow.Key, _ revision: Int64) -> Int64 {
    Int64(bitPattern: BlobKey.final(key, revision: revision).value)
  }

  /// Records what the broker acknowledged and deletes windows that began before `oldestMs`.
  ///
  /// - Parameter span: Windows at most this long before the newest recorded one are kept: a clock ahead of
  ///   the events would make all windows old, and all of them would be published again.
  package func saveFinals(
    _ publications: [FinalPublication], dropBefore oldestMs: Int64, keeping span: Int64
  ) throws {
    try commit { transaction in
      let statement = try transaction.db.cachedStatement(
        sql: """
          INSERT INTO kpi_final (window_kind, start_ms, scope, id, rev, digest) VALUES (?, ?, ?, ?, ?, ?)
          ON CONFLICT DO UPDATE SET rev = excluded.rev, digest = excluded.digest
          """)
      for publication in publications {
        let row = publication.row
        // A worker who was erased since it was published: nothing may name the id again.
        if row.key.scope == .worker, try transaction.nameID(.worker, row.key.id) == nil { continue }
        try statement.execute(
          arguments: [
            row.key.kind.rawValue, row.key.startMs, row.key.scope.rawValue, row.key.id, row.revision,
            row.digest ^ Self.mask(row.key, row.revision),
          ])
        guard let record = publication.record, logsFinals(of: row.key.scope) else { continue }
        try transaction.ship([.final(ShippedFinal(record, revision: row.revision))])
      }
      try transaction.db.execute(
        sql: "DELETE FROM kpi_final WHERE start_ms < min(?, (SELECT max(start_ms) FROM kpi_final) - ?)",
        arguments: [oldestMs, span])
    }
  }

  /// Whether the log wants final records of a scope.
  package func logsFinals(of scope: KPIScope) -> Bool { shipSelection?.scopes.contains(scope) ?? false }

  /// The number of commits up to the snapshot: the sequence number of `ChangeLog`.
  package static func sequence(_ db: Database) throws -> Int64 {
    try Int64.fetchOne(db.cachedStatement(sql: "SELECT sequence FROM progress")) ?? 0
  }
}
