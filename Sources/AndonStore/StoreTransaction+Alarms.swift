package import AndonCore
import Foundation
import GRDB

/// Episodes, alarm states, the journal and the outbox.
extension StoreTransaction {
  // MARK: Episodes

  package func save(_ episode: Episode, site: String) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO episode (rule, source_id, model_version, since_ms, raised_ms, ended_ms,
          occurrence_since_ms, occurrence_id, flap_count, value_ppm) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET raised_ms = excluded.raised_ms, ended_ms = excluded.ended_ms,
          occurrence_since_ms = excluded.occurrence_since_ms, occurrence_id = excluded.occurrence_id,
          flap_count = excluded.flap_count, value_ppm = excluded.value_ppm
        """
    ).execute(
      arguments: [
        episode.key.rule.rawValue, episode.key.sourceID, episode.key.modelVersion, episode.sinceMs,
        episode.raisedMs, episode.endedMs, episode.occurrenceSinceMs, episode.occurrenceID(site: site),
        episode.flapCount, episode.valuePpm,
      ])
  }

  package func delete(_ episode: Episode) throws {
    try db.cachedStatement(
      sql: "DELETE FROM episode WHERE rule = ? AND source_id = ? AND model_version = ? AND since_ms = ?"
    ).execute(
      arguments: [
        episode.key.rule.rawValue, episode.key.sourceID, episode.key.modelVersion, episode.sinceMs,
      ])
  }

  package func save(_ change: EpisodeChange, site: String) throws {
    switch change {
    case .added(let episode): try save(episode, site: site)
    case .amended(let old, let new):
      if old.sinceMs != new.sinceMs { try delete(old) }
      try save(new, site: site)
    case .retracted(let episode): try delete(episode)
    }
  }

  /// The episodes that a change at `ms` or later can affect, and the one before them; oldest first.
  package func episodes(_ key: AlarmKey, touchedFrom ms: Int64) throws -> [Episode] {
    let rows = try Row.fetchAll(
      db.cachedStatement(
        sql: """
          SELECT \(EpisodeRow.columns) FROM episode WHERE rule = ? AND source_id = ? AND model_version = ?
            AND since_ms >= coalesce((SELECT max(since_ms) FROM episode WHERE rule = ?1 AND source_id = ?2
              AND model_version = ?3 AND ended_ms < ?), -9223372036854775808) ORDER BY since_ms
          """),
      arguments: [key.rule.rawValue, key.sourceID, key.modelVersion, ms])
    return rows.compactMap(EpisodeRow.episode)
  }

  // MARK: Alarm states and the journal

  package func save(_ machine: AlarmStateMachine, site: String) throws {
    let text = String(decoding: try Self.encoder.encode(machine), as: UTF8.self)
    var checksum = BlobKey.alert(machine.key.rule.rawValue, machine.key.sourceID, machine.key.modelVersion)
    checksum.add(text)
    try db.cachedStatement(
      sql: """
        INSERT INTO alarm_state (rule, source_id, model_version, alert_id, state, revision, life, checksum)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET state = excluded.state,
          revision = excluded.revision, life = excluded.life, checksum = excluded.checksum
        """
    ).execute(
      arguments: [
        machine.key.rule.rawValue, machine.key.sourceID, machine.key.modelVersion,
        machine.key.alertID(site: site),
        machine.state.rawValue, machine.revision, text, Int64(bitPattern: checksum.value),
      ])
  }

  private static let encoder: JSONEncoder = {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return encoder
  }()

  /// How many journal rows one alarm gets within an hour; a page always gets its own row. A camera that flaps
  /// all day writes 300 of them, about 0.3 MB.
  static let journalRowsAnHour = 12

  /// Appends a transition to the journal and to the outbox. Returns how many outbox rows were deleted for it.
  ///
  /// When an alarm chatters, its newest row shows the last transition and counts the others: the sum of all
  /// counts is the number of transitions. The outbox gets every transition.
  package func append(_ record: AlarmRecord, topics: TopicNames) throws -> Int {
    guard let transition = record.transition else { return 0 }
    let payload = record.json()
    if try !merge(record, transition, payload) { try insert(record, transition, payload) }
    let key = record.machine.key
    return try enqueue(
      topic: topics.alertEvent(site: record.siteID, class: key.rule.alertClass, source: key.topicSource),
      payload: payload, schema: "alert/1", expirySeconds: 7 * 86_400)
  }

  /// Merges a transition of a chattering alarm into its newest row; returns false when it needs a row of its
  /// own.
  private func merge(_ record: AlarmRecord, _ transition: AlarmTransition, _ payload: [UInt8]) throws -> Bool
  {
    guard !transition.page else { return false }
    let oldest = try Int64.fetchOne(
      db.cachedStatement(
        sql: "SELECT noted_ms FROM alert_journal WHERE alert_id = ? ORDER BY seq DESC LIMIT 1 OFFSET ?"),
      arguments: [record.alertID, Self.journalRowsAnHour])
    guard let oldest, transition.nowMs - 3_600_000 < oldest else { return false }
    try db.cachedStatement(
      sql: """
        UPDATE alert_journal SET occurrence_id = ?, revision = ?, event = ?, at_ms = ?, noted_ms = ?, record = ?,
          count = count + 1
        WHERE seq = (SELECT max(seq) FROM alert_journal WHERE alert_id = ?) AND page = 0
        """
    ).execute(
      arguments: [
        record.occurrenceID ?? "", record.machine.revision, transition.kind.rawValue, transition.atMs,
        transition.nowMs, String(decoding: payload, as: UTF8.self), record.alertID,
      ])
    guard db.changesCount > 0 else { return false }
    try ship(
      ShipRows.alarms("seq = (SELECT max(seq) FROM alert_journal WHERE alert_id = ?)", [record.alertID], db))
    return true
  }

  private func insert(_ record: AlarmRecord, _ transition: AlarmTransition, _ payload: [UInt8]) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO alert_journal (alert_id, occurrence_id, revision, event, page, at_ms, noted_ms, first_ms, record)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8)
        """
    ).execute(
      arguments: [
        record.alertID, record.occurrenceID ?? "", record.machine.revision, transition.kind.rawValue,
        transition.page, transition.atMs, transition.nowMs, String(decoding: payload, as: UTF8.self),
      ])
    try ship(ShipRows.alarms("seq = ?", [db.lastInsertedRowID], db))
  }

  // MARK: Outbox

  /// How many rows the outbox keeps while the broker takes none: about 100 MB. The journal has them all.
  static let outboxLimit: Int64 = 100_000

  /// Queues a publication that must reach the broker at least once, also after a crash. Returns how many of
  /// the oldest rows were deleted for it.
  package func enqueue(topic: String, payload: [UInt8], schema: String, expirySeconds: Int64) throws -> Int {
    try db.cachedStatement(
      sql: "INSERT INTO outbox (topic, schema, payload, expiry_s) VALUES (?, ?, ?, ?)"
    ).execute(arguments: [topic, schema, Data(payload), expirySeconds])
    // Sequence numbers are never reused, so at most `outboxLimit` rows remain.
    try db.cachedStatement(sql: "DELETE FROM outbox WHERE seq <= ?")
      .execute(arguments: [db.lastInsertedRowID - Self.outboxLimit])
    return db.changesCount
  }

  /// Removes rows that the broker acknowledged.
  package func removeFromOutbox(_ sequences: [Int64]) throws {
    let statement = try db.cachedStatement(sql: "DELETE FROM outbox WHERE seq = ?")
    for sequence in sequences { try statement.execute(arguments: [sequence]) }
  }

  // MARK: Commands

  package func commandResult(requestID: String, notBeforeMs: Int64) throws -> (cmd: String, payload: [UInt8])?
  {
    try Row.fetchOne(
      db.cachedStatement(sql: "SELECT cmd, payload FROM command_result WHERE req_id = ? AND at_ms >= ?"),
      arguments: [requestID, notBeforeMs]
    ).map { ($0[0], Array($0[1] as Data)) }
  }

  package func saveCommandResult(requestID: String, cmd: String, atMs: Int64, payload: [UInt8]) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO command_result (req_id, cmd, at_ms, payload) VALUES (?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET cmd = excluded.cmd, at_ms = excluded.at_ms, payload = excluded.payload
        """
    ).execute(arguments: [requestID, cmd, atMs, Data(payload)])
  }

  /// Deletes results older than `beforeMs`.
  package func trimCommandResults(beforeMs: Int64) throws {
    try db.cachedStatement(sql: "DELETE FROM command_result WHERE at_ms < ?")
      .execute(arguments: [beforeMs])
  }

  package func saveVerdict(
    occurrenceID: String, alertID: String, verdict: String, by: String, comment: String, atMs: Int64
  ) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO ground_truth (occurrence_id, alert_id, verdict, said_by, comment, at_ms)
        VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET verdict = excluded.verdict,
          said_by = excluded.said_by, comment = excluded.comment, at_ms = excluded.at_ms
        """
    ).execute(arguments: [occurrenceID, alertID, verdict, by, comment, atMs])
  }

  // MARK: Shifts

  /// Saves a shift's result; returns false when it is unchanged.
  package func save(_ result: ShiftResult) throws -> Bool {
    try db.cachedStatement(
      sql: """
        INSERT INTO shift_result (workstation_id, start_ms, end_ms, shift_id, units, utilization)
        VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET end_ms = excluded.end_ms,
          shift_id = excluded.shift_id, units = excluded.units, utilization = excluded.utilization
        WHERE units <> excluded.units OR utilization IS NOT excluded.utilization
          OR end_ms <> excluded.end_ms
        """
    ).execute(
      arguments: [
        result.workstationID, result.startMs, result.endMs, result.shiftID, result.units,
        result.utilization,
      ])
    return db.changesCount > 0
  }

  /// A workstation's newest `limit` results, oldest first.
  package func shiftResults(workstation: String, limit: Int) throws -> [ShiftResult] {
    try Row.fetchAll(
      db.cachedStatement(
        sql: """
          SELECT shift_id, start_ms, end_ms, units, utilization FROM shift_result
          WHERE workstation_id = ? ORDER BY start_ms DESC LIMIT ?
          """), arguments: [workstation, limit]
    ).reversed().map { row in
      ShiftResult(
        workstationID: workstation, shiftID: row[0], startMs: row[1], endMs: row[2], units: row[3],
        utilization: row[4])
    }
  }
}
