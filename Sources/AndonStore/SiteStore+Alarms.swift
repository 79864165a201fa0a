package import AndonCore
import Foundation
import GRDB

extension SiteStore {
  /// Every alarm that had a transition since `store.retention`, by id and model version. One that does not
  /// match its checksum is recorded as damaged and rebuilt: its open episode raises it again.
  package func alarms() throws -> [StoredAlarm] {
    try database.read { db in
      let decoder = JSONDecoder()
      return try Row.fetchAll(
        db,
        sql: """
          SELECT alert_id, life, checksum, rule, source_id, model_version FROM alarm_state
          ORDER BY 1, model_version
          """
      ).compactMap { row in
        let (rule, source, version): (String, String, String) = (row[3], row[4], row[5])
        var key = BlobKey.alert(rule, source, version)
        let text = String.fromDatabaseValue(row[1]) ?? ""
        key.add(text)
        guard Int64.fromDatabaseValue(row[2]) == Int64(bitPattern: key.value),
          let machine = try? decoder.decode(AlarmStateMachine.self, from: Data(text.utf8))
        else {
          damage.found(.alert(rule: rule, source: source, version: version))
          return try Self.lifeAnew(rule, source, version, siteID: siteID, db).map {
            StoredAlarm(alertID: $0.key.alertID(site: siteID), machine: $0)
          }
        }
        return StoredAlarm(alertID: row[0], machine: machine)
      }
    }
  }

  /// The state that replaces a damaged one: pending when its episode is open, with a revision above every row
  /// of its journal, so that no reader takes the next one for an older state. Nil when the journal has no row
  /// of it.
  static func lifeAnew(
    _ rule: String, _ source: String, _ version: String, siteID: String, _ db: Database
  ) throws -> AlarmStateMachine? {
    guard let name = AlarmRule(rawValue: rule) else { return nil }
    let key = AlarmKey(rule: name, sourceID: source, modelVersion: version)
    let revision = try Int64.fetchOne(
      db, sql: "SELECT max(revision) FROM alert_journal WHERE alert_id = ?",
      arguments: [key.alertID(site: siteID)])
    guard let revision else { return nil }
    let sinceMs = try Int64.fetchOne(
      db,
      sql: """
        SELECT max(since_ms) FROM episode
        WHERE rule = ? AND source_id = ? AND model_version = ? AND ended_ms IS NULL
        """, arguments: [rule, source, version])
    return AlarmStateMachine(
      key: key, measure: AlarmMeasure(metric: "", value: nil), revision: max(0, min(revision, 1 << 40)),
      pendingSinceMs: sinceMs)
  }

  /// The journal rows that were written in `[fromMs, toMs)`, newest first, those before a sequence number. O(rows of the
  /// range), not only of the page, when `alertID` is nil.
  package func alarmHistory(
    fromMs: Int64, toMs: Int64, before sequence: Int64? = nil, limit: Int, alertID: String? = nil
  ) throws -> [AlarmJournalRow] {
    try database.read {
      try Self.alarmHistory(
        fromMs: fromMs, toMs: toMs, before: sequence, limit: limit, alertID: alertID, $0)
    }
  }

  static func alarmHistory(
    fromMs: Int64, toMs: Int64, before sequence: Int64? = nil, limit: Int, alertID: String? = nil,
    _ db: Database
  ) throws -> [AlarmJournalRow] {
    try Row.fetchAll(
      db,
      sql: """
        SELECT \(AlarmJournalRow.columns) FROM alert_journal
        WHERE seq < ? AND noted_ms >= ? AND noted_ms < ? AND (?4 IS NULL OR alert_id = ?4)
        ORDER BY seq DESC LIMIT ?
        """, arguments: [sequence ?? .max, fromMs, toMs, alertID, limit]
    ).map(AlarmJournalRow.init)
  }

  /// The journal rows after a sequence number, oldest first. `alertID` nil: of all alarms.
  package func alarmJournal(
    after sequence: Int64 = 0, limit: Int, alertID: String? = nil
  ) throws -> [AlarmJournalRow] {
    try database.read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT \(AlarmJournalRow.columns)
          FROM alert_journal WHERE seq > ? AND (?2 IS NULL OR alert_id = ?2) ORDER BY seq LIMIT ?
          """, arguments: [sequence, alertID, limit]
      ).map(AlarmJournalRow.init)
    }
  }

  /// Episodes of all rules, or of one source, by rule, source, version and time.
  package func episodes(source: String? = nil) throws -> [Episode] {
    try database.read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT \(EpisodeRow.columns) FROM episode WHERE ?1 IS NULL OR source_id = ?1
          ORDER BY rule, source_id, model_version, since_ms
          """, arguments: [source]
      ).compactMap(EpisodeRow.episode)
    }
  }

  package func openEpisodes() throws -> [Episode] {
    try database.read { db in
      try Row.fetchAll(db, sql: "SELECT \(EpisodeRow.columns) FROM episode WHERE ended_ms IS NULL ORDER BY 1")
        .compactMap(EpisodeRow.episode)
    }
  }

  /// The outbox rows after a sequence number, oldest first.
  package func outbox(after sequence: Int64, limit: Int) throws -> [OutboxRow] {
    try database.read { db in
      try Row.fetchAll(
        db,
        sql: "SELECT seq, topic, schema, payload, expiry_s FROM outbox WHERE seq > ? ORDER BY seq LIMIT ?",
        arguments: [sequence, limit]
      ).map { row in
        OutboxRow(
          sequence: row[0], topic: row[1], schema: row[2], payload: Array(row[3] as Data),
          expirySeconds: row[4])
      }
    }
  }

  /// The oldest outbox row of a topic.
  package func oldestInOutbox(topic: String) throws -> OutboxRow? {
    try database.read { db in
      try Row.fetchOne(
        db.cachedStatement(
          sql: "SELECT seq, schema, payload, expiry_s FROM outbox WHERE topic = ? ORDER BY seq LIMIT 1"),
        arguments: [topic]
      ).map { row in
        OutboxRow(
          sequence: row[0], topic: topic, schema: row[1], payload: Array(row[2] as Data),
          expirySeconds: row[3])
      }
    }
  }

  /// How many rows the outbox has. O(rows), without their payloads.
  package func outboxCount() throws -> Int {
    try database.read { db in
      try Int.fetchOne(db.cachedStatement(sql: "SELECT count(*) FROM outbox")) ?? 0
    }
  }

  /// People's verdicts on occurrences, newest first.
  package func groundTruth() throws -> [GroundTruth] {
    try database.read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT occurrence_id, alert_id, verdict, said_by, comment, at_ms FROM ground_truth
          ORDER BY at_ms DESC, 1
          """
      ).map { row in
        GroundTruth(
          occurrenceID: row[0], alertID: row[1], verdict: row[2], by: row[3], comment: row[4], atMs: row[5])
      }
    }
  }

  /// The closed hours of a key in `[from, to)`, for reports.
  package func driftHours(_ key: DriftKey, from: Int64, to: Int64) throws -> [HourSum] {
    try database.read { try StoreTransaction(reading: $0).driftHours(key, from..<to) }
  }

  /// All cameras and model versions with events.
  package func driftKeys() throws -> [DriftKey] {
    try database.read { try StoreTransaction(reading: $0, damage: damage).keys() }
  }

  /// Visits a key's samples of `[fromMs, toMs)` in the order of the rules. O(samples), a bucket of them in memory.
  package func visitDriftSamples(
    _ key: DriftKey, fromMs: Int64 = .min, toMs: Int64, _ body: (DriftSample) -> Void
  ) throws {
    try database.read { db in
      try StoreTransaction(reading: db, damage: damage).visitDriftSamples(key, fromMs: fromMs, toMs: toMs) {
        body($0)
        return true
      }
    }
  }

  /// Applies the samples after a detector's last one; for a saved state these are a few hundred. Returns how
  /// many. O(samples).
  package func replaySamples(_ key: DriftKey, with detector: inout DriftDetector) throws -> Int {
    let last = detector.lastSample
    var known = detector.low.samplesAtLast
    var count = 0
    var followed = detector
    try database.read { db in
      let transaction = StoreTransaction(reading: db, damage: damage)
      try transaction.visitDriftSamples(key, fromMs: last?.timestampMs ?? .min) { sample in
        // Of the samples of that time the first ones are applied: a late one would have been saved at once.
        if sample.timestampMs == last?.timestampMs, known > 0 {
          known -= 1
          return true
        }
        _ = try followed.apply(sample) { try transaction.driftHours(key, $0) }
        count += 1
        return true
      }
    }
    detector = followed
    return count
  }

  /// The current detectors: the saved ones, brought up to the newest sample (a few hundred samples each).
  /// Those whose saved state was made with other settings are missing. O(keys + samples since).
  package func liveDetectors(_ limits: DriftLimits) throws -> [DriftKey: DriftDetector] {
    var detectors = try detectors(limits)
    for key in detectors.keys {
      guard var detector = detectors.removeValue(forKey: key) else { continue }
      _ = try replaySamples(key, with: &detector)
      detectors[key] = detector
    }
    return detectors
  }

  /// The time of the key's newest sample, by the camera's clock; nil when there is none. O(events of a bucket).
  package func newestSampleMs(_ key: DriftKey) throws -> Int64? {
    try database.read { db in
      let transaction = StoreTransaction(reading: db, damage: damage)
      guard let stream = try transaction.stream(key) else { return nil }
      let stored = try Int64.fetchAll(
        db.cachedStatement(
          sql:
            "SELECT from_ms FROM camera_index WHERE camera = ? AND model = ? ORDER BY from_ms DESC LIMIT 1000"
        ),
        arguments: [stream.camera, stream.model])
      let buckets = Set(stored.map { SummaryBucket.start(of: $0) })
      for bucketMs in buckets.union(try transaction.pendingWrites().scanned).sorted(by: >) {
        var newest: Int64?
        try transaction.visitDriftSamples(key, fromMs: bucketMs, toMs: bucketMs + SummaryBucket.lengthMs) {
          newest = $0.timestampMs
          return true
        }
        if let newest { return newest }
      }
      return nil
    }
  }
}

extension AlarmJournalRow {
  static let columns = "seq, alert_id, occurrence_id, revision, event, page, at_ms, noted_ms, record, count"

  /// Of these columns.
  init(_ row: Row) {
    self.init(
      sequence: row[0], alertID: row[1], occurrenceID: row[2], revision: row[3], event: row[4],
      page: row[5], atMs: row[6], notedMs: row[7], json: row[8], count: row[9])
  }
}
