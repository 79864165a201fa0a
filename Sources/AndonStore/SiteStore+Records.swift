import AndonCore
import GRDB

/// Retention of everything that is not an event.
extension SiteStore {
  /// The most rows deleted from one table in one transaction.
  private static let stepRows = 2000
  /// How many hours the rules look back: the first two weeks of a camera are its profile of confidence, the last four
  /// that of its rate; two days in reserve.
  private static let hoursKept = RateRule.baseline + 2 * 24
  /// How many shifts of a type `productivity` compares with.
  private static let shiftsKept = ProductivityRule.baseline

  /// Deletes what is too old, at most 2000 rows of each table, and takes the names of people out of rows that stay
  /// longer. Returns how many rows were deleted or changed; 0 when none is left.
  ///
  /// What is still needed stays regardless of its age: open alarms with the journal of their occurrence, the
  /// hours and shifts that rules compare with, and the outbox.
  package func pruneRecords(before cutoffs: RecordCutoffs) throws -> Int {
    try commit { transaction in
      var changed = try transaction.pruneDriftStates(before: cutoffs.figuresMs)
      for (cutoff, sql) in Self.pruning {
        try transaction.db.execute(
          sql: sql, arguments: ["cutoff": cutoffs[keyPath: cutoff], "rows": Self.stepRows])
        changed += transaction.db.changesCount
      }
      changed += try transaction.pruneQuarantine(before: cutoffs.quarantineMs, rows: Self.stepRows)
      changed += try transaction.pruneWorkers(rows: Self.stepRows)
      return try changed + transaction.forgetPeople(before: cutoffs.peopleNamesMs, rows: Self.stepRows)
    }
  }

  /// Occurrences that are not over.
  private static let openOccurrences = """
    SELECT occurrence_id FROM episode WHERE ended_ms IS NULL UNION
    SELECT json_extract(life, '$.occurrence.id') FROM alarm_state WHERE state <> 'normal' AND json_valid(life)
      AND json_extract(life, '$.occurrence.id') IS NOT NULL
    """

  private static let pruning: [(cutoff: any KeyPath<RecordCutoffs, Int64> & Sendable, sql: String)] = [
    (
      \.accessLogMs,
      "DELETE FROM access_log WHERE seq IN (SELECT seq FROM access_log WHERE at_ms < :cutoff LIMIT :rows)"
    ),
    (
      \.alarmsMs,
      """
      DELETE FROM alert_journal WHERE seq IN (
        SELECT seq FROM alert_journal WHERE noted_ms < :cutoff
          AND occurrence_id NOT IN (\(openOccurrences)) LIMIT :rows)
      """
    ),
    (
      \.alarmsMs,
      """
      DELETE FROM ground_truth WHERE occurrence_id IN (
        SELECT occurrence_id FROM ground_truth WHERE at_ms < :cutoff
          AND occurrence_id NOT IN (\(openOccurrences)) LIMIT :rows)
      """
    ),
    (
      \.alarmsMs,
      """
      DELETE FROM episode WHERE (rule, source_id, model_version, since_ms) IN (
        SELECT rule, source_id, model_version, since_ms FROM episode WHERE ended_ms < :cutoff LIMIT :rows)
      """
    ),
    (
      \.alarmsMs,
      """
      DELETE FROM alarm_state WHERE (rule, source_id, model_version) IN (
        SELECT rule, source_id, model_version FROM alarm_state WHERE state = 'normal' AND json_valid(life)
          AND coalesce(json_extract(life, '$.occurrence.clearedMs'), json_extract(life, '$.occurrence.raisedMs'))
            < :cutoff LIMIT :rows)
      """
    ),
    (
      \.alarmsMs,
      "DELETE FROM gap WHERE id IN (SELECT id FROM gap WHERE max(to_ms, noted_at_ms) < :cutoff LIMIT :rows)"
    ),
    (
      \.figuresMs,
      """
      DELETE FROM shift_result WHERE (workstation_id, start_ms) IN (
        SELECT workstation_id, start_ms FROM (
          SELECT workstation_id, start_ms,
            row_number() OVER (PARTITION BY workstation_id, shift_id ORDER BY start_ms DESC) AS newest
          FROM shift_result)
        WHERE start_ms < :cutoff AND newest > \(shiftsKept) LIMIT :rows)
      """
    ),
    (
      \.figuresMs,
      "DELETE FROM stop_reason WHERE id IN (SELECT id FROM stop_reason WHERE start_ms < :cutoff LIMIT :rows)"
    ),
    (
      \.figuresMs,
      """
      DELETE FROM drift_checkpoint WHERE (camera_id, model_version, at_ms) IN (
        SELECT camera_id, model_version, at_ms FROM drift_checkpoint AS state WHERE at_ms < :cutoff
          AND NOT EXISTS (SELECT 1 FROM drift_state WHERE drift_state.camera_id = state.camera_id
            AND drift_state.model_version = state.model_version) LIMIT :rows)
      """
    ),
    (
      \.figuresMs,
      """
      DELETE FROM drift_hour WHERE (camera_id, model_version, hour) IN (
        SELECT camera_id, model_version, hour FROM drift_hour
        WHERE hour < min(:cutoff / \(HourSum.milliseconds),
          coalesce((SELECT max(last_event_ms) FROM camera), 0) / \(HourSum.milliseconds) - \(hoursKept))
        LIMIT :rows)
      """
    ),
    (
      \.figuresMs,
      """
      DELETE FROM final_figures WHERE rowid IN (
        SELECT rowid FROM final_figures
        WHERE scope IN ('site', 'area', 'line', 'workstation') AND start_ms < :cutoff LIMIT :rows)
      """
    ),
    (
      \.workerFiguresMs,
      """
      DELETE FROM final_figures WHERE rowid IN (
        SELECT rowid FROM final_figures WHERE scope = 'worker' AND start_ms < :cutoff LIMIT :rows)
      """
    ),
    (
      \.figuresMs,
      """
      DELETE FROM counter_total WHERE (mapping, camera_id, worker_id, workstation_id) IN (
        SELECT mapping, camera_id, worker_id, workstation_id FROM counter_total
        WHERE worker_id = '' AND timestamp_ms < :cutoff LIMIT :rows)
      """
    ),
    (
      \.workerFiguresMs,
      """
      DELETE FROM counter_total WHERE (mapping, camera_id, worker_id, workstation_id) IN (
        SELECT mapping, camera_id, worker_id, workstation_id FROM counter_total
        WHERE worker_id <> '' AND timestamp_ms < :cutoff LIMIT :rows)
      """
    ),
  ]
}

extension StoreTransaction {
  /// Deletes the states of cameras and model versions that have no events left and no open episode.
  fileprivate func pruneDriftStates(before cutoffMs: Int64) throws -> Int {
    guard cutoffMs > 0 else { return 0 }
    let alive = Set(try keys())
    var deleted = 0
    for row in try Row.fetchAll(
      db,
      sql: """
        SELECT camera_id, model_version FROM drift_state AS state
        WHERE NOT EXISTS (SELECT 1 FROM episode WHERE source_id = state.camera_id AND ended_ms IS NULL
          AND episode.model_version = state.model_version)
        """)
    where !alive.contains(DriftKey(cameraID: row[0], modelVersion: row[1])) {
      try db.execute(
        sql: "DELETE FROM drift_state WHERE camera_id = ? AND model_version = ?",
        arguments: [row[0] as String, row[1] as String])
      deleted += 1
    }
    return deleted
  }

  /// Deletes rejected input, and counts it as dropped: the books balance. The ingest loop reads its counters again.
  fileprivate func pruneQuarantine(before cutoffMs: Int64, rows: Int) throws -> Int {
    try db.cachedStatement(
      sql: """
        DELETE FROM quarantine WHERE id IN (SELECT id FROM quarantine WHERE received_at_ms < ? ORDER BY id LIMIT ?)
        """
    ).execute(arguments: [cutoffMs, rows])
    let dropped = db.changesCount
    guard dropped > 0 else { return 0 }
    var counters = OutcomeCounters()
    counters.quarantineDropped = Int64(dropped)
    try add(counters)
    try countGeneration()
    return dropped
  }
}
