import AndonCore
import GRDB

/// Names of people that nothing needs any more.
extension StoreTransaction {
  /// Deletes the workers of whom no row is left, with what was carried forward of them: an id is as unknown as before
  /// its first event. The ingest loop reads its names again.
  ///
  /// A day after the last event its state cannot reach into a window any more. The newest name stays, so that no number
  /// is given twice.
  func pruneWorkers(rows: Int) throws -> Int {
    guard let oldest = try SiteStore.eventBuckets(fromMs: .min, toMs: .max, db).first else { return 0 }
    let found = try Int64.fetchAll(
      db.cachedStatement(
        sql: """
          SELECT worker FROM worker WHERE worker <> 0 AND last_bucket_ms < ?
            AND worker < (SELECT max(id) FROM name) LIMIT ?
          """), arguments: [oldest - CivilTime.millisecondsPerDay - SummaryBucket.lengthMs, rows])
    // A damaged row says nothing.
    let gone = try found.filter { try buckets(of: Int32(truncatingIfNeeded: $0)) != nil }
    for worker in gone {
      for (table, column) in [("name", "id"), ("worker", "worker"), ("carried_state", "worker")] {
        try db.cachedStatement(sql: "DELETE FROM \(table) WHERE \(column) = ?").execute(arguments: [worker])
      }
    }
    if !gone.isEmpty { try countGeneration() }
    return gone.count
  }

  /// How many names the site has, without pseudonyms that ended before `ms`; changes when `pruneWorkers` deleted some.
  package func nameCount(endingAfter ms: Int64) throws -> Int {
    try Int.fetchOne(
      db.cachedStatement(sql: "SELECT count(*) FROM name WHERE ends_ms IS NULL OR ends_ms > ?"),
      arguments: [ms]) ?? 0
  }

  /// Takes the names of those who decided something out of older rows, which stay. Returns how many rows changed.
  func forgetPeople(before cutoffMs: Int64, rows: Int) throws -> Int {
    var changed = 0
    for sql in Self.forgetting {
      try db.cachedStatement(sql: sql).execute(arguments: ["cutoff": cutoffMs, "rows": rows])
      changed += db.changesCount
    }
    return try changed + forgetInAlarms(before: cutoffMs)
  }

  /// A field that a record need not have is removed, others are empty.
  private static let forgetting = [
    """
    UPDATE alert_journal SET record = json_remove(record, '$.by', '$.acked_by', '$.shelved_by') WHERE seq IN (
      SELECT seq FROM alert_journal WHERE noted_ms < :cutoff AND instr(record, 'by":"') > 0 AND json_valid(record)
        AND json_remove(record, '$.by', '$.acked_by', '$.shelved_by') <> record LIMIT :rows)
    """,
    """
    UPDATE ground_truth SET said_by = '' WHERE occurrence_id IN (
      SELECT occurrence_id FROM ground_truth WHERE at_ms < :cutoff AND said_by <> '' LIMIT :rows)
    """,
    """
    UPDATE calendar_change SET by = '', by_verified = 0 WHERE id IN (
      SELECT id FROM calendar_change WHERE at_ms < :cutoff AND by <> '' LIMIT :rows)
    """,
    """
    UPDATE target_change SET by = '', by_verified = 0 WHERE id IN (
      SELECT id FROM target_change WHERE at_ms < :cutoff AND by <> '' LIMIT :rows)
    """,
    """
    UPDATE camera_out_of_service SET by = '', by_verified = 0 WHERE camera_id IN (
      SELECT camera_id FROM camera_out_of_service WHERE since_ms < :cutoff AND by <> '' LIMIT :rows)
    """,
    """
    UPDATE stop_reason SET by = '', by_verified = 0 WHERE id IN (
      SELECT id FROM stop_reason WHERE at_ms < :cutoff AND by <> '' LIMIT :rows)
    """,
    """
    UPDATE told_stop SET payload = CAST(json_remove(CAST(payload AS TEXT), '$.by', '$.by_verified') AS BLOB)
    WHERE start_ms < :cutoff AND instr(payload, CAST('"by":"' AS BLOB)) > 0 AND :rows > 0
    """,
    "DELETE FROM command_result WHERE req_id IN (SELECT req_id FROM command_result WHERE at_ms < :cutoff LIMIT :rows)",
  ]

  /// States of alarms have a checksum.
  private func forgetInAlarms(before cutoffMs: Int64) throws -> Int {
    let rows = try Row.fetchAll(
      db,
      sql: """
        SELECT rule, source_id, model_version, json_remove(life, '$.occurrence.ackedBy') FROM alarm_state
        WHERE json_valid(life) AND json_extract(life, '$.occurrence.ackedBy') IS NOT NULL
          AND json_extract(life, '$.occurrence.ackedMs') < ?
        """, arguments: [cutoffMs])
    for row in rows {
      let (rule, source, version, life): (String, String, String, String) = (row[0], row[1], row[2], row[3])
      var checksum = BlobKey.alert(rule, source, version)
      checksum.add(life)
      try db.execute(
        sql: """
          UPDATE alarm_state SET life = ?, checksum = ? WHERE rule = ? AND source_id = ? AND model_version = ?
          """, arguments: [life, Int64(bitPattern: checksum.value), rule, source, version])
    }
    return rows.count
  }
}
