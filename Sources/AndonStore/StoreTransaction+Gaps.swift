import GRDB

/// Gaps and progress: what the file knows about its own completeness.
extension StoreTransaction {
  /// The file's progress.
  package func progress() throws -> StoreProgress {
    var progress = StoreProgress()
    let row = try Row.fetchOne(
      db.cachedStatement(
        sql: """
          SELECT sequence, committed_at_ms, session_since_ms, lost_since_ms, is_connecting,
            newest_event_ms, broker_dropped, broker_dropped_at_ms,
            heard_at_ms, lost_cause
          FROM progress
          """))
    guard let row else { return progress }
    progress.sequence = row[0]
    progress.committedAtMs = StoredTime.read(row[1])
    progress.sessionSinceMs = StoredTime.read(row[2])
    progress.lostSinceMs = StoredTime.read(row[3])
    progress.isConnecting = row[4]
    progress.newestEventMs = StoredTime.read(row[5])
    progress.brokerDropped = row[6]
    progress.brokerDroppedAtMs = StoredTime.read(row[7])
    progress.heardAtMs = StoredTime.read(row[8])
    progress.lostCause = GapRow.Cause(rawValue: row[9]) ?? .sessionLost
    return progress
  }

  package func save(_ progress: StoreProgress) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO progress (id, sequence, committed_at_ms, session_since_ms, lost_since_ms, is_connecting,
          newest_event_ms, broker_dropped, broker_dropped_at_ms, heard_at_ms, lost_cause)
        VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET sequence = excluded.sequence, committed_at_ms = excluded.committed_at_ms,
          session_since_ms = excluded.session_since_ms, lost_since_ms = excluded.lost_since_ms,
          is_connecting = excluded.is_connecting, newest_event_ms = excluded.newest_event_ms,
          broker_dropped = excluded.broker_dropped, broker_dropped_at_ms = excluded.broker_dropped_at_ms,
          heard_at_ms = excluded.heard_at_ms, lost_cause = excluded.lost_cause
        """
    ).execute(
      arguments: [
        progress.sequence, StoredTime.column(progress.committedAtMs),
        StoredTime.column(progress.sessionSinceMs), StoredTime.column(progress.lostSinceMs),
        progress.isConnecting, StoredTime.column(progress.newestEventMs), progress.brokerDropped,
        StoredTime.column(progress.brokerDroppedAtMs), StoredTime.column(progress.heardAtMs),
        progress.lostCause.rawValue,
      ])
  }

  /// Adds gaps; the oldest beyond `SiteStore.gapLimit` are deleted.
  package func add(_ gaps: [GapRow]) throws {
    guard !gaps.isEmpty else { return }
    let insert = try db.cachedStatement(
      sql: "INSERT INTO gap (cause, camera_id, from_ms, to_ms, noted_at_ms, detail) VALUES (?, ?, ?, ?, ?, ?)"
    )
    for gap in gaps {
      try insert.execute(arguments: [
        gap.cause.rawValue, gap.cameraID, gap.fromMs, gap.toMs, gap.notedAtMs, gap.detail,
      ])
      try ship(ShipRows.gaps("id = ?", [db.lastInsertedRowID], db))
    }
    for kind in ["camera_id = ''", "camera_id <> ''"] {
      try db.cachedStatement(
        sql: """
          DELETE FROM gap WHERE \(kind) AND id <= (
            SELECT id FROM gap WHERE \(kind) ORDER BY id DESC LIMIT 1 OFFSET ?)
          """
      ).execute(arguments: [SiteStore.gapLimit])
    }
  }

  /// Records the times of events that were quarantined because of a doubtful clock. Widens the last gap if it
  /// has the same cause and is near; otherwise returns a new gap, which the caller must add.
  package func recordUnjudged(_ times: ClosedRange<Int64>, nowMs: Int64) throws -> GapRow? {
    try db.cachedStatement(
      sql: """
        UPDATE gap SET from_ms = min(from_ms, ?1), to_ms = max(to_ms, ?2)
        WHERE id = (SELECT max(id) FROM gap WHERE camera_id = '') AND cause = ?3 AND from_ms <= ?2 + ?4 AND to_ms >= ?1 - ?4
        """
    ).execute(
      arguments: [times.lowerBound, times.upperBound + 1, GapRow.Cause.bridgeClock.rawValue, 3_600_000])
    guard db.changesCount == 0 else {
      try ship(ShipRows.gaps("id = (SELECT max(id) FROM gap WHERE camera_id = '')", [], db))
      return nil
    }
    return GapRow(
      cause: .bridgeClock, fromMs: times.lowerBound, toMs: times.upperBound + 1, notedAtMs: nowMs,
      detail: "the bridge's clock was in doubt: events that it would have refused by their time wait in the "
        + "quarantine; replay those with the code bridge_clock when the clock is right")
  }

  /// Bytes of raw payload in the quarantine. O(rows), without reading the payloads.
  package func quarantineBytes() throws -> Int64 {
    try Int64.fetchOne(db, sql: "SELECT coalesce(sum(length(payload)), 0) FROM quarantine") ?? 0
  }

  /// Deletes the oldest rows until the payloads of the others fit, and returns how many. O(rows).
  package func trimQuarantine(toBytes limit: Int64) throws -> Int64 {
    try db.execute(
      sql: """
        DELETE FROM quarantine WHERE id <= (
          SELECT id FROM (SELECT id, sum(length(payload)) OVER (ORDER BY id DESC) AS bytes FROM quarantine)
          WHERE bytes > ? ORDER BY id DESC LIMIT 1)
        """, arguments: [limit])
    return Int64(db.changesCount)
  }
}
