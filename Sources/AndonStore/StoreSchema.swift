import GRDB

/// The schema of a site's file: forward migrations only, each named for what it brings.
///
/// A released migration never changes again; a file whose list of migrations is longer than ours was written
/// by a newer Andon and is refused (`StoreError.newerSchema`).
enum StoreSchema {
  static let migrator: DatabaseMigrator = {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1 events, outcomes, quarantine, drift") { db in
      try db.execute(sql: version1)
    }
    migrator.registerMigration("2 timeline summaries") { db in
      try db.execute(sql: version2)
    }
    migrator.registerMigration("gaps and progress") { db in
      try db.execute(sql: gapsAndProgress)
    }
    migrator.registerMigration(AlertSchema.migrationName) { db in
      try db.execute(sql: AlertSchema.sql)
    }
    migrator.registerMigration("payload mapping") { db in
      try db.execute(sql: payloadMapping)
    }
    migrator.registerMigration("retention mark") { db in
      try db.execute(sql: retentionMark)
    }
    migrator.registerMigration("cameras out of service") { db in
      try db.execute(sql: outOfService)
    }
    migrator.registerMigration(atMostOnceName) { db in
      try db.execute(sql: atMostOnce)
    }
    migrator.registerMigration(StoreSchema.checksums) { db in try addChecksums(db) }
    return migrator
  }()

  /// Worker and time lead the identity so that a worker's timeline is one range scan and inserts land near
  /// each other. Whatever a CHECK here would refuse, the decoder refuses first: otherwise a bad message would
  /// fail its transaction, come back, and fail again for ever.
  private static let version1 = """
    CREATE TABLE event (
      worker_id      TEXT    NOT NULL CHECK (length(worker_id) <= 64),
      timestamp_ms   INTEGER NOT NULL,
      kind           INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 3),
      workstation_id TEXT    NOT NULL CHECK (length(workstation_id) BETWEEN 1 AND 64),
      event_id       TEXT    NOT NULL CHECK (length(event_id) <= 64),
      camera_id      TEXT    NOT NULL CHECK (length(camera_id) BETWEEN 1 AND 64),
      model_version  TEXT    NOT NULL CHECK (length(model_version) <= 64),
      confidence_ppm INTEGER CHECK (confidence_ppm BETWEEN 0 AND 1000000),
      count          INTEGER NOT NULL CHECK (count BETWEEN 0 AND 10000),
      accepted       INTEGER NOT NULL CHECK (accepted IN (0, 1)),
      received_at_ms INTEGER NOT NULL,
      PRIMARY KEY (worker_id, timestamp_ms, kind, workstation_id, event_id),
      CHECK (kind = 3 OR (worker_id <> '' AND confidence_ppm IS NOT NULL AND count = 0))
    ) STRICT, WITHOUT ROWID;

    CREATE INDEX event_by_camera ON event (camera_id, model_version, timestamp_ms);

    CREATE TABLE counter (
      name  TEXT    NOT NULL PRIMARY KEY,
      value INTEGER NOT NULL CHECK (value >= 0)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE camera (
      camera_id        TEXT    NOT NULL PRIMARY KEY,
      events           INTEGER NOT NULL CHECK (events >= 0),
      last_event_ms    INTEGER NOT NULL,
      last_received_ms INTEGER NOT NULL,
      status           TEXT    NOT NULL CHECK (status IN ('unknown', 'online', 'offline'))
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE entity (
      kind TEXT NOT NULL CHECK (kind IN ('worker', 'workstation', 'camera', 'model')),
      id   TEXT NOT NULL,
      PRIMARY KEY (kind, id)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE quarantine (
      id             INTEGER PRIMARY KEY,
      received_at_ms INTEGER NOT NULL,
      camera_id      TEXT    NOT NULL,
      topic          TEXT    NOT NULL,
      code           TEXT    NOT NULL,
      field          TEXT    NOT NULL,
      detail         TEXT    NOT NULL,
      event_id       TEXT    NOT NULL,
      payload        BLOB    NOT NULL CHECK (length(payload) <= 65536),
      payload_bytes  INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE drift_state (
      camera_id     TEXT NOT NULL,
      model_version TEXT NOT NULL,
      state         BLOB NOT NULL,
      PRIMARY KEY (camera_id, model_version)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE drift_checkpoint (
      camera_id     TEXT    NOT NULL,
      model_version TEXT    NOT NULL,
      at_ms         INTEGER NOT NULL,
      state         BLOB    NOT NULL,
      PRIMARY KEY (camera_id, model_version, at_ms)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE site (
      id      INTEGER PRIMARY KEY CHECK (id = 1),
      site_id TEXT    NOT NULL
    ) STRICT;
    """

  /// `worker_summary` is a function of the accepted events of one worker in one quarter of an hour; bucket first,
  /// so that what a batch touches lies together. A bucket whose `timeout_ms` is not the configured one (0 in files
  /// older than this migration) is read from its events until it is folded again. `compacted_bucket` is a
  /// copy of all of a quiet bucket's summaries in one piece; the triggers see to it that no stale copy is ever
  /// there. `kpi_final` remembers what was published of a closed window, by a digest of its figures.
  private static let version2 = """
    CREATE TABLE worker_summary (
      bucket_ms   INTEGER NOT NULL CHECK (bucket_ms % 900000 = 0),
      worker_id TEXT    NOT NULL,
      summary   BLOB    NOT NULL,
      PRIMARY KEY (bucket_ms, worker_id)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE summary_bucket (
      bucket_ms    INTEGER PRIMARY KEY,
      timeout_ms INTEGER NOT NULL CHECK (timeout_ms >= 0)
    ) STRICT;

    CREATE TABLE compacted_bucket (
      bucket_ms   INTEGER PRIMARY KEY,
      summaries BLOB    NOT NULL
    ) STRICT;

    CREATE TRIGGER summary_added AFTER INSERT ON worker_summary BEGIN
      DELETE FROM compacted_bucket WHERE bucket_ms = NEW.bucket_ms;
    END;
    CREATE TRIGGER summary_changed AFTER UPDATE ON worker_summary BEGIN
      DELETE FROM compacted_bucket WHERE bucket_ms = NEW.bucket_ms;
    END;
    CREATE TRIGGER summary_removed AFTER DELETE ON worker_summary BEGIN
      DELETE FROM compacted_bucket WHERE bucket_ms = OLD.bucket_ms;
    END;

    CREATE TABLE worker (
      worker_id    TEXT    NOT NULL PRIMARY KEY,
      first_set_ms INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE kpi_final (
      window_kind TEXT    NOT NULL CHECK (window_kind IN ('hour', 'shift', 'day')),
      start_ms    INTEGER NOT NULL,
      scope       TEXT    NOT NULL CHECK (scope IN ('site', 'workstation', 'worker')),
      id          TEXT    NOT NULL,
      rev         INTEGER NOT NULL CHECK (rev > 0),
      digest      INTEGER NOT NULL,
      PRIMARY KEY (window_kind, start_ms, scope, id)
    ) STRICT, WITHOUT ROWID;

    INSERT INTO summary_bucket (bucket_ms, timeout_ms)
      SELECT DISTINCT (timestamp_ms / 900000 - (timestamp_ms % 900000 < 0)) * 900000, 0
      FROM event WHERE accepted = 1;

    INSERT INTO worker (worker_id, first_set_ms)
      SELECT worker_id, min(timestamp_ms) FROM event WHERE accepted = 1 AND kind <> 3 GROUP BY worker_id;
    """
}
