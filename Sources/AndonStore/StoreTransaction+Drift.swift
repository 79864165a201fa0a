package import AndonCore
import Foundation
import GRDB

/// Drift states and their checkpoints. With a checkpoint a late sample recomputes only what it affects.
extension StoreTransaction {
  package func saveDrift(_ key: DriftKey, state: [UInt8]) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO drift_state (camera_id, model_version, state) VALUES (?, ?, ?)
        ON CONFLICT DO UPDATE SET state = excluded.state
        """
    ).execute(arguments: [key.cameraID, key.modelVersion, BlobKey.drift(key).sealed(state)])
  }

  /// Saves the state of the sample rules after all samples before `atMs`.
  package func saveDriftCheckpoint(_ key: DriftKey, atMs: Int64, _ rules: SampleRules) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO drift_checkpoint (camera_id, model_version, at_ms, state) VALUES (?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET state = excluded.state
        """
    ).execute(arguments: [
      key.cameraID, key.modelVersion, atMs, BlobKey.drift(key, checkpointAtMs: atMs).sealed(rules.encoded()),
    ])
  }

  /// A state of the sample rules and its place among the samples.
  package typealias DriftCheckpoint = (atMs: Int64, rules: SampleRules)

  /// The newest sound checkpoint at or before `ms`; nil: recompute from the first sample. Damaged ones are
  /// recorded and skipped, and those of other settings are skipped.
  ///
  /// - Parameter multipleOf: only checkpoints at a multiple of this time, milliseconds.
  package func driftCheckpoint(
    _ key: DriftKey, atOrBefore ms: Int64, multipleOf: Int64 = 1, _ settings: DetectorSettings
  ) throws -> DriftCheckpoint? {
    try firstSound(
      """
      SELECT at_ms, state FROM drift_checkpoint
      WHERE camera_id = ? AND model_version = ? AND at_ms <= ? AND at_ms % ? = 0 ORDER BY at_ms DESC
      """, [key.cameraID, key.modelVersion, ms, multipleOf], key, settings)
  }

  /// The oldest sound checkpoint after `ms`.
  package func driftCheckpoint(
    _ key: DriftKey, after ms: Int64, _ settings: DetectorSettings
  ) throws -> DriftCheckpoint? {
    try firstSound(
      """
      SELECT at_ms, state FROM drift_checkpoint
      WHERE camera_id = ? AND model_version = ? AND at_ms > ? ORDER BY at_ms
      """, [key.cameraID, key.modelVersion, ms], key, settings)
  }

  private func firstSound(
    _ sql: String, _ arguments: [any DatabaseValueConvertible], _ key: DriftKey, _ settings: DetectorSettings
  ) throws -> DriftCheckpoint? {
    try BlobQuery.first(sql, arguments, db) { atMs, state in
      guard let count = ChecksummedBlob.soundCount(state, BlobKey.drift(key, checkpointAtMs: atMs)) else {
        damage.found(.driftCheckpoint(key, atMs: atMs))
        return nil
      }
      let bytes = state.extracting(0..<count).withUnsafeBufferPointer { Array($0) }
      return SampleRules(encoded: bytes, settings: settings).map { (atMs, $0) }
    }
  }

  package func dropDriftCheckpoints(_ key: DriftKey) throws {
    try db.cachedStatement(
      sql: "DELETE FROM drift_checkpoint WHERE camera_id = ? AND model_version = ?"
    ).execute(arguments: [key.cameraID, key.modelVersion])
  }

  /// Thins out the checkpoints before the hour that begins at `hourMs`: all of the last day stay, one an hour before
  /// that, none before `oldestMs`.
  package func thinDriftCheckpoints(_ key: DriftKey, hourMs: Int64, oldestMs: Int64) throws {
    let hour = HourSum.milliseconds
    try db.cachedStatement(
      sql: """
        DELETE FROM drift_checkpoint WHERE camera_id = ? AND model_version = ?
          AND (at_ms < ? OR (at_ms < ? AND at_ms % ? <> 0))
        """
    ).execute(
      arguments: [key.cameraID, key.modelVersion, oldestMs, hourMs - 24 * hour, hour])
  }

  /// Visits a key's samples of `[fromMs, toMs)` in the order of the rules, until the body returns false. They come
  /// without the ids that order samples of one time. O(samples), a part of a list in memory.
  ///
  /// - Parameter newer: parts that are newer than the stored ones, which the ingest loop has, in order; a reader without
  ///   them scans open buckets.
  package func visitDriftSamples(
    _ key: DriftKey, fromMs: Int64, toMs: Int64 = .max, newer: [SamplePiece]? = nil,
    whileTrue body: (DriftSample) throws -> Bool
  ) throws {
    try visitSampleEntries(key, fromMs: fromMs, toMs: toMs, newer: newer) { ms, entry in
      guard let confidence = entry.confidencePpm else { return true }
      return try body(DriftSample(timestampMs: ms, confidencePpm: confidence))
    }
  }

  /// The same with all events, and what is stored of them.
  func visitSampleEntries(
    _ key: DriftKey, fromMs: Int64, toMs: Int64, newer: [SamplePiece]? = nil,
    whileTrue body: (_ ms: Int64, _ entry: SampleList.Entry) throws -> Bool
  ) throws {
    guard let stream = try stream(key) else { return }
    try visitSampleEntries(stream, fromMs: fromMs, toMs: toMs, newer: newer, whileTrue: body)
  }

  /// The numbers of a key's names; nil when one is unknown.
  func stream(_ key: DriftKey) throws -> EventStream? {
    guard let camera = try nameID(.camera, key.cameraID), let model = try nameID(.model, key.modelVersion)
    else {
      return nil
    }
    return EventStream(camera: camera, model: model)
  }

  /// All cameras and model versions that have rows. O(keys × log rows + events of open buckets).
  func streams() throws -> Set<EventStream> {
    var streams = Set(try indexedStreams())
    for bucketMs in try pendingWrites().scanned {
      let rows = try Row.fetchCursor(
        db, sql: "SELECT DISTINCT camera, model FROM event WHERE timestamp_ms >= ? AND timestamp_ms < ?",
        arguments: [bucketMs, bucketMs + SummaryBucket.lengthMs])
      while let row = try rows.next() { streams.insert(EventStream(camera: row[0], model: row[1])) }
    }
    return streams
  }

  /// Those with an index of some bucket. From one to the next: a DISTINCT would read the entries of all buckets.
  func indexedStreams() throws -> [EventStream] {
    var streams: [EventStream] = []
    var camera = try first("SELECT min(camera) FROM camera_index", [])
    while let number = camera {
      var model = try first("SELECT min(model) FROM camera_index WHERE camera = ?", [number])
      while let version = model {
        streams.append(EventStream(camera: number, model: version))
        model = try first(
          "SELECT min(model) FROM camera_index WHERE camera = ? AND model > ?", [number, version])
      }
      camera = try first("SELECT min(camera) FROM camera_index WHERE camera > ?", [number])
    }
    return streams
  }

  private func first(_ sql: String, _ arguments: StatementArguments) throws -> Int64? {
    try Int64.fetchOne(db.cachedStatement(sql: sql), arguments: arguments)
  }

  /// The cameras and model versions that have rows.
  func keys() throws -> [DriftKey] {
    var names = NameReader(db)
    return try streams().map {
      DriftKey(cameraID: try names.text($0.camera), modelVersion: try names.text($0.model))
    }.sorted()
  }

  // MARK: Hours

  /// Saves a closed hour and the state of the hourly rules after it.
  package func saveDriftHour(_ key: DriftKey, _ hour: HourSum, _ rules: HourRules) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO drift_hour (camera_id, model_version, hour, count, sum_ppm, below_gate, rules)
        VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET count = excluded.count,
          sum_ppm = excluded.sum_ppm, below_gate = excluded.below_gate, rules = excluded.rules
        """
    ).execute(
      arguments: [
        key.cameraID, key.modelVersion, hour.hour, hour.count, hour.sum, hour.belowGate,
        BlobKey.driftHour(key, hour.hour).sealed(rules.encoded()),
      ])
  }

  /// The newest closed hour before `hour` with a sound state of the hourly rules. Damaged states are recorded and
  /// skipped.
  package func driftHourRules(_ key: DriftKey, before hour: Int64) throws -> (hour: Int64, rules: HourRules)?
  {
    let rows = try Row.fetchCursor(
      db.cachedStatement(
        sql: """
          SELECT hour, rules FROM drift_hour
          WHERE camera_id = ? AND model_version = ? AND hour < ? ORDER BY hour DESC
          """),
      arguments: [key.cameraID, key.modelVersion, hour])
    while let row = try rows.next() {
      if let rules = rules(row, key) { return (row[0], rules) }
    }
    return nil
  }

  /// The closed hours of a range with the state of the hourly rules after each, nil where it is not sound.
  package func driftHoursWithRules(
    _ key: DriftKey, _ hours: Range<Int64>
  ) throws -> [(sum: HourSum, rules: HourRules?)] {
    try Row.fetchAll(
      db.cachedStatement(
        sql: """
          SELECT hour, rules, count, sum_ppm, below_gate FROM drift_hour
          WHERE camera_id = ? AND model_version = ? AND hour >= ? AND hour < ? ORDER BY hour
          """), arguments: [key.cameraID, key.modelVersion, hours.lowerBound, hours.upperBound]
    ).map { (HourSum(hour: $0[0], count: $0[2], sum: $0[3], belowGate: $0[4]), rules($0, key)) }
  }

  /// An empty state is one that a repair took out.
  private func rules(_ row: Row, _ key: DriftKey) -> HourRules? {
    let hour: Int64 = row[0]
    if Data.fromDatabaseValue(row[1])?.isEmpty == true { return nil }
    guard let state = BlobKey.driftHour(key, hour).opened(row[1]) else {
      damage.found(.driftHour(key, hour: hour))
      return nil
    }
    return HourRules(encoded: state)
  }

  /// The closed hours of a range that have samples, in order.
  package func driftHours(_ key: DriftKey, _ hours: Range<Int64>) throws -> [HourSum] {
    try Row.fetchAll(
      db.cachedStatement(
        sql: """
          SELECT hour, count, sum_ppm, below_gate FROM drift_hour
          WHERE camera_id = ? AND model_version = ? AND hour >= ? AND hour < ? ORDER BY hour
          """), arguments: [key.cameraID, key.modelVersion, hours.lowerBound, hours.upperBound]
    ).map { HourSum(hour: $0[0], count: $0[1], sum: $0[2], belowGate: $0[3]) }
  }

  /// The other version that the camera ran last, among the closed hours of the range.
  package func versionBefore(_ key: DriftKey, _ hours: Range<Int64>) throws -> (hour: Int64, version: String)?
  {
    try Row.fetchOne(
      db.cachedStatement(
        sql: """
          SELECT hour, model_version FROM drift_hour
          WHERE camera_id = ? AND model_version <> ? AND hour >= ? AND hour < ?
          ORDER BY hour DESC, model_version LIMIT 1
          """), arguments: [key.cameraID, key.modelVersion, hours.lowerBound, hours.upperBound]
    ).map { ($0[0], $0[1]) }
  }
}
