extension StoreSchema {
  /// The last reading of each counter of a camera that sends totals. It is written with the event of the
  /// difference and goes on being needed whatever is deleted of events. `mapping_filter` has what the broker's
  /// session may be subscribed to: it keeps that after a mapping was taken out of the configuration.
  static let payloadMapping = """
    CREATE TABLE counter_total (
      mapping        TEXT    NOT NULL,
      camera_id      TEXT    NOT NULL,
      worker_id      TEXT    NOT NULL,
      workstation_id TEXT    NOT NULL,
      total          INTEGER NOT NULL CHECK (total >= 0),
      timestamp_ms   INTEGER NOT NULL,
      PRIMARY KEY (mapping, camera_id, worker_id, workstation_id)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE mapping_filter (
      filter TEXT NOT NULL PRIMARY KEY
    ) STRICT, WITHOUT ROWID;
    """
}
