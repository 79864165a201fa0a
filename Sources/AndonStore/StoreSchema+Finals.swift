extension StoreSchema {
  /// What stays of deleted events.
  ///
  /// `final_figures` has the figures of closed windows, a row for each window and scope, as they were in the transaction
  /// that deleted the first of their events. `final_range` tells which windows those are: all that end after `from_ms`
  /// and begin before `to_ms`. They are never computed again.
  ///
  /// `carried_state` is the balance that is carried forward: what the deleted events say of each worker at the time of
  /// the oldest ones that are left. `set_ms`, `kind` and `workstation` are the last state, `last_ms` and `camera` the last
  /// sign of life. So figures of the windows after it are the same as before.
  static let finals = """
    CREATE TABLE final_figures (
      window_kind TEXT    NOT NULL CHECK (window_kind = 'hour' OR window_kind = 'shift' OR window_kind = 'day'),
      start_ms    INTEGER NOT NULL,
      end_ms      INTEGER NOT NULL CHECK (end_ms > start_ms),
      shift_id    TEXT    NOT NULL,
      scope       TEXT    NOT NULL CHECK (scope = 'site' OR scope = 'area' OR scope = 'line' OR scope = 'workstation'
        OR scope = 'worker'),
      records     BLOB    NOT NULL,
      PRIMARY KEY (window_kind, start_ms, end_ms, shift_id, scope)
    ) STRICT;

    CREATE TABLE final_range (
      id      INTEGER PRIMARY KEY CHECK (id = 1),
      from_ms INTEGER NOT NULL,
      to_ms   INTEGER NOT NULL CHECK (to_ms >= from_ms)
    ) STRICT;

    CREATE TABLE carried_state (
      worker       INTEGER PRIMARY KEY,
      first_set_ms INTEGER,
      set_ms       INTEGER,
      kind         INTEGER NOT NULL,
      workstation  INTEGER NOT NULL,
      last_ms      INTEGER NOT NULL,
      camera       INTEGER NOT NULL,
      checksum     INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX carried_state_by_time ON carried_state (last_ms);
    """

  /// Find what is too old.
  static let ages = """
    CREATE INDEX final_figures_by_age ON final_figures (scope, start_ms);
    CREATE INDEX alert_journal_with_names ON alert_journal (noted_ms) WHERE instr(record, 'by":"') > 0;
    CREATE INDEX quarantine_by_time ON quarantine (received_at_ms);
    """
}
