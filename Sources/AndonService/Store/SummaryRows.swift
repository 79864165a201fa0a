import AndonCore
import GRDB
import GRDBSQLite

/// Stored summaries without a copy: a site's shift is tens of thousands of rows, and a `Data` for each would
/// cost more than all else together.
enum SummaryRows {
  /// Visits a leaf's summaries, sorted by worker. The spans live only inside the call.
  static func visit(
    leafMs: Int64, _ db: Database, _ body: (_ worker: Span<UInt8>, _ summary: Span<UInt8>) throws -> Void
  ) throws {
    let statement = try db.cachedStatement(
      sql: "SELECT worker_id, summary FROM timeline_leaf WHERE leaf_ms = ? ORDER BY worker_id")
    statement.setUncheckedArguments([leafMs.databaseValue])
    let handle = statement.sqliteStatement
    defer { sqlite3_reset(handle) }
    while true {
      let code = sqlite3_step(handle)
      if code == SQLITE_DONE { return }
      guard code == SQLITE_ROW else {
        throw DatabaseError(
          resultCode: ResultCode(rawValue: code), message: db.lastErrorMessage, sql: statement.sql)
      }
      // SQLite asks for this order: first the pointer, then its length.
      let name = sqlite3_column_text(handle, 0)
      let nameCount = Int(sqlite3_column_bytes(handle, 0))
      let blob = sqlite3_column_blob(handle, 1)?.assumingMemoryBound(to: UInt8.self)
      let blobCount = Int(sqlite3_column_bytes(handle, 1))
      guard let name, let blob else { continue }
      try body(
        Span(_unsafeStart: name, count: nameCount), Span(_unsafeStart: blob, count: blobCount))
    }
  }
}
