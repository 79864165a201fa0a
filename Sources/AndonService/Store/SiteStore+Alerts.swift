package import AndonCore
import Foundation
import GRDB

extension SiteStore {
  /// Every alert that ever had a transition, by id and model version.
  package func alerts() throws -> [StoredAlert] {
    try database.read { db in
      let decoder = JSONDecoder()
      return try Row.fetchAll(db, sql: "SELECT alert_id, life FROM alert_life ORDER BY 1, model_version").map
      {
        row in
        StoredAlert(
          alertID: row[0], life: try decoder.decode(AlertLife.self, from: Data((row[1] as String).utf8)))
      }
    }
  }

  /// The journal after a sequence number, oldest first. `alertID` nil: of all alerts.
  package func alertJournal(
    after sequence: Int64 = 0, limit: Int, alertID: String? = nil
  ) throws -> [AlertJournalRow] {
    try database.read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT seq, alert_id, occurrence_id, revision, event, page, at_ms, noted_ms, record
          FROM alert_journal WHERE seq > ? AND (?2 IS NULL OR alert_id = ?2) ORDER BY seq LIMIT ?
          """, arguments: [sequence, alertID, limit]
      ).map { row in
        AlertJournalRow(
          sequence: row[0], alertID: row[1], occurrenceID: row[2], revision: row[3], event: row[4],
          page: row[5], atMs: row[6], notedMs: row[7], json: row[8])
      }
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

  func openEpisodes() throws -> [Episode] {
    try database.read { db in
      try Row.fetchAll(db, sql: "SELECT \(EpisodeRow.columns) FROM episode WHERE ended_ms IS NULL ORDER BY 1")
        .compactMap(EpisodeRow.episode)
    }
  }

  /// What waits for the broker after a sequence number, oldest first.
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

  /// What waits longest on a topic.
  func oldestInOutbox(topic: String) throws -> OutboxRow? {
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

  /// How many rows wait for the broker. O(rows), without their payloads.
  package func outboxCount() throws -> Int {
    try database.read { db in
      try Int.fetchOne(db.cachedStatement(sql: "SELECT count(*) FROM outbox")) ?? 0
    }
  }

  /// What people said about occurrences, newest first.
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

  /// Cameras and model versions that have samples.
  package func driftKeys() throws -> [DriftKey] {
    try database.read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT DISTINCT camera_id, model_version FROM event WHERE confidence_ppm IS NOT NULL ORDER BY 1, 2
          """
      ).map { DriftKey(cameraID: $0[0], modelVersion: $0[1]) }
    }
  }

  /// Visits a key's samples of `[fromMs, toMs)` in the order of the rules. O(samples), constant memory.
  package func visitDriftSamples(
    _ key: DriftKey, fromMs: Int64 = .min, toMs: Int64, _ body: (DriftSample) -> Void
  ) throws {
    try database.read { db in
      try StoreTransaction(reading: db).visitDriftSamples(key, fromMs: fromMs, toMs: toMs) { body($0) }
    }
  }

  /// Follows the samples that came after a saved state, of which there are some hundred at most. Returns how many.
  func follow(_ key: DriftKey, with detector: inout DriftDetector) throws -> Int {
    guard let last = detector.lastSample else { return 0 }
    var samples: [DriftSample] = []
    try visitDriftSamples(key, fromMs: last.timestampMs, toMs: .max) { sample in
      if last < sample { samples.append(sample) }
    }
    for sample in samples {
      _ = try detector.apply(sample) { try driftHours(key, from: $0.lowerBound, to: $0.upperBound) }
    }
    return samples.count
  }

  /// The detectors as they are now, those whose saved state can be read: a saved one is some hundred samples old.
  /// O(keys + samples since).
  func liveDetectors(_ settings: DetectorSettings) throws -> [DriftKey: DriftDetector] {
    try driftStates().reduce(into: [:]) { all, saved in
      guard var detector = DriftDetector(encoded: saved.state, settings: settings) else { return }
      _ = try follow(saved.key, with: &detector)
      all[saved.key] = detector
    }
  }

  /// When the key's newest sample was taken, by the camera's clock; nil when there is none. O(log events).
  func newestSampleMs(_ key: DriftKey) throws -> Int64? {
    try database.read { db in
      try Int64.fetchOne(
        db.cachedStatement(
          sql: """
            SELECT timestamp_ms FROM event WHERE camera_id = ? AND model_version = ? AND confidence_ppm IS NOT NULL
            ORDER BY timestamp_ms DESC LIMIT 1
            """), arguments: [key.cameraID, key.modelVersion])
    }
  }
}
