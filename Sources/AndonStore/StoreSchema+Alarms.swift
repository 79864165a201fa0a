extension StoreSchema {
  /// Drift, episodes, alarms and their delivery.
  ///
  /// An episode is computed from samples and may be computed again. What people decided (`ground_truth`), what was
  /// reported (`alert_journal`) and what is still to be delivered (`outbox`) cannot be computed.
  static let alarms = """
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

    CREATE TABLE drift_hour (
      camera_id     TEXT    NOT NULL,
      model_version TEXT    NOT NULL,
      hour          INTEGER NOT NULL,
      count         INTEGER NOT NULL CHECK (count > 0),
      sum_ppm       INTEGER NOT NULL CHECK (sum_ppm >= 0),
      below_gate    INTEGER NOT NULL CHECK (below_gate BETWEEN 0 AND count),
      rules         BLOB    NOT NULL,
      PRIMARY KEY (camera_id, model_version, hour)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE episode (
      rule                TEXT    NOT NULL,
      source_id           TEXT    NOT NULL,
      model_version       TEXT    NOT NULL,
      since_ms            INTEGER NOT NULL,
      raised_ms           INTEGER NOT NULL,
      ended_ms            INTEGER,
      occurrence_since_ms INTEGER NOT NULL,
      occurrence_id       TEXT    NOT NULL,
      flap_count          INTEGER NOT NULL,
      value_ppm           INTEGER,
      PRIMARY KEY (rule, source_id, model_version, since_ms)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX episode_open ON episode (rule) WHERE ended_ms IS NULL;

    CREATE TABLE alarm_state (
      rule          TEXT    NOT NULL,
      source_id     TEXT    NOT NULL,
      model_version TEXT    NOT NULL,
      alert_id      TEXT    NOT NULL,
      state         TEXT    NOT NULL,
      revision      INTEGER NOT NULL,
      life          TEXT    NOT NULL,
      checksum      INTEGER NOT NULL DEFAULT 0,
      PRIMARY KEY (rule, source_id, model_version)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE alert_journal (
      seq           INTEGER PRIMARY KEY AUTOINCREMENT,
      alert_id      TEXT    NOT NULL,
      occurrence_id TEXT    NOT NULL,
      revision      INTEGER NOT NULL,
      event         TEXT    NOT NULL,
      page          INTEGER NOT NULL CHECK (page IN (0, 1)),
      at_ms         INTEGER NOT NULL,
      noted_ms      INTEGER NOT NULL,
      record        TEXT    NOT NULL,
      count         INTEGER NOT NULL DEFAULT 1
    ) STRICT;
    CREATE INDEX alert_journal_by_alert ON alert_journal (alert_id, seq);
    CREATE INDEX alert_journal_by_time ON alert_journal (noted_ms);

    CREATE TABLE outbox (
      seq      INTEGER PRIMARY KEY AUTOINCREMENT,
      topic    TEXT    NOT NULL,
      schema   TEXT    NOT NULL,
      payload  BLOB    NOT NULL,
      expiry_s INTEGER NOT NULL CHECK (expiry_s > 0)
    ) STRICT;
    CREATE INDEX outbox_by_topic ON outbox (topic, seq);

    CREATE TABLE command_result (
      req_id  TEXT    NOT NULL PRIMARY KEY,
      cmd     TEXT    NOT NULL,
      at_ms   INTEGER NOT NULL,
      payload BLOB    NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX command_result_by_time ON command_result (at_ms);

    CREATE TABLE ground_truth (
      occurrence_id TEXT    NOT NULL PRIMARY KEY,
      alert_id      TEXT    NOT NULL,
      verdict       TEXT    NOT NULL CHECK (verdict IN ('confirmed', 'false_alarm')),
      said_by       TEXT    NOT NULL,
      comment       TEXT    NOT NULL,
      at_ms         INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE shift_result (
      workstation_id TEXT    NOT NULL,
      start_ms       INTEGER NOT NULL,
      end_ms         INTEGER NOT NULL,
      shift_id       TEXT    NOT NULL,
      units          INTEGER NOT NULL,
      utilization    INTEGER,
      PRIMARY KEY (workstation_id, start_ms)
    ) STRICT, WITHOUT ROWID;
    """

  /// When a row of the journal was made: a chattering alarm's row is noted again.
  static let firstNotes = """
    ALTER TABLE alert_journal ADD COLUMN first_ms INTEGER NOT NULL DEFAULT 0;
    UPDATE alert_journal SET first_ms = noted_ms;
    """
}
