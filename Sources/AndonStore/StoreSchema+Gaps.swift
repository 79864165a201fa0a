extension StoreSchema {
  /// What is known to be missing, and how far the file has come.
  static let gapsAndProgress = """
    CREATE TABLE gap (
      id          INTEGER PRIMARY KEY,
      cause       TEXT    NOT NULL,
      from_ms     INTEGER NOT NULL,
      to_ms       INTEGER NOT NULL CHECK (to_ms >= from_ms),
      noted_at_ms INTEGER NOT NULL,
      detail      TEXT    NOT NULL
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
      broker_dropped_at_ms INTEGER NOT NULL
    ) STRICT;
    """
}
