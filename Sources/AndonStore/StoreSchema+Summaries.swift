extension StoreSchema {
  /// What is computed from the events, and what was published of it.
  ///
  /// `worker_summary` is a function of the accepted events of one worker in one quarter of an hour. The bucket comes
  /// first in its key, so that the rows of a batch lie together. A bucket whose `timeout_ms` is not the configured one
  /// is read from its events until its summaries are computed again. `compacted_bucket` is a copy of all summaries of
  /// a quiet bucket in one row, and their sums, which a query of whole buckets adds up; the triggers delete it when a
  /// summary changes. `worker` tells when the first state was set, and the newest bucket with an event. Workers are
  /// their numbers in `name`. `kpi_final` holds a digest of the
  /// figures that were published of a closed window.
  static let summaries = """
    CREATE TABLE worker_summary (
      bucket_ms INTEGER NOT NULL CHECK (bucket_ms % 900000 = 0),
      worker    INTEGER NOT NULL,
      summary   BLOB    NOT NULL,
      PRIMARY KEY (bucket_ms, worker)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE summary_bucket (
      bucket_ms  INTEGER PRIMARY KEY,
      timeout_ms INTEGER NOT NULL CHECK (timeout_ms >= 0)
    ) STRICT;

    CREATE TABLE compacted_bucket (
      bucket_ms INTEGER PRIMARY KEY,
      sums      BLOB    NOT NULL,
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
      worker          INTEGER PRIMARY KEY,
      first_set_ms    INTEGER,
      first_bucket_ms INTEGER NOT NULL,
      last_bucket_ms  INTEGER NOT NULL,
      checksum        INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE kpi_final (
      window_kind TEXT    NOT NULL CHECK (window_kind = 'hour' OR window_kind = 'shift' OR window_kind = 'day'),
      start_ms    INTEGER NOT NULL,
      scope       TEXT    NOT NULL CHECK (scope = 'site' OR scope = 'area' OR scope = 'line' OR scope = 'workstation'
        OR scope = 'worker'),
      id          TEXT    NOT NULL,
      rev         INTEGER NOT NULL CHECK (rev > 0),
      digest      INTEGER NOT NULL,
      PRIMARY KEY (window_kind, start_ms, scope, id)
    ) STRICT, WITHOUT ROWID;
    """
}
