import AndonCore
import Foundation
import GRDB
import GRDBSQLite

/// Stored summaries without a copy: a site's shift is tens of thousands of them, and a `Data` for each would
/// cost more than all else together.
enum SummaryRows {
  /// Visits a leaf's summaries, sorted by worker. The spans live only inside the call.
  static func visit(
    leafMs: Int64, _ db: Database, _ body: (_ worker: Span<UInt8>, _ summary: Span<UInt8>) throws -> Void
  ) throws {
    if try visitPack(leafMs: leafMs, db, body) { return }
    try visitRows(leafMs: leafMs, db, body)
  }

  /// One read instead of one a worker; false when the leaf has no pack.
  private static func visitPack(
    leafMs: Int64, _ db: Database, _ body: (_ worker: Span<UInt8>, _ summary: Span<UInt8>) throws -> Void
  ) throws -> Bool {
    let statement = try db.cachedStatement(sql: "SELECT summaries FROM leaf_pack WHERE leaf_ms = ?")
    statement.setUncheckedArguments([leafMs.databaseValue])
    let handle = statement.sqliteStatement
    defer { sqlite3_reset(handle) }
    guard sqlite3_step(handle) == SQLITE_ROW,
      let blob = sqlite3_column_blob(handle, 0)?.assumingMemoryBound(to: UInt8.self)
    else { return false }
    let pack = Span(_unsafeStart: blob, count: Int(sqlite3_column_bytes(handle, 0)))
    guard try SummaryPack.visit(pack, body) else {
      throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "the pack of leaf \(leafMs) is damaged")
    }
    return true
  }

  /// Puts a leaf's summaries into one piece.
  static func pack(leafMs: Int64, _ db: Database) throws {
    var pack: [UInt8] = []
    try visitRows(leafMs: leafMs, db) { SummaryPack.append(worker: $0, $1, to: &pack) }
    try db.execute(
      sql: "INSERT OR REPLACE INTO leaf_pack (leaf_ms, summaries) VALUES (?, ?)",
      arguments: [leafMs, Data(pack)])
  }

  private static func visitRows(
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
