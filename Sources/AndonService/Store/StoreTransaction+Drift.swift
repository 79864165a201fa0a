import AndonCore
import Foundation
import GRDB

/// Drift states and their hourly checkpoints, from which a late sample re-folds only what it touches.
extension StoreTransaction {
  func saveDrift(_ key: DriftKey, state: [UInt8]) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO drift_state (camera_id, model_version, state) VALUES (?, ?, ?)
        ON CONFLICT DO UPDATE SET state = excluded.state
        """
    ).execute(arguments: [key.cameraID, key.modelVersion, Data(state)])
  }

  /// Keeps the state as it was after all samples before `atMs`.
  func saveDriftCheckpoint(_ key: DriftKey, atMs: Int64, state: [UInt8]) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO drift_checkpoint (camera_id, model_version, at_ms, state) VALUES (?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET state = excluded.state
        """
    ).execute(arguments: [key.cameraID, key.modelVersion, atMs, Data(state)])
  }

  /// The newest checkpoint at or before `ms`, or nil: then the fold starts at the first sample.
  func driftCheckpoint(_ key: DriftKey, atOrBefore ms: Int64) throws -> (atMs: Int64, state: [UInt8])? {
    try Row.fetchOne(
      db.cachedStatement(
        sql: """
          SELECT at_ms, state FROM drift_checkpoint
          WHERE camera_id = ? AND model_version = ? AND at_ms <= ? ORDER BY at_ms DESC LIMIT 1
          """),
      arguments: [key.cameraID, key.modelVersion, ms]
    ).map { row in (row[0], Array(row[1] as Data)) }
  }

  func dropDriftCheckpoints(_ key: DriftKey, after ms: Int64) throws {
    try db.cachedStatement(
      sql: "DELETE FROM drift_checkpoint WHERE camera_id = ? AND model_version = ? AND at_ms > ?"
    ).execute(arguments: [key.cameraID, key.modelVersion, ms])
  }

  func dropDriftCheckpoints(_ key: DriftKey, before ms: Int64) throws {
    try db.cachedStatement(
      sql: "DELETE FROM drift_checkpoint WHERE camera_id = ? AND model_version = ? AND at_ms < ?"
    ).execute(arguments: [key.cameraID, key.modelVersion, ms])
  }

  /// Visits a key's samples from `ms` on in the order of the rule. O(samples), one at a time in memory.
  func visitDriftSamples(
    _ key: DriftKey, fromMs ms: Int64, toMs end: Int64 = .max, _ body: (DriftSample) throws -> Void
  ) throws {
    let rows = try Row.fetchCursor(
      db.cachedStatement(
        sql: """
          SELECT timestamp_ms, event_id, worker_id, confidence_ppm FROM event
          WHERE camera_id = ? AND model_version = ? AND timestamp_ms >= ? AND timestamp_ms < ?
            AND confidence_ppm IS NOT NULL
          ORDER BY timestamp_ms, event_id, worker_id, confidence_ppm
          """),
      arguments: [key.cameraID, key.modelVersion, ms, end])
    while let row = try rows.next() {
      try body(
        DriftSample(timestampMs: row[0], eventID: row[1], workerID: row[2], confidencePpm: row[3]))
    }
  }
}
