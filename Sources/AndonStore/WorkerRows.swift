import AndonCore
import GRDB

/// Finds the rows of one worker: by the index of a bucket, or by a scan where that is not complete or damaged.
struct WorkerRows {
  private let id: Int64
  private let db: Database
  private let transaction: StoreTransaction
  /// Buckets whose index is not complete.
  private let scanned: Set<Int64>

  /// Nil for a worker that the site does not know.
  init?(_ worker: String, _ db: Database) throws {
    transaction = StoreTransaction(reading: db)
    guard let id = try transaction.nameID(.worker, worker) else { return nil }
    (self.id, self.db) = (id, db)
    scanned = try transaction.pendingWrites().scanned
  }

  /// Visits the worker's events of the bucket that lie in `[fromMs, toMs)`, in order of time.
  func visit(bucketMs: Int64, fromMs: Int64, toMs: Int64, _ body: (StoredEvent) throws -> Void) throws {
    let (fromMs, toMs) = (max(fromMs, bucketMs), min(toMs, bucketMs + SummaryBucket.lengthMs))
    guard fromMs < toMs else { return }
    if !scanned.contains(bucketMs), let times = try transaction.storedTimes(worker: id, bucketMs: bucketMs) {
      try transaction.visitEvents(
        worker: id, bucketMs: bucketMs, times.within(fromMs - bucketMs..<toMs - bucketMs), body)
      return
    }
    var rows = EventRows(db)
    try rows.visit(
      where:
        "timestamp_ms >= ? AND timestamp_ms < ? AND worker = ? ORDER BY timestamp_ms, kind, workstation, event_id",
      [fromMs, toMs, id]
    ) {
      try body($0.stored)
      return true
    }
  }
}
