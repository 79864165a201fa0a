import AndonCore
import GRDB
import GRDBSQLite

/// What the file knows of each worker: the first state, and between which buckets the rows lie.
extension StoreTransaction {
  /// When each worker's first state ever was set, without pseudonyms that ended at or before `ms`.
  package func firstSets(endingAfter ms: Int64 = .min) throws -> [Int32: Int64] {
    let hasEnded = try Bool.fetchOne(
      db.cachedStatement(
        sql: "SELECT EXISTS (SELECT 1 FROM name INDEXED BY name_by_end WHERE ends_ms <= ?)"),
      arguments: [ms])
    let statement = try db.cachedStatement(
      sql: "SELECT worker, first_set_ms FROM worker WHERE first_set_ms IS NOT NULL"
        + (hasEnded == true ? " AND NOT EXISTS (SELECT 1 FROM name WHERE id = worker AND ends_ms <= ?1)" : "")
    )
    let handle = statement.sqliteStatement
    sqlite3_reset(handle)
    if hasEnded == true { sqlite3_bind_int64(handle, 1, ms) }
    defer { sqlite3_reset(handle) }
    var sets: [Int32: Int64] = [:]
    while true {
      let code = sqlite3_step(handle)
      if code == SQLITE_DONE { return sets }
      guard code == SQLITE_ROW else {
        throw DatabaseError(
          resultCode: ResultCode(rawValue: code), message: db.lastErrorMessage, sql: statement.sql)
      }
      sets[Int32(truncatingIfNeeded: sqlite3_column_int64(handle, 0))] = sqlite3_column_int64(handle, 1)
    }
  }

  /// Records a worker's first state; the earliest one is kept.
  package func recordFirstSet(worker: Int32, atMs: Int64) throws {
    let bucketMs = SummaryBucket.start(of: atMs)
    try insert(worker: worker, firstSetMs: atMs, bucketMs...bucketMs)
    try db.cachedStatement(
      sql: "UPDATE worker SET first_set_ms = min(coalesce(first_set_ms, ?1), ?1) WHERE worker = ?2"
    ).execute(arguments: [atMs, worker])
  }

  /// Computes when the worker's first state was set from the stored events.
  func recomputeFirstSet(worker: Int32) throws {
    let first = try WorkerRows(db, damage: damage).firstSet(of: worker)
    try insert(worker: worker, firstSetMs: first, allBuckets(with: 0))
    try db.cachedStatement(sql: "UPDATE worker SET first_set_ms = ? WHERE worker = ?")
      .execute(arguments: [first, worker])
  }

  /// Records that the worker has an event in this bucket. Returns the buckets between which all of them lie now.
  package func recordBucket(worker: Int32, _ bucketMs: Int64) throws -> ClosedRange<Int64> {
    try insert(worker: worker, firstSetMs: nil, bucketMs...bucketMs)
    let known = try buckets(of: worker) ?? allBuckets(with: bucketMs)
    let buckets = min(known.lowerBound, bucketMs)...max(known.upperBound, bucketMs)
    try db.cachedStatement(
      sql: "UPDATE worker SET first_bucket_ms = ?, last_bucket_ms = ?, checksum = ? WHERE worker = ?"
    ).execute(arguments: [
      buckets.lowerBound, buckets.upperBound, BlobKey.worker(worker, buckets), worker,
    ])
    return buckets
  }

  /// The buckets between which all rows of the worker lie; nil when that is not known, or is damaged. They can be too
  /// many: retention does not change them.
  func buckets(of worker: Int32) throws -> ClosedRange<Int64>? {
    let row = try Row.fetchOne(
      db.cachedStatement(
        sql: "SELECT first_bucket_ms, last_bucket_ms, checksum FROM worker WHERE worker = ?"),
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

  private func insert(worker: Int32, firstSetMs: Int64?, _ buckets: ClosedRange<Int64>) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO worker (worker, first_set_ms, first_bucket_ms, last_bucket_ms, checksum)
        VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
        """
    ).execute(arguments: [
      worker, firstSetMs, buckets.lowerBound, buckets.upperBound, BlobKey.worker(worker, buckets),
    ])
  }
}
