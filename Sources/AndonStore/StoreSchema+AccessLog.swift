extension StoreSchema {
  /// Who looked at workers' figures and events: one row for each answer that had some. Rows are never changed, and only
  /// retention deletes them.
  static let accessLog = """
    CREATE TABLE access_log (
      seq       INTEGER PRIMARY KEY AUTOINCREMENT,
      at_ms     INTEGER NOT NULL,
      user      TEXT    NOT NULL,
      proof     TEXT    NOT NULL,
      address   TEXT    NOT NULL,
      operation TEXT    NOT NULL,
      worker_id TEXT    NOT NULL,
      subjects  INTEGER NOT NULL CHECK (subjects >= 0),
      from_ms   INTEGER,
      to_ms     INTEGER,
      reason    TEXT    NOT NULL
    ) STRICT;
    CREATE INDEX access_log_by_time ON access_log (at_ms);

    \(accessLogIsNotChanged)
    """

  static let accessLogIsNotChanged = """
    CREATE TRIGGER access_log_is_not_changed BEFORE UPDATE ON access_log
      BEGIN SELECT RAISE(ABORT, 'rows of the access log are never changed'); END;
    """

  /// Whether the name of who decided was proved; rows of before are not.
  static let verifiedNames = """
    ALTER TABLE camera_out_of_service ADD COLUMN by_verified INTEGER NOT NULL DEFAULT 0 CHECK (by_verified IN (0, 1));
    ALTER TABLE calendar_change ADD COLUMN by_verified INTEGER NOT NULL DEFAULT 0 CHECK (by_verified IN (0, 1));
    """
}
