import AndonCore
import Foundation
import GRDB
import GRDBSQLite

/// Reads stored summaries without copying them: a site's shift has tens of thousands, and a `Data` for each
/// would cost more than everything else together.
enum SummaryRows {
  /// Visits a bucket's summaries, sorted by worker. The spans are valid only inside the call.
  ///
  /// - Throws: `DamagedBucket` when one does not match its checksum; those before it were visited.
  static func visit(
    bucketMs: Int64, _ db: Database, _ damage: DamageLog,
    _ body: (_ worker: Span<UInt8>, _ summary: Span<UInt8>) throws -> Void
  ) throws {
    if try visitCompacted(bucketMs: bucketMs, db, damage, body) { return }
    try visitRows(bucketMs: bucketMs, db, damage, body)
  }

  /// One read and one checksum instead of one per worker; returns false when there is no sound compacted
  /// bucket.
  private static func visitCompacted(
    bucketMs: Int64, _ db: Database, _ damage: DamageLog,
    _ body: (_ worker: Span<UInt8>, _ summary: Span<UInt8>) throws -> Void
  ) throws -> Bool {
    let statement = try db.cachedStatement(sql: "SELECT summaries FROM compacted_bucket WHERE bucket_ms = ?")
    statement.setUncheckedArguments([bucketMs.databaseValue])
    let handle = statement.sqliteStatement
    defer { sqlite3_reset(handle) }
    guard sqlite3_step(handle) == SQLITE_ROW else { return false }
    guard let blob = sqlite3_column_blob(handle, 0)?.assumingMemoryBound(to: UInt8.self) else {
      damage.found(.compactedBucket(bucketMs: bucketMs))
      return false
    }
    let compactedBucket = Span(_unsafeStart: blob, count: Int(sqlite3_column_bytes(handle, 0)))
    guard let count = ChecksummedBlob.soundCount(compactedBucket, BlobKey.compactedBucket(bucketMs: bucketMs))
    else {
      // The rows that were compacted have checksums of their own.
      damage.found(.compactedBucket(bucketMs: bucketMs))
      return false
    }
    guard try CompactedBucket.visit(compactedBucket.extracting(0..<count), body) else {
      throw DamagedBucket(bucketMs: bucketMs)
    }
    return true
  }

  /// Compacts a bucket's summaries into one row.
  ///
  /// - Throws: `DamagedBucket` when one does not match its checksum.
  static func compact(bucketMs: Int64, _ db: Database, _ damage: DamageLog) throws {
    var compactedBucket: [UInt8] = []
    try visitRows(bucketMs: bucketMs, db, damage) {
      CompactedBucket.append(worker: $0, $1, to: &compactedBucket)
    }
    try db.execute(
      sql: "INSERT OR REPLACE INTO compacted_bucket (bucket_ms, summaries) VALUES (?, ?)",
      arguments: [bucketMs, BlobKey.compactedBucket(bucketMs: bucketMs).sealed(compactedBucket)])
  }

  /// Whether everything stored for a bucket matches its checksums; damage is recorded. O(bytes of the
  /// bucket).
  static func isSound(bucketMs: Int64, _ db: Database, _ damage: DamageLog) throws -> Bool {
    let before = damage.counts.found
    do {
      _ = try visitCompacted(bucketMs: bucketMs, db, damage) { _, _ in }
      try visitRows(bucketMs: bucketMs, db, damage) { _, _ in }
    } catch is DamagedBucket {
      return false
    }
    return damage.counts.found == before
  }

  private static func visitRows(
    bucketMs: Int64, _ db: Database, _ damage: DamageLog,
    _ body: (_ worker: Span<UInt8>, _ summary: Span<UInt8>) throws -> Void
  ) throws {
    let statement = try db.cachedStatement(
      sql: "SELECT worker_id, summary FROM worker_summary WHERE bucket_ms = ? ORDER BY worker_id")
    statement.setUncheckedArguments([bucketMs.databaseValue])
    let handle = statement.sqliteStatement
    defer { sqlite3_reset(handle) }
    while true {
      let code = sqlite3_step(handle)
      if code == SQLITE_DONE { return }
      guard code == SQLITE_ROW else {
        throw DatabaseError(
          resultCode: ResultCode(rawValue: code), message: db.lastErrorMessage, sql: statement.sql)
      }
      // SQLite requires this order: first the pointer, then its length.
      let name = sqlite3_column_text(handle, 0)
      let nameCount = Int(sqlite3_column_bytes(handle, 0))
      let blob = sqlite3_column_blob(handle, 1)?.assumingMemoryBound(to: UInt8.self)
      let blobCount = Int(sqlite3_column_bytes(handle, 1))
      let worker = Span(_unsafeStart: name ?? Self.nothing, count: name == nil ? 0 : nameCount)
      let summary = Span(_unsafeStart: blob ?? Self.nothing, count: blob == nil ? 0 : blobCount)
      let key = BlobKey.summary(bucketMs: bucketMs, worker: worker)
      guard let count = ChecksummedBlob.soundCount(summary, key) else {
        damage.found(.summary(worker: text(worker), bucketMs: bucketMs))
        throw DamagedBucket(bucketMs: bucketMs)
      }
      try body(worker, summary.extracting(0..<count))
    }
  }

  /// A valid pointer for empty spans.
  nonisolated(unsafe) private static let nothing = UnsafePointer(
    UnsafeMutablePointer<UInt8>.allocate(capacity: 1))

  static func text(_ span: Span<UInt8>) -> String {
    var bytes: [UInt8] = []
    for index in span.indices { bytes.append(span[index]) }
    return String(decoding: bytes, as: UTF8.self)
  }
}
