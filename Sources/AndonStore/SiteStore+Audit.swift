import AndonCore
import GRDB

extension SiteStore {
  /// Recomputes the lists and summaries of `pairs` random (worker, day) pairs from the rows and compares them with the
  /// stored ones.
  ///
  /// Each pair is read from its own snapshot, so that a long audit does not delay a checkpoint of the
  /// write-ahead log. O(events of the pairs).
  package func audit(
    pairs: Int, timeoutMs: Int64, using random: inout some RandomNumberGenerator
  ) throws -> AuditReport {
    var report = AuditReport()
    let (workers, firstMs, lastMs) = try database.read { db in
      let row = try Row.fetchOne(db, sql: "SELECT min(bucket_ms), max(bucket_ms) FROM summary_bucket")
      return (try Self.workers(db), row?[0] as Int64? ?? 0, row?[1] as Int64? ?? -1)
    }
    guard firstMs <= lastMs, !workers.isEmpty else { return report }
    for _ in 0..<pairs {
      guard let worker = workers.randomElement(using: &random) else { break }
      let instant = Int64.random(in: firstMs...lastMs, using: &random)
      let day = instant - instant % 86_400_000
      try audit(worker: worker, fromMs: day, toMs: day + 86_400_000, timeoutMs: timeoutMs, into: &report)
      report.pairs += 1
    }
    return report
  }

  /// Compares every summary of every worker. O(events): for a manual check.
  package func auditAll(timeoutMs: Int64) throws -> AuditReport {
    var report = AuditReport()
    let workers = try database.read { try Self.workers($0) }
    for worker in workers {
      try audit(
        worker: worker, fromMs: Int64.min / 4, toMs: Int64.max / 4, timeoutMs: timeoutMs, into: &report)
      report.pairs += 1
    }
    return report
  }

  private func audit(
    worker: String, fromMs: Int64, toMs: Int64, timeoutMs: Int64, into report: inout AuditReport
  ) throws {
    try database.read { db in
      let rows = WorkerRows(db, damage: damage)
      guard let number = try rows.number(of: worker) else { return }
      let buckets = try Row.fetchAll(
        db, sql: "SELECT bucket_ms, timeout_ms FROM summary_bucket WHERE bucket_ms >= ? AND bucket_ms < ?",
        arguments: [fromMs, toMs]
      ).map { (startMs: $0[0] as Int64, timeoutMs: $0[1] as Int64) }
      let transaction = StoreTransaction(reading: db, damage: damage)
      let pending = try transaction.pendingWrites().scanned
      for bucket in buckets where !pending.contains(bucket.startMs) {
        guard bucket.timeoutMs == timeoutMs else {
          report.stale += 1
          continue
        }
        let events = try rows.events(worker: number, bucketMs: bucket.startMs)
        let expected = TimelineSummary(
          of: events, originMs: bucket.startMs, timeoutMs: timeoutMs, hasWorker: number != 0)
        let stored = try transaction.storedSummary(worker: number, bucketMs: bucket.startMs)
        let list = try transaction.storedEvents(worker: number, bucketMs: bucket.startMs)
        report.buckets += 1
        let encoded = expected.isEmpty ? nil : expected.encoded(originMs: bucket.startMs)
        if list != events || stored != StoreTransaction.StoredSummary(encoded) {
          report.mismatches.append(AuditReport.Mismatch(worker: worker, bucketMs: bucket.startMs))
        }
      }
    }
  }

  /// The lines of SQLite's `quick_check` of the file's structure; none when it is sound. O(file).
  package func integrityProblems() throws -> [String] {
    try database.read { db in
      try String.fetchAll(db, sql: "PRAGMA quick_check(20)").filter { $0 != "ok" }
    }
  }

  /// Recomputes the summaries of these workers and buckets from their events.
  package func recompute(_ mismatches: [AuditReport.Mismatch], timeoutMs: Int64) throws {
    try commitMaintenance { transaction in
      for bucketMs in Set(mismatches.map(\.bucketMs)) {
        try transaction.recompute(bucketMs: bucketMs, timeoutMs: timeoutMs)
      }
    }
  }

  /// Recomputes one bucket whose summaries have another time-out; returns false when none is left.
  package func recomputeStaleBucket(timeoutMs: Int64) throws -> Bool {
    let found = try database.read { db in
      try Int64.fetchOne(
        db, sql: "SELECT bucket_ms FROM summary_bucket WHERE timeout_ms <> ? ORDER BY bucket_ms DESC LIMIT 1",
        arguments: [timeoutMs])
    }
    guard let bucketMs = found else { return false }
    // The figures stay the same: such a bucket was read from its events.
    try commit { try $0.recompute(bucketMs: bucketMs, timeoutMs: timeoutMs) }
    return true
  }

  /// The buckets with events that the range overlaps, in order.
  package func buckets(in range: Range<Int64>) throws -> [Int64] {
    try database.read { db in
      try Int64.fetchAll(
        db,
        sql: "SELECT bucket_ms FROM summary_bucket WHERE bucket_ms >= ? AND bucket_ms < ? ORDER BY bucket_ms",
        arguments: [SummaryBucket.start(of: range.lowerBound), range.upperBound])
    }
  }

  /// Recomputes all summaries of a bucket from its events.
  package func recompute(bucketMs: Int64, timeoutMs: Int64) throws {
    try commitMaintenance { try $0.recompute(bucketMs: bucketMs, timeoutMs: timeoutMs) }
  }

  /// Compacts one bucket that has been quiet since `beforeMs`; returns false when none is left. The compacted
  /// bucket is a copy for fast reading: a later event deletes it.
  package func compactBucket(before beforeMs: Int64, timeoutMs: Int64) throws -> Bool {
    let found = try database.read { db in
      try Int64.fetchOne(
        db,
        sql: """
          SELECT bucket_ms FROM summary_bucket WHERE bucket_ms < ? AND timeout_ms = ?
            AND NOT EXISTS (SELECT 1 FROM compacted_bucket WHERE compacted_bucket.bucket_ms = summary_bucket.bucket_ms)
          ORDER BY bucket_ms DESC LIMIT 1
          """, arguments: [beforeMs, timeoutMs])
    }
    guard let bucketMs = found else { return false }
    do {
      try commit { try SummaryRows.compact(bucketMs: bucketMs, timeoutMs: timeoutMs, $0.db, damage) }
    } catch is DamagedBucket {
      try recompute(bucketMs: bucketMs, timeoutMs: timeoutMs)
    }
    return true
  }
}
