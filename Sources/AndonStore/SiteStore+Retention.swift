import AndonCore
import GRDB

extension SiteStore {
  /// Deletes the oldest buckets before `cutoffMs` (a bucket edge), with all that was computed of them, and keeps the final
  /// records of the windows that lose events.
  ///
  /// A bucket is deleted as a whole, in the transaction that writes the records, so that summaries, events and records
  /// agree after every step: about 5000 events, or one bucket if that has more (0.4 µs an event).
  ///
  /// - Parameter rule: nil keeps no final records.
  package func pruneStep(before cutoffMs: Int64, keeping rule: FinalRule?) throws -> PruneStep {
    precondition(cutoffMs % SummaryBucket.lengthMs == 0, "retention ends at a bucket edge")
    let plan = try database.read { try PrunePlan(before: cutoffMs, rule, self, $0) }
    guard let plan else { return PruneStep(isDone: true) }
    return try commitMaintenance { transaction in
      guard try !isObsolete(plan, transaction.db) else { return PruneStep(isObsolete: true) }
      return PruneStep(deleted: try transaction.carryOut(plan))
    }
  }

  /// Deletes as `pruneStep` and keeps no final records. Returns how many events were deleted; 0 when none is left.
  package func prune(before cutoffMs: Int64) throws -> Int {
    while true {
      let step = try pruneStep(before: cutoffMs, keeping: nil)
      if step.isDone || step.deleted > 0 { return step.deleted }
    }
  }

  /// Whether a commit since then changed what the plan was read from.
  func isObsolete(_ plan: PrunePlan, _ db: Database) throws -> Bool {
    let earliest = changes.earliestBucket(after: plan.sequence, upTo: try Self.sequence(db))
    if let earliest, earliest < plan.reachMs { return true }
    guard plan.range != nil else { return false }
    return try plan.planChanges != Self.planChanges(db)
      || plan.lastReason != Self.newReasons(after: 0, db).newest
  }
}

extension StoreTransaction {
  /// Returns how many events were deleted.
  fileprivate func carryOut(_ plan: PrunePlan) throws -> Int {
    var pending = try pendingWrites()
    var deleted = 0
    for bucketMs in plan.buckets {
      deleted += try deleteBucket(bucketMs)
      pending.drop(before: bucketMs + SummaryBucket.lengthMs)
    }
    try save(pending)
    for state in plan.carried { try save(state) }
    for (station, lastMs) in plan.stations { try carry(workstation: station, lastMs: lastMs) }
    if let last = plan.buckets.last { try noteDeleted(before: last + SummaryBucket.lengthMs) }
    for (window, records) in plan.finals {
      for (scope, records) in records { try keep(records, scope, of: window) }
    }
    if let range = plan.range { try saveFinalRange(range) }
    if let first = plan.buckets.first, let last = plan.buckets.last, deleted > 0 {
      try noteLostBackfill(first..<last + SummaryBucket.lengthMs)
    }
    return deleted
  }

  private func noteDeleted(before ms: Int64) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO event_range (id, from_ms) VALUES (1, ?)
        ON CONFLICT DO UPDATE SET from_ms = max(from_ms, excluded.from_ms)
        """
    ).execute(arguments: [ms])
  }

  /// Returns how many events were deleted.
  private func deleteBucket(_ bucketMs: Int64) throws -> Int {
    try dropIndexes(of: bucketMs)
    for table in ["worker_summary", "summary_bucket", "compacted_bucket", "event_checksum"] {
      try db.cachedStatement(sql: "DELETE FROM \(table) WHERE bucket_ms = ?").execute(arguments: [bucketMs])
    }
    try db.cachedStatement(sql: "DELETE FROM event WHERE timestamp_ms >= ? AND timestamp_ms < ?")
      .execute(arguments: [bucketMs, bucketMs + SummaryBucket.lengthMs])
    return db.changesCount
  }
}
