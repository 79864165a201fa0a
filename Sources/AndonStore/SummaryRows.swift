import AndonCore
import Foundation
import GRDB
import GRDBSQLite

/// Stored summaries without a copy: a site's shift is tens of thousands of them, and a `Data` for each would
/// cost more than all else together.
enum SummaryRows {
  /// Visits a leaf's summaries, sorted by worker. The spans live only inside the call.
  ///
  /// - Throws: `DamagedLeaf` when one does not match its checksum; those before it were visited.
  static func visit(
    leafMs: Int64, _ db: Database, _ damage: DamageLog,
    _ body: (_ worker: Span<UInt8>, _ summary: Span<UInt8>) throws -> Void
  ) throws {
    if try visitPack(leafMs: leafMs, db, damage, body) { return }
    try visitRows(leafMs: leafMs, db, damage, body)
  }

  /// One read and one checksum instead of one a worker; false when the leaf has no sound pack.
  private static func visitPack(
    leafMs: Int64, _ db: Database, _ damage: DamageLog,
    _ body: (_ worker: Span<UInt8>, _ summary: Span<UInt8>) throws -> Void
  ) throws -> Bool {
    let statement = try db.cachedStatement(sql: "SELECT summaries FROM leaf_pack WHERE leaf_ms = ?")
    statement.setUncheckedArguments([leafMs.databaseValue])
    let handle = statement.sqliteStatement
    defer { sqlite3_reset(handle) }
    guard sqlite3_step(handle) == SQLITE_ROW else { return false }
    guard let blob = sqlite3_column_blob(handle, 0)?.assumingMemoryBound(to: UInt8.self) else {
      damage.found(.pack(leafMs: leafMs))
      return false
    }
    let pack = Span(_unsafeStart: blob, count: Int(sqlite3_column_bytes(handle, 0)))
    guard let count = ChecksummedBlob.soundCount(pack, BlobKey.pack(leafMs: leafMs)) else {
      // The rows that it is a copy of have checksums of their own.
      damage.found(.pack(leafMs: leafMs))
      return false
    }
    guard try SummaryPack.visit(pack.extracting(0..<count), body) else { throw DamagedLeaf(leafMs: leafMs) }
    return true
  }

  /// Puts a leaf's summaries into one piece.
  ///
  /// - Throws: `DamagedLeaf` when one does not match its checksum.
  static func pack(leafMs: Int64, _ db: Database, _ damage: DamageLog) throws {
    var pack: [UInt8] = []
    try visitRows(leafMs: leafMs, db, damage) { SummaryPack.append(worker: $0, $1, to: &pack) }
    try db.execute(
      sql: "INSERT OR REPLACE INTO leaf_pack (leaf_ms, summaries) VALUES (?, ?)",
      arguments: [leafMs, BlobKey.pack(leafMs: leafMs).sealed(pack)])
  }

  /// Whether all that is stored of a leaf matches its checksums; what does not is noted. O(bytes of the leaf).
  static func isSound(leafMs: Int64, _ db: Database, _ damage: DamageLog) throws -> Bool {
    let before = damage.counts.found
    do {
      _ = try visitPack(leafMs: leafMs, db, damage) { _, _ in }
      try visitRows(leafMs: leafMs, db, damage) { _, _ in }
    } catch is DamagedLeaf {
      return false
    }
    return damage.counts.found == before
  }

  private static func visitRows(
    leafMs: Int64, _ db: Database, _ damage: DamageLog,
    _ body: (_ worker: Span<UInt8>, _ summary: Span<UInt8>) throws -> Void
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
      let worker = Span(_unsafeStart: name ?? Self.nothing, count: name == nil ? 0 : nameCount)
      let summary = Span(_unsafeStart: blob ?? Self.nothing, count: blob == nil ? 0 : blobCount)
      let key = BlobKey.summary(leafMs: leafMs, worker: worker)
      guard let count = ChecksummedBlob.soundCount(summary, key) else {
        damage.found(.summary(worker: text(worker), leafMs: leafMs))
        throw DamagedLeaf(leafMs: leafMs)
      }
      try body(worker, summary.extracting(0..<count))
    }
  }

  /// A place for spans without bytes.
  nonisolated(unsafe) private static let nothing = UnsafePointer(
    UnsafeMutablePointer<UInt8>.allocate(capacity: 1))

  static func text(_ span: Span<UInt8>) -> String {
    var bytes: [UInt8] = []
    for index in span.indices { bytes.append(span[index]) }
    return String(decoding: bytes, as: UTF8.self)
  }
}
