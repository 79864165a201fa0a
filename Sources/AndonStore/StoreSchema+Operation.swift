extension StoreSchema {
  /// The file's site, what is known to be missing, and how far the file has come.
  ///
  /// Every commit writes `progress`, so what every commit changes is in this one row: also how each input ended, and in
  /// `pending` what waits for the next flush (`PendingWrites`). `generation` grows when another part than the ingest
  /// loop changed what is pending. `counter` shows the outcomes as rows.
  /// `calendar_change` is the journal of commands on the calendar; the newest that names a date counts. `line` is empty
  /// for the whole site.
  /// `mapping_filter` holds the filters to which the broker's session may be subscribed: the broker keeps them after a
  /// mapping was taken out of the configuration.
  static let operation = """
    CREATE TABLE site (
      id      INTEGER PRIMARY KEY CHECK (id = 1),
      site_id TEXT    NOT NULL
    ) STRICT;

    CREATE TABLE gap (
      id          INTEGER PRIMARY KEY,
      cause       TEXT    NOT NULL,
      from_ms     INTEGER NOT NULL,
      to_ms       INTEGER NOT NULL CHECK (to_ms >= from_ms),
      noted_at_ms INTEGER NOT NULL,
      detail      TEXT    NOT NULL,
      camera_id   TEXT    NOT NULL DEFAULT ''
    ) STRICT;

    CREATE TABLE progress (
      id                   INTEGER PRIMARY KEY CHECK (id = 1),
      sequence             INTEGER NOT NULL CHECK (sequence >= 0),
      committed_at_ms      INTEGER NOT NULL,
      session_since_ms     INTEGER NOT NULL,
      lost_since_ms        INTEGER NOT NULL,
      is_connecting        INTEGER NOT NULL CHECK (is_connecting IN (0, 1)),
      newest_event_ms      INTEGER NOT NULL,
      broker_dropped       INTEGER NOT NULL,
      broker_dropped_at_ms INTEGER NOT NULL,
      heard_at_ms          INTEGER NOT NULL DEFAULT 0,
      lost_cause           TEXT    NOT NULL DEFAULT 'session_lost',
      received             INTEGER NOT NULL DEFAULT 0 CHECK (received >= 0),
      stored               INTEGER NOT NULL DEFAULT 0 CHECK (stored >= 0),
      low_confidence       INTEGER NOT NULL DEFAULT 0 CHECK (low_confidence >= 0),
      duplicate            INTEGER NOT NULL DEFAULT 0 CHECK (duplicate >= 0),
      rejected             INTEGER NOT NULL DEFAULT 0 CHECK (rejected >= 0),
      conflict             INTEGER NOT NULL DEFAULT 0 CHECK (conflict >= 0),
      ignored              INTEGER NOT NULL DEFAULT 0 CHECK (ignored >= 0),
      quarantine_dropped   INTEGER NOT NULL DEFAULT 0 CHECK (quarantine_dropped >= 0),
      quarantine_replayed  INTEGER NOT NULL DEFAULT 0 CHECK (quarantine_replayed >= 0),
      quarantine_purged    INTEGER NOT NULL DEFAULT 0 CHECK (quarantine_purged >= 0),
      generation           INTEGER NOT NULL DEFAULT 0,
      pending              BLOB    NOT NULL DEFAULT x''
    ) STRICT;

    INSERT INTO progress (id, sequence, committed_at_ms, session_since_ms, lost_since_ms, is_connecting,
      newest_event_ms, broker_dropped, broker_dropped_at_ms) VALUES (1, 0, 0, 0, 0, 0, 0, 0, 0);

    CREATE VIEW counter AS
      \(counters)
    ;

    CREATE TABLE retention_mark (
      id           INTEGER PRIMARY KEY CHECK (id = 1),
      reference_ms INTEGER NOT NULL,
      held_for_ms  INTEGER NOT NULL CHECK (held_for_ms >= 0),
      held_ms      INTEGER NOT NULL CHECK (held_ms >= 0),
      reason       TEXT    NOT NULL
    ) STRICT;

    CREATE TABLE mapping_filter (
      filter TEXT NOT NULL PRIMARY KEY
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE camera_out_of_service (
      camera_id TEXT    NOT NULL PRIMARY KEY CHECK (length(camera_id) BETWEEN 1 AND 64),
      since_ms  INTEGER NOT NULL,
      until_ms  INTEGER,
      by        TEXT    NOT NULL,
      reason    TEXT    NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE calendar_change (
      id       INTEGER PRIMARY KEY,
      at_ms    INTEGER NOT NULL,
      action   TEXT    NOT NULL CHECK (action IN ('close', 'open', 'clear')),
      from_day INTEGER NOT NULL,
      to_day   INTEGER NOT NULL CHECK (to_day >= from_day),
      line     TEXT    NOT NULL,
      shifts   TEXT    NOT NULL,
      reason   TEXT    NOT NULL,
      by       TEXT    NOT NULL
    ) STRICT;
    """

  private static let counters = OutcomeCounters.names.map(\.name)
    .map { "SELECT '\($0)' AS name, \($0) AS value FROM progress" }.joined(separator: " UNION ALL ")
}
