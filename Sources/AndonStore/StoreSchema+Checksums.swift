import AndonCore
import Foundation
import GRDB

extension StoreSchema {
  static let checksums = "checksums and counted journal rows"

  /// Blobs of before have no checksum: they are computed again from the events. The rows of events get theirs now.
  static func addChecksums(_ db: Database) throws {
    try db.execute(
      sql: """
        CREATE TABLE event_checksum (
          bucket_ms  INTEGER PRIMARY KEY,
          events   INTEGER NOT NULL,
          checksum INTEGER NOT NULL
        ) STRICT;
        DELETE FROM compacted_bucket;
        DELETE FROM worker_summary;
        UPDATE summary_bucket SET timeout_ms = 0;
        DELETE FROM drift_state;
        DELETE FROM drift_checkpoint;
        ALTER TABLE alert_journal ADD COLUMN count INTEGER NOT NULL DEFAULT 1;
        ALTER TABLE alarm_state ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX alert_journal_by_time ON alert_journal (noted_ms);
        """)
    let all = Int64.min / 2...Int64.max / 2
    let transaction = StoreTransaction(reading: db)
    for (bucketMs, quarter) in try EventChecksums.recomputed(fromMs: all.lowerBound, toMs: all.upperBound, db)
    {
      try transaction.save(bucketMs, quarter)
    }
    for row in try Row.fetchAll(db, sql: "SELECT rule, source_id, model_version, life FROM alarm_state") {
      var sum = BlobKey.alert(row[0], row[1], row[2])
      sum.add(row[3] as String)
      try db.execute(
        sql: "UPDATE alarm_state SET checksum = ? WHERE rule = ? AND source_id = ? AND model_version = ?",
        arguments: [Int64(bitPattern: sum.value), row[0] as String, row[1] as String, row[2] as String])
    }
    for row in try Row.fetchAll(
      db, sql: "SELECT window_kind, start_ms, scope, id, rev, digest FROM kpi_final")
    {
      guard let kind = WindowKind(rawValue: row[0]), let scope = KPIScope(rawValue: row[2]) else { continue }
      let key = FinalRow.Key(kind: kind, startMs: row[1], scope: scope, id: row[3])
      try db.execute(
        sql:
          "UPDATE kpi_final SET digest = ? WHERE window_kind = ? AND start_ms = ? AND scope = ? AND id = ?",
        arguments: [
          row[5] as Int64 ^ SiteStore.mask(key, row[4]), row[0] as String, row[1] as Int64, row[2] as String,
          row[3] as String,
        ])
    }
  }
}
