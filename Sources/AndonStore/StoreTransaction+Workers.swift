import AndonCore
import GRDB

/// What the file knows of each worker: the first state, and between which buckets the rows lie.
extension StoreTransaction {
  /// When each worker's first state ever was set.
  package func firstSets() throws -> [String: Int64] {
    let rows = try Row.fetchCursor(
      db.cachedStatement(sql: "SELECT worker_id, first_set_ms FROM worker WHERE first_set_ms IS NOT NULL"))
    var sets: [String: Int64] = [:]
    while let row = try rows.next() { sets[row[0]] = row[1] }
    return sets
  }

  /// Records a worker's first state; the earliest one is kept.
  package func recordFirstSet(worker: String, atMs: Int64) throws {
    let bucketMs = SummaryBucket.start(of: atMs)
    try insert(worker: worker, firstSetMs: atMs, bucketMs...bucketMs)
    try db.cachedStatement(
      sql: "UPDATE worker SET first_set_ms = min(coalesce(first_set_ms, ?1), ?1) WHERE worker_id = ?2"
    ).execute(arguments: [atMs, worker])
  }

  /// Computes when the worker's first state was set from the stored events.
  func recomputeFirstSet(worker: String) throws {
    let first = try WorkerRows(db, damage: damage).firstSet(of: worker)
    try insert(worker: worker, firstSetMs: first, allBuckets(with: 0))
    try db.cachedStatement(sql: "UPDATE worker SET first_set_ms = ? WHERE worker_id = ?")
      .execute(arguments: [first, worker])
  }

  /// Records that the worker has an event in this bucket.
  package func recordBucket(worker: String, _ bucketMs: Int64) throws {
    try insert(worker: worker, firstSetMs: nil, bucketMs...bucketMs)
    let known = try buckets(of: worker) ?? allBuckets(with: bucketMs)
    let buckets = min(known.lowerBound, bucketMs)...max(known.upperBound, bucketMs)
    try db.cachedStatement(
      sql: "UPDATE worker SET first_bucket_ms = ?, last_bucket_ms = ?, checksum = ? WHERE worker_id = ?"
    ).execute(arguments: [
      buckets.lowerBound, buckets.upperBound, BlobKey.worker(worker, buckets), worker,
    ])
  }

  /// The buckets between which all rows of the worker lie; nil when that is not known, or is damaged. They can be too
  /// many: retention does not change them.
  func buckets(of worker: String) throws -> ClosedRange<Int64>? {
    let row = try Row.fetchOne(
      db.cachedStatement(
        sql: "SELECT first_bucket_ms, last_bucket_ms, checksum FROM worker WHERE worker_id = ?"),
      arguments: [worker])
    guard let row, let first = Int64.fromDatabaseValue(row[0]), let last = Int64.fromDatabaseValue(row[1]),
      first <= last, Int64.fromDatabaseValue(row[2]) == BlobKey.worker(worker, first...last)
    else { return nil }
    return first...last
  }

  /// For a worker whose buckets are not known: the first and the last one of all.
  private func allBuckets(with bucketMs: Int64) throws -> ClosedRange<Int64> {
    let all = try SiteStore.eventBuckets(fromMs: .min, toMs: .max, db)
    guard let first = all.first, let last = all.last else { return bucketMs...bucketMs }
    return first...last
  }

  private func insert(worker: String, firstSetMs: Int64?, _ buckets: ClosedRange<Int64>) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO worker (worker_id, first_set_ms, first_bucket_ms, last_bucket_ms, checksum)
        VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
        """
    ).execute(arguments: [
      worker, firstSetMs, buckets.lowerBound, buckets.upperBound, BlobKey.worker(worker, buckets),
    ])
  }
}
