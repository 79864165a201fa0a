import GRDB

extension SiteStore {
  /// Adds rows in one transaction; they are on the disk when this returns.
  package func append(_ rows: [AccessRow]) throws {
    try commit { transaction in
      let statement = try transaction.db.cachedStatement(
        sql: """
          INSERT INTO access_log (at_ms, user, proof, address, operation, worker_id, subjects, from_ms, to_ms, reason)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
          """)
      for row in rows {
        try statement.execute(arguments: [
          row.atMs, row.user, row.proof, row.address, row.operation, row.workerID, row.subjects, row.fromMs,
          row.toMs, row.reason,
        ])
      }
    }
  }

  /// Rows of a range of time, newest first.
  ///
  /// - Parameters:
  ///   - before: Only rows with a lower `seq`: the last one of the page before.
  ///   - user: Only of this user.
  package func accessLog(
    fromMs: Int64, toMs: Int64, before: Int64? = nil, user: String? = nil, limit: Int
  ) throws -> [AccessRow] {
    try database.read { db in
      // A file that no bridge of this version has opened yet.
      guard try db.tableExists("access_log") else { return [] }
      return try Row.fetchAll(
        db,
        sql: """
          \(Self.columns)
          WHERE at_ms >= ?1 AND at_ms < ?2 AND (?3 IS NULL OR seq < ?3) AND (?4 IS NULL OR user = ?4)
          ORDER BY seq DESC LIMIT ?5
          """, arguments: [fromMs, toMs, before, user, limit]
      ).map(Self.accessRow)
    }
  }

  /// The rows of a range of time, oldest first, one after the other: any number of them.
  package func visitAccessLog(fromMs: Int64, toMs: Int64, _ body: (AccessRow) throws -> Void) throws {
    try database.read { db in
      guard try db.tableExists("access_log") else { return }
      let rows = try Row.fetchCursor(
        db, sql: "\(Self.columns) WHERE at_ms >= ? AND at_ms < ? ORDER BY seq", arguments: [fromMs, toMs])
      while let row = try rows.next() { try body(Self.accessRow(row)) }
    }
  }

  private static let columns = """
    SELECT seq, at_ms, user, proof, address, operation, worker_id, subjects, from_ms, to_ms, reason FROM access_log
    """

  private static func accessRow(_ row: Row) -> AccessRow {
    var access = AccessRow(
      atMs: row[1], user: row[2], proof: row[3], address: row[4], operation: row[5], workerID: row[6],
      subjects: row[7], fromMs: row[8], toMs: row[9], reason: row[10])
    access.seq = row[0]
    return access
  }
}
