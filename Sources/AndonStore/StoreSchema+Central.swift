extension StoreSchema {
  /// The log of what was committed, for the central history (`docs/ship-log.md`). Nothing is in it while the log is off.
  ///
  /// `ship_log` has a row a commit, written in that commit; a very large commit has several. `seq` has no holes: what is
  /// deleted is always the beginning. `tip` is the hash chain up to this body, `kinds` has a bit for each kind of record,
  /// `oldest_ms` and `newest_ms` are the times of its records, and null when none has a time. An empty body stands for one
  /// whose records are read again from the tables.
  ///
  /// `ship_state` has a row while the log is on. What was acknowledged up to `mark_seq` is deleted ten minutes after
  /// `mark_ms`; everything up to `trimmed_seq` is deleted.
  ///
  /// `ship_backfill` lists ranges that are read from the tables instead, and how far each has come. `changes` grows when
  /// another writer changes what was read. One that is done stays, with the number of the body that was acknowledged then,
  /// for as long as the log reaches back: a server that lost its newest commits may have lost those rows, too.
  static let central = """
    CREATE TABLE ship_log (
      seq       INTEGER PRIMARY KEY,
      tip       INTEGER NOT NULL,
      rows      INTEGER NOT NULL,
      kinds     INTEGER NOT NULL,
      oldest_ms INTEGER,
      newest_ms INTEGER,
      body      BLOB    NOT NULL
    ) STRICT;

    CREATE TABLE ship_state (
      id            INTEGER PRIMARY KEY CHECK (id = 1),
      selection     INTEGER NOT NULL,
      limit_bytes   INTEGER NOT NULL,
      committed_seq INTEGER NOT NULL,
      committed_tip INTEGER NOT NULL,
      acked_seq     INTEGER NOT NULL,
      acked_tip     INTEGER NOT NULL,
      trimmed_seq   INTEGER NOT NULL,
      trimmed_tip   INTEGER NOT NULL,
      backlog_bytes INTEGER NOT NULL,
      kept_bytes    INTEGER NOT NULL,
      mark_seq      INTEGER NOT NULL,
      mark_ms       INTEGER NOT NULL,
      epoch         INTEGER NOT NULL,
      cluster_id    BLOB    NOT NULL
    ) STRICT;

    CREATE TABLE ship_backfill (
      id          INTEGER PRIMARY KEY,
      from_ms     INTEGER NOT NULL,
      to_ms       INTEGER NOT NULL,
      kinds       INTEGER NOT NULL,
      cause       TEXT    NOT NULL,
      cursor_kind INTEGER NOT NULL DEFAULT 0,
      cursor_ms   INTEGER NOT NULL DEFAULT 0,
      cursor_skip INTEGER NOT NULL DEFAULT 0,
      changes     INTEGER NOT NULL DEFAULT 0,
      done_seq    INTEGER
    ) STRICT;
    """
}
