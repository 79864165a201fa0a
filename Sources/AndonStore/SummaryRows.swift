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
    _ body: (_ worker: Int32, _ summary: Span<UInt8>) throws -> Void
  ) throws {
    // One read and one checksum instead of one per worker.
    let isCompacted = try withCompacted(
      "summaries", BlobKey.compactedBucket(bucketMs: bucketMs), bucketMs, db, damage
    ) {
      guard try CompactedBucket.visit($0, body) else { throw DamagedBucket(bucketMs: bucketMs) }
    }
    if !isCompacted { try visitRows(bucketMs: bucketMs, db, damage, body) }
  }

  /// Gives the sums of a bucket's workers, sorted by worker; returns false when there are no sound ones with this
  /// time-out. The span is valid only inside the call.
  static func withSums(
    bucketMs: Int64, timeoutMs: Int64, _ db: Database, _ damage: DamageLog,
    _ body: (Span<UInt8>) throws -> Void
  ) throws -> Bool {
    let key = BlobKey.sums(bucketMs: bucketMs, timeoutMs: timeoutMs)
    return try withCompacted("sums", key, bucketMs, db, damage, body)
  }

  /// Returns false when there is no sound compacted bucket.
  private static func withCompacted(
    _ column: String, _ key: Checksum, _ bucketMs: Int64, _ db: Database, _ damage: DamageLog,
    _ body: (Span<UInt8>) throws -> Void
  ) throws -> Bool {
    let statement = try db.cachedStatement(sql: "SELECT \(column) FROM compacted_bucket WHERE bucket_ms = ?")
    statement.setUncheckedArguments([bucketMs.databaseValue])
    let handle = statement.sqliteStatement
    defer { sqlite3_reset(handle) }
    guard sqlite3_step(handle) == SQLITE_ROW else { return false }
    // SQLite requires this order: first the pointer, then its length.
    let blob = sqlite3_column_blob(handle, 0)?.assumingMemoryBound(to: UInt8.self)
    let bytes = Span(
      _unsafeStart: blob ?? Self.nothing, count: blob == nil ? 0 : Int(sqlite3_column_bytes(handle, 0)))
    guard let count = ChecksummedBlob.soundCount(bytes, key) else {
      // The rows that were compacted have checksums of their own.
      damage.found(.compactedBucket(bucketMs: bucketMs))
      return false
    }
    try body(bytes.extracting(0..<count))
    return true
  }

  /// What a compacted bucket holds: a function of the summaries.
  private struct Compacted: Equatable {
    var sums: [UInt8] = []
    var summaries: [UInt8] = []

    /// - Throws: `DamagedBucket` when a summary does not match its checksum.
    init(bucketMs: Int64, _ db: Database, _ damage: DamageLog) throws {
      var (sums, summaries): ([UInt8], [UInt8]) = ([], [])
      try visitRows(bucketMs: bucketMs, db, damage) { worker, encoded in
        guard let summary = TimelineSummary(encoded: encoded, originMs: bucketMs) else {
          damage.found(.summary(worker: worker, bucketMs: bucketMs))
          throw DamagedBucket(bucketMs: bucketMs)
        }
        WorkerSums(worker: worker, summary, originMs: bucketMs).append(to: &sums)
        CompactedBucket.append(worker: worker, encoded, to: &summaries)
      }
      (self.sums, self.summaries) = (sums, summaries)
    }
  }

  /// Compacts a bucket's summaries into one row.
  ///
  /// - Parameter timeoutMs: of the summaries.
  /// - Throws: `DamagedBucket` when one does not match its checksum.
  static func compact(bucketMs: Int64, timeoutMs: Int64, _ db: Database, _ damage: DamageLog) throws {
    let compacted = try Compacted(bucketMs: bucketMs, db, damage)
    try db.execute(
      sql: "INSERT OR REPLACE INTO compacted_bucket (bucket_ms, sums, summaries) VALUES (?, ?, ?)",
      arguments: [
        bucketMs, BlobKey.sums(bucketMs: bucketMs, timeoutMs: timeoutMs).sealed(compacted.sums),
        BlobKey.compactedBucket(bucketMs: bucketMs).sealed(compacted.summaries),
      ])
  }

  /// Whether everything stored for a bucket matches its checksums, and the compacted copy its summaries; damage is
  /// recorded. O(bytes of the bucket).
  static func isSound(bucketMs: Int64, _ db: Database, _ damage: DamageLog) throws -> Bool {
    do {
      let expected = try Compacted(bucketMs: bucketMs, db, damage)
      let row = try Row.fetchOne(
        db.cachedStatement(
          sql: """
            SELECT sums, summaries, timeout_ms FROM compacted_bucket JOIN summary_bucket USING (bucket_ms)
            WHERE bucket_ms = ?
            """), arguments: [bucketMs])
      guard let row else { return true }
      let sums = BlobKey.sums(bucketMs: bucketMs, timeoutMs: row[2]).opened(row[0])
      let summaries = BlobKey.compactedBucket(bucketMs: bucketMs).opened(row[1])
      if sums == expected.sums, summaries == expected.summaries { return true }
      damage.found(.compactedBucket(bucketMs: bucketMs))
    } catch is DamagedBucket {}
    return false
  }

  private static func visitRows(
    bucketMs: Int64, _ db: Database, _ damage: DamageLog,
    _ body: (_ worker: Int32, _ summary: Span<UInt8>) throws -> Void
  ) throws {
    try visitBlobs(
      "SELECT worker, summary FROM worker_summary WHERE bucket_ms = ? ORDER BY worker", bucketMs, db
    ) { worker, bytes in
      guard let count = ChecksummedBlob.soundCount(bytes, BlobKey.summary(bucketMs: bucketMs, worker: worker))
      else {
        damage.found(.summary(worker: worker, bucketMs: bucketMs))
        throw DamagedBucket(bucketMs: bucketMs)
      }
      try body(worker, bytes.extracting(0..<count))
    }
  }

  /// Visits the lists of events of a bucket's workers, sorted by worker.
  ///
  /// - Throws: `DamagedBucket` when one does not match its checksum.
  static func visitLists(
    bucketMs: Int64, _ db: Database, _ damage: DamageLog,
    _ body: (_ worker: Int32, _ events: Span<UInt8>) throws -> Void
  ) throws {
    try visitBlobs(
      "SELECT worker, events FROM worker_index WHERE bucket_ms = ? ORDER BY worker", bucketMs, db
    ) { worker, bytes in
      guard let count = ChecksummedBlob.soundCount(bytes, BlobKey.workerIndex(bucketMs: bucketMs, worker))
      else {
        damage.found(.eventIndex(bucketMs: bucketMs))
        throw DamagedBucket(bucketMs: bucketMs)
      }
      try body(worker, bytes.extracting(0..<count))
    }
  }

  private static func visitBlobs(
    _ sql: String, _ bucketMs: Int64, _ db: Database,
    _ body: (_ worker: Int32, _ blob: Span<UInt8>) throws -> Void
  ) throws {
    let statement = try db.cachedStatement(sql: sql)
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
      let worker = Int32(truncatingIfNeeded: sqlite3_column_int64(handle, 0))
      let blob = sqlite3_column_blob(handle, 1)?.assumingMemoryBound(to: UInt8.self)
      let count = Int(sqlite3_column_bytes(handle, 1))
      try body(worker, Span(_unsafeStart: blob ?? Self.nothing, count: blob == nil ? 0 : count))
    }
  }

  /// A valid pointer for empty spans.
  nonisolated(unsafe) private static let nothing = UnsafePointer(
    UnsafeMutablePointer<UInt8>.allocate(capacity: 1))
}
