import AndonCore
import GRDB

/// Finding damage that no query reads, and repairing it from the event rows.
extension SiteStore {
  /// Checks the summaries of `count` buckets, newest first, starting before `beforeMs`; damage is recorded.
  /// Returns where to continue, nil at the end. O(bytes of the summaries).
  package func scanSummaries(before beforeMs: Int64, count: Int) throws -> Int64? {
    try database.read { db in
      let buckets = try Int64.fetchAll(
        db,
        sql: """
          SELECT bucket_ms FROM worker_summary WHERE bucket_ms < ?1 UNION SELECT bucket_ms FROM compacted_bucket
          WHERE bucket_ms < ?1 ORDER BY 1 DESC LIMIT ?2
          """, arguments: [beforeMs, count])
      for bucketMs in buckets { _ = try SummaryRows.isSound(bucketMs: bucketMs, db, damage) }
      return buckets.count < count ? nil : buckets.last
    }
  }

  /// Repairs one damaged part. Drift states are left alone: the ingest loop saves them again by itself.
  package func repair(_ part: DamageLog.Part, timeoutMs: Int64) throws {
    switch part {
    case .summary(_, let bucketMs), .eventIndex(let bucketMs):
      try recompute(bucketMs: bucketMs, timeoutMs: timeoutMs)
    case .compactedBucket(let bucketMs):
      try commit {
        try $0.db.execute(sql: "DELETE FROM compacted_bucket WHERE bucket_ms = ?", arguments: [bucketMs])
      }
    // Settled when the ingest loop opens the file or finds it changed.
    case .driftState, .pendingWrites: return
    case .carriedState(let worker):
      try commitMaintenance { transaction in
        try transaction.db.execute(sql: "DELETE FROM carried_state WHERE worker = ?", arguments: [worker])
        try transaction.recomputeFirstSet(worker: worker)
      }
    case .sequence(let camera):
      try commit { try CameraRow.repairSequence(camera: camera, $0.db) }
    case .driftCheckpoint(let key, let atMs):
      try commit {
        try $0.db.execute(
          sql: "DELETE FROM drift_checkpoint WHERE camera_id = ? AND model_version = ? AND at_ms = ?",
          arguments: [key.cameraID, key.modelVersion, atMs])
      }
    case .driftHour(let key, let hour):
      // The next late sample before it computes it again, from an earlier one.
      try commit {
        try $0.db.execute(
          sql: "UPDATE drift_hour SET rules = x'' WHERE camera_id = ? AND model_version = ? AND hour = ?",
          arguments: [key.cameraID, key.modelVersion, hour])
      }
    case .shipBody(let seq): try mendLog(seq)
    case .alert(let rule, let source, let version):
      try commit { transaction in
        // Unless the ingest loop has written a new one meanwhile.
        guard try !transaction.isAlarmSound(rule, source, version) else { return }
        if let machine = try Self.lifeAnew(rule, source, version, siteID: siteID, transaction.db) {
          return try transaction.save(machine, site: siteID)
        }
        try transaction.db.execute(
          sql: "DELETE FROM alarm_state WHERE rule = ? AND source_id = ? AND model_version = ?",
          arguments: [rule, source, version])
      }
    }
    damage.repaired(part)
  }

  /// Repairs the indexes of the summaries: lists buckets that have accepted events and are not listed, and
  /// corrects the first states of workers. Returns how many entries were wrong. O(workers), and O(events) of
  /// buckets with only low-confidence ones.
  package func repairIndexes() throws -> Int {
    var wrong = 0
    let unlisted = try database.read { db in
      try Int64.fetchAll(
        db, sql: "SELECT bucket_ms FROM event_checksum EXCEPT SELECT bucket_ms FROM summary_bucket"
      ).filter { bucketMs in
        try Bool.fetchOne(
          db.cachedStatement(
            sql: """
              SELECT EXISTS (SELECT 1 FROM event WHERE timestamp_ms >= ? AND timestamp_ms < ? AND accepted = 1)
              """), arguments: [bucketMs, bucketMs + SummaryBucket.lengthMs]) ?? false
      }
    }
    if !unlisted.isEmpty {
      try commitMaintenance { transaction in
        for bucketMs in unlisted { try transaction.addBucket(bucketMs, timeoutMs: 0) }
      }
      wrong += unlisted.count
    }
    let differing = try database.read { db in
      let known = try StoreTransaction(reading: db).firstSets()
      let rows = WorkerRows(db)
      return try Self.workers(db).compactMap { try $0.isEmpty ? nil : rows.number(of: $0) }
        .filter { try known[$0] != rows.firstSet(of: $0) }
    }
    guard !differing.isEmpty else { return wrong }
    try commitMaintenance { transaction in
      for worker in differing { try transaction.recomputeFirstSet(worker: worker) }
    }
    return wrong + differing.count
  }

  /// Whether the bucket's rows match their stored count and checksum.
  package func rowsAreSound(bucketMs: Int64) throws -> Bool {
    try damagedQuarters(fromMs: bucketMs, toMs: bucketMs + SummaryBucket.lengthMs).isEmpty
  }

  /// The first and the last bucket with rows; nil when there are none.
  package func eventQuarters() throws -> ClosedRange<Int64>? {
    try database.read { db in
      let row = try Row.fetchOne(db, sql: "SELECT min(bucket_ms), max(bucket_ms) FROM event_checksum")
      guard let row, let first = row[0] as Int64?, let last = row[1] as Int64? else { return nil }
      return first...last
    }
  }
}

extension StoreTransaction {
  fileprivate func isAlarmSound(_ rule: String, _ source: String, _ version: String) throws -> Bool {
    let row = try Row.fetchOne(
      db,
      sql: "SELECT life, checksum FROM alarm_state WHERE rule = ? AND source_id = ? AND model_version = ?",
      arguments: [rule, source, version])
    guard let row, let machine = String.fromDatabaseValue(row[0]) else { return row == nil }
    var sum = BlobKey.alert(rule, source, version)
    sum.add(machine)
    return Int64.fromDatabaseValue(row[1]) == Int64(bitPattern: sum.value)
  }
}
