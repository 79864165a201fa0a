extension StoreSchema {
  /// What came in: events, their checksums, and what was rejected.
  ///
  /// Worker and time lead the identity, so that a worker's timeline is one range scan and new rows lie near each
  /// other. The decoder refuses everything that a CHECK here would refuse: otherwise one bad message would fail its
  /// transaction, be delivered again and fail again for ever. `event_checksum` holds the number and the sum of the
  /// checksums of a quarter of an hour's rows. `counter_total` is the last reading of each counter of a camera that
  /// sends totals; it is written with the event of the difference and is needed after that event was deleted.
  /// A CHECK with IN and three values or more would build a table for them at each execution, so OR is written out.
  static let events = """
    CREATE TABLE event (
      worker_id      TEXT    NOT NULL CHECK (length(worker_id) <= 64),
      timestamp_ms   INTEGER NOT NULL,
      kind           INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 3),
      workstation_id TEXT    NOT NULL CHECK (length(workstation_id) BETWEEN 1 AND 64),
      event_id       TEXT    NOT NULL CHECK (length(event_id) <= 64),
      camera_id      TEXT    NOT NULL CHECK (length(camera_id) BETWEEN 1 AND 64),
      model_version  TEXT    NOT NULL CHECK (length(model_version) <= 64),
      confidence_ppm INTEGER CHECK (confidence_ppm BETWEEN 0 AND 1000000),
      count          INTEGER NOT NULL CHECK (count BETWEEN 0 AND 10000),
      accepted       INTEGER NOT NULL CHECK (accepted IN (0, 1)),
      received_at_ms INTEGER NOT NULL,
      PRIMARY KEY (worker_id, timestamp_ms, kind, workstation_id, event_id),
      CHECK (kind = 3 OR (worker_id <> '' AND confidence_ppm IS NOT NULL AND count = 0))
    ) STRICT, WITHOUT ROWID;

    CREATE INDEX event_by_camera ON event (camera_id, model_version, timestamp_ms);

    CREATE TABLE event_checksum (
      bucket_ms INTEGER PRIMARY KEY,
      events    INTEGER NOT NULL,
      checksum  INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE camera (
      camera_id        TEXT    NOT NULL PRIMARY KEY,
      events           INTEGER NOT NULL CHECK (events >= 0),
      last_event_ms    INTEGER NOT NULL,
      last_received_ms INTEGER NOT NULL,
      status           TEXT    NOT NULL CHECK (status = 'unknown' OR status = 'online' OR status = 'offline'),
      qos0_received    INTEGER NOT NULL DEFAULT 0,
      qos0_last_ms     INTEGER NOT NULL DEFAULT 0,
      sequence         BLOB    NOT NULL DEFAULT x''
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE entity (
      kind TEXT NOT NULL CHECK (kind = 'worker' OR kind = 'workstation' OR kind = 'camera' OR kind = 'model'),
      id   TEXT NOT NULL,
      PRIMARY KEY (kind, id)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE quarantine (
      id             INTEGER PRIMARY KEY,
      received_at_ms INTEGER NOT NULL,
      camera_id      TEXT    NOT NULL,
      topic          TEXT    NOT NULL,
      code           TEXT    NOT NULL,
      field          TEXT    NOT NULL,
      detail         TEXT    NOT NULL,
      event_id       TEXT    NOT NULL,
      payload        BLOB    NOT NULL CHECK (length(payload) <= 65536),
      payload_bytes  INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE counter_total (
      mapping        TEXT    NOT NULL,
      camera_id      TEXT    NOT NULL,
      worker_id      TEXT    NOT NULL,
      workstation_id TEXT    NOT NULL,
      total          INTEGER NOT NULL CHECK (total >= 0),
      timestamp_ms   INTEGER NOT NULL,
      PRIMARY KEY (mapping, camera_id, worker_id, workstation_id)
    ) STRICT, WITHOUT ROWID;
    """
}
