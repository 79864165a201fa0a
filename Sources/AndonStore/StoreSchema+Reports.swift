extension StoreSchema {
  /// What was told of the reports of shifts: the last telling of each, so that the next one tells what changed.
  static let toldReports = """
    CREATE TABLE told_report (
      scope     TEXT    NOT NULL,
      id        TEXT    NOT NULL,
      start_ms  INTEGER NOT NULL,
      end_ms    INTEGER NOT NULL CHECK (end_ms > start_ms),
      shift_id  TEXT    NOT NULL,
      revision  INTEGER NOT NULL CHECK (revision > 0),
      retracted INTEGER NOT NULL CHECK (retracted IN (0, 1)),
      face      INTEGER NOT NULL,
      PRIMARY KEY (scope, id, start_ms)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX told_report_by_time ON told_report (end_ms);
    """
}
