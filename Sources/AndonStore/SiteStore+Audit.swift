import AndonCore
import GRDB

extension SiteStore {
  /// Recomputes the summaries of that many random (worker, day) pairs from the stored events and compares bytes.
  ///
  /// Each pair is read from a snapshot of its own, so that a long audit holds up no checkpoint. O(events of the
  /// pairs).
  package func audit(
    pairs: Int, timeoutMs: Int64, using random: inout some RandomNumberGenerator
  ) throws -> AuditReport {
    var report = AuditReport()
    let (workers, firstMs, lastMs) = try database.read { db in
      let row = try Row.fetchOne(db, sql: "SELECT min(leaf_ms), max(leaf_ms) FROM leaf")
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

  /// Compares every summary of every worker. O(events): for a check by hand.
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
      let leaves = try Row.fetchAll(
        db, sql: "SELECT leaf_ms, timeout_ms FROM leaf WHERE leaf_ms >= ? AND leaf_ms < ?",
        arguments: [fromMs, toMs]
      ).map { (startMs: $0[0] as Int64, timeoutMs: $0[1] as Int64) }
      let transaction = StoreTransaction(reading: db, damage: damage)
      for leaf in leaves {
        guard leaf.timeoutMs == timeoutMs else {
          report.stale += 1
          continue
        }
        let expected = try transaction.recomputedSummary(
          worker: worker, fromMs: leaf.startMs, toMs: leaf.startMs + TimelineLeaf.lengthMs,
          timeoutMs: timeoutMs)
        let stored = try transaction.storedSummary(worker: worker, leafMs: leaf.startMs)
        report.leaves += 1
        if stored != StoreTransaction.StoredSummary(expected?.encoded(originMs: leaf.startMs)) {
          report.mismatches.append(AuditReport.Mismatch(worker: worker, leafMs: leaf.startMs))
        }
      }
    }
  }

  /// SQLite's own check of the file's structure; the lines it complains with, none when all is well. O(file).
  package func integrityProblems() throws -> [String] {
    try database.read { db in
      try String.fetchAll(db, sql: "PRAGMA quick_check(20)").filter { $0 != "ok" }
    }
  }

  /// Folds these leaves again from their events, as after a mismatch.
  package func refold(_ mismatches: [AuditReport.Mismatch], timeoutMs: Int64) throws {
    changes.noteEverything()
    try commit { transaction in
      for mismatch in mismatches {
        try transaction.refold(worker: mismatch.worker, leafMs: mismatch.leafMs, timeoutMs: timeoutMs)
      }
    }
    changes.noteEverything()
  }

  /// Folds one leaf again that was folded with another time-out; false when there is none left.
  package func refoldStaleLeaf(timeoutMs: Int64) throws -> Bool {
    let found = try database.read { db in
      try Int64.fetchOne(
        db, sql: "SELECT leaf_ms FROM leaf WHERE timeout_ms <> ? ORDER BY leaf_ms DESC LIMIT 1",
        arguments: [timeoutMs])
    }
    guard let leafMs = found else { return false }
    try refoldAll(leafMs: leafMs, timeoutMs: timeoutMs)
    return true
  }

  private func refoldAll(leafMs: Int64, timeoutMs: Int64) throws {
    guard abs(leafMs / 2) < Int64.max / 4 else {
      // No event is that far away: the row itself is damaged.
      return try commit { try $0.db.execute(sql: "DELETE FROM leaf WHERE leaf_ms = ?", arguments: [leafMs]) }
    }
    try commit { transaction in
      // Also what is there under a worker who is none.
      try transaction.db.execute(sql: "DELETE FROM timeline_leaf WHERE leaf_ms = ?", arguments: [leafMs])
      for worker in try Self.workers(transaction.db) {
        try transaction.refold(worker: worker, leafMs: leafMs, timeoutMs: timeoutMs)
      }
      try transaction.db.execute(
        sql: "UPDATE leaf SET timeout_ms = ? WHERE leaf_ms = ?", arguments: [timeoutMs, leafMs])
    }
  }

  /// The quarters of an hour with events that the range touches, in order.
  package func leaves(in range: Range<Int64>) throws -> [Int64] {
    try database.read { db in
      try Int64.fetchAll(
        db, sql: "SELECT leaf_ms FROM leaf WHERE leaf_ms >= ? AND leaf_ms < ? ORDER BY leaf_ms",
        arguments: [TimelineLeaf.start(of: range.lowerBound), range.upperBound])
    }
  }

  /// Folds all summaries of a quarter of an hour again from their events.
  package func refold(leafMs: Int64, timeoutMs: Int64) throws {
    changes.noteEverything()
    try refoldAll(leafMs: leafMs, timeoutMs: timeoutMs)
    changes.noteEverything()
  }

  /// Packs one leaf that has been quiet since `beforeMs`; false when there is none left. A pack is a copy for
  /// fast reading: an event that comes later deletes it.
  package func packLeaf(before beforeMs: Int64, timeoutMs: Int64) throws -> Bool {
    let found = try database.read { db in
      try Int64.fetchOne(
        db,
        sql: """
          SELECT leaf_ms FROM leaf WHERE leaf_ms < ? AND timeout_ms = ?
            AND NOT EXISTS (SELECT 1 FROM leaf_pack WHERE leaf_pack.leaf_ms = leaf.leaf_ms)
          ORDER BY leaf_ms DESC LIMIT 1
          """, arguments: [beforeMs, timeoutMs])
    }
    guard let leafMs = found else { return false }
    do {
      try commit { try SummaryRows.pack(leafMs: leafMs, $0.db, damage) }
    } catch is DamagedLeaf {
      try refold(leafMs: leafMs, timeoutMs: timeoutMs)
    }
    return true
  }
}
