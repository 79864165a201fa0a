import AndonCore
import GRDB

extension SiteStore {
  /// About how many events one transaction deletes; the ingest loop waits for it.
  private static let stepRows = 5000

  /// Deletes the oldest buckets before `cutoffMs` (a bucket edge), with all that was computed of them. Returns how many
  /// events were deleted; 0 when none is left.
  ///
  /// A bucket is deleted as a whole in one transaction, so that summaries and events agree after every step: about 5000
  /// events, or one bucket if that has more (0.4 µs an event).
  package func prune(before cutoffMs: Int64) throws -> Int {
    precondition(cutoffMs % SummaryBucket.lengthMs == 0, "retention ends at a bucket edge")
    let buckets = try database.read { db in
      try Self.eventBuckets(fromMs: .min, toMs: cutoffMs, db) + Self.orphans(before: cutoffMs, db)
    }
    guard !buckets.isEmpty else { return 0 }
    return try commitMaintenance { transaction in
      var pending = try transaction.pendingWrites()
      var deleted = 0
      for bucketMs in Set(buckets).sorted() where deleted < Self.stepRows {
        deleted += try transaction.deleteBucket(bucketMs)
        pending.drop(before: bucketMs + SummaryBucket.lengthMs)
      }
      try transaction.save(pending)
      try transaction.recomputeFirstSets(before: cutoffMs)
      return deleted
    }
  }

  /// Buckets that a damaged file has something of, but no rows.
  private static func orphans(before cutoffMs: Int64, _ db: Database) throws -> [Int64] {
    try Int64.fetchAll(
      db,
      sql: """
        SELECT bucket_ms FROM summary_bucket WHERE bucket_ms < ?1 UNION
        SELECT bucket_ms FROM compacted_bucket WHERE bucket_ms < ?1
        """, arguments: [cutoffMs])
  }
}

extension StoreTransaction {
  /// Returns how many events were deleted.
  fileprivate func deleteBucket(_ bucketMs: Int64) throws -> Int {
    try dropIndexes(of: bucketMs)
    for table in ["worker_summary", "summary_bucket", "compacted_bucket", "event_checksum"] {
      try db.cachedStatement(sql: "DELETE FROM \(table) WHERE bucket_ms = ?").execute(arguments: [bucketMs])
    }
    try db.cachedStatement(sql: "DELETE FROM event WHERE timestamp_ms >= ? AND timestamp_ms < ?")
      .execute(arguments: [bucketMs, bucketMs + SummaryBucket.lengthMs])
    return db.changesCount
  }

  /// Computes the first states that were deleted again.
  fileprivate func recomputeFirstSets(before cutoffMs: Int64) throws {
    let oldest = try Int64.fetchOne(db, sql: "SELECT min(timestamp_ms) FROM event") ?? .max
    let workers = try Int32.fetchAll(
      db, sql: "SELECT worker FROM worker WHERE first_set_ms < ?", arguments: [min(oldest, cutoffMs)])
    for worker in workers { try recomputeFirstSet(worker: worker) }
  }
}
