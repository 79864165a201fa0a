import AndonCore
import GRDB

extension SiteStore {
  /// About how many events one transaction deletes; the ingest loop waits for it.
  private static let stepRows = 5000

  /// Deletes the oldest events before `cutoffMs` (a bucket edge), about 5000 at a time, with their summaries.
  /// Returns how many events were deleted; 0 when none is left.
  ///
  /// A worker's bucket is deleted as a whole, events and summary in one transaction, so that summaries and
  /// events agree after every step.
  package func prune(before cutoffMs: Int64) throws -> Int {
    precondition(cutoffMs % SummaryBucket.lengthMs == 0, "retention ends at a bucket edge")
    let (workers, hasBuckets) = try database.read { db in
      (
        try String.fetchAll(
          db,
          sql: """
            SELECT id FROM (SELECT id FROM entity WHERE kind = 'worker' UNION ALL SELECT '' AS id) AS name
            WHERE EXISTS (SELECT 1 FROM event WHERE worker_id = name.id AND timestamp_ms < ?)
            """, arguments: [cutoffMs]),
        try Bool.fetchOne(
          db, sql: "SELECT EXISTS (SELECT 1 FROM summary_bucket WHERE bucket_ms < ?)", arguments: [cutoffMs])
          ?? false
      )
    }
    guard !workers.isEmpty || hasBuckets else { return 0 }
    return try commitMaintenance { transaction in
      var pending = try transaction.pendingWrites()
      pending.drop(before: cutoffMs)
      try transaction.save(pending)
      // What is left in these buckets until the last step does not match their checksums.
      try transaction.db.execute(sql: "DELETE FROM event_checksum WHERE bucket_ms < ?", arguments: [cutoffMs])
      var deleted = 0
      for worker in workers where deleted < Self.stepRows {
        deleted += try transaction.prune(worker: worker, before: cutoffMs, atLeast: Self.stepRows - deleted)
      }
      if workers.isEmpty { try transaction.dropBuckets(before: cutoffMs) }
      return deleted
    }
  }
}

extension StoreTransaction {
  /// Deletes a worker's oldest buckets until `rows` events are deleted or none is left.
  fileprivate func prune(worker: String, before cutoffMs: Int64, atLeast rows: Int) throws -> Int {
    var deleted = 0
    while deleted < rows {
      let first = try Int64.fetchOne(
        db.cachedStatement(
          sql: "SELECT timestamp_ms FROM event WHERE worker_id = ? AND timestamp_ms < ? ORDER BY 1 LIMIT 1"),
        arguments: [worker, cutoffMs])
      guard let first else { break }
      let bucketMs = SummaryBucket.start(of: first)
      try db.cachedStatement(
        sql: "DELETE FROM event WHERE worker_id = ? AND timestamp_ms >= ? AND timestamp_ms < ?"
      ).execute(arguments: [worker, bucketMs, bucketMs + SummaryBucket.lengthMs])
      deleted += db.changesCount
      try dropSummary(worker: worker, bucketMs: bucketMs)
    }
    if deleted > 0 { try recomputeFirstSet(worker: worker) }
    return deleted
  }

  fileprivate func dropBuckets(before cutoffMs: Int64) throws {
    try db.execute(sql: "DELETE FROM summary_bucket WHERE bucket_ms < ?", arguments: [cutoffMs])
    try db.execute(sql: "DELETE FROM compacted_bucket WHERE bucket_ms < ?", arguments: [cutoffMs])
  }
}
