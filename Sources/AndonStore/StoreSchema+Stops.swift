extension StoreSchema {
  /// The journal of reasons: what people said about the time of a stop. The newest that belongs to a stop counts; rows
  /// are not deleted for newer ones. `end_ms` is null when the stop was open, `reason` is `none` where the one before is
  /// taken away.
  static let stopReasons = """
    CREATE TABLE stop_reason (
      id             INTEGER PRIMARY KEY AUTOINCREMENT,
      workstation_id TEXT    NOT NULL,
      start_ms       INTEGER NOT NULL,
      end_ms         INTEGER CHECK (end_ms > start_ms),
      reason         TEXT    NOT NULL,
      comment        TEXT    NOT NULL,
      by             TEXT    NOT NULL,
      by_verified    INTEGER NOT NULL CHECK (by_verified IN (0, 1)),
      at_ms          INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX stop_reason_by_time ON stop_reason (start_ms);
    """

  /// What was told of stops on their topics: the last telling of each stop, so that the next one tells what changed.
  static let toldStops = """
    CREATE TABLE told_stop (
      workstation_id TEXT    NOT NULL,
      start_ms       INTEGER NOT NULL,
      end_ms         INTEGER NOT NULL,
      open           INTEGER NOT NULL CHECK (open IN (0, 1)),
      duration_ms    INTEGER NOT NULL,
      kind           TEXT    NOT NULL,
      shift_id       TEXT    NOT NULL,
      revision       INTEGER NOT NULL CHECK (revision > 0),
      retracted      INTEGER NOT NULL CHECK (retracted IN (0, 1)),
      face           INTEGER NOT NULL,
      payload        BLOB    NOT NULL,
      PRIMARY KEY (workstation_id, start_ms)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX told_stop_by_time ON told_stop (start_ms);
    """

  /// The newest deleted event of each workstation: one that is not listed takes part in the shifts of the seven days
  /// after it.
  static let carriedStations = """
    CREATE TABLE carried_station (
      workstation INTEGER PRIMARY KEY,
      last_ms     INTEGER NOT NULL
    ) STRICT;
    """
}
