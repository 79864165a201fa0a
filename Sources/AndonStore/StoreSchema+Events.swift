extension StoreSchema {
  /// What came in: events, their checksums, and what was rejected.
  ///
  /// The rows lie in order of time, which is nearly the order of arrival: a commit writes a few pages for any number
  /// of workers. Names are numbers; `event_text` shows them. Two indexes with one blob a bucket have the events of a
  /// worker as far as a summary needs them, and the confidences of a camera and model version. The decoder refuses everything that a CHECK here would refuse:
  /// otherwise one bad message would fail its transaction, be delivered again and fail again for ever. `event_checksum`
  /// holds the number and the sum of the checksums of a quarter of an hour's rows. `counter_total` is the last reading of
  /// each counter of a camera that sends totals; it is written with the event of the difference and is needed after that
  /// event was deleted.
  /// A CHECK with IN and three values or more would build a table for them at each execution, so OR is written out.
  static let events = """
    CREATE TABLE name (
      id       INTEGER PRIMARY KEY,
      kind     TEXT    NOT NULL CHECK (kind = 'worker' OR kind = 'workstation' OR kind = 'camera' OR kind = 'model'),
      text     TEXT    NOT NULL CHECK (length(text) BETWEEN 1 AND 64),
      checksum INTEGER NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX name_by_text ON name (kind, text);

    CREATE TABLE event (
      timestamp_ms   INTEGER NOT NULL,
      worker         INTEGER NOT NULL,
      kind           INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 3),
      workstation    INTEGER NOT NULL,
      event_id       ANY     NOT NULL CHECK (length(event_id) <= 64),
      camera         INTEGER NOT NULL,
      model          INTEGER NOT NULL,
      confidence_ppm INTEGER CHECK (confidence_ppm BETWEEN 0 AND 1000000),
      count          INTEGER NOT NULL CHECK (count BETWEEN 0 AND 10000),
      accepted       INTEGER NOT NULL CHECK (accepted IN (0, 1)),
      delay_ms       INTEGER NOT NULL,
      PRIMARY KEY (timestamp_ms, worker, kind, workstation, event_id),
      CHECK (kind = 3 OR (worker <> 0 AND confidence_ppm IS NOT NULL AND count = 0))
    ) STRICT, WITHOUT ROWID;

    CREATE VIEW event_text AS
      SELECT timestamp_ms, strftime('%Y-%m-%dT%H:%M:%fZ', timestamp_ms / 1000.0, 'unixepoch') AS timestamp,
        coalesce(worker.text, '') AS worker_id,
        CASE event.kind WHEN 0 THEN 'absent' WHEN 1 THEN 'idle' WHEN 2 THEN 'working' ELSE 'product_count' END AS event,
        workstation.text AS workstation_id, \(EventIdentifier.sqlText) AS event_id, camera.text AS camera_id,
        coalesce(model.text, '') AS model_version, confidence_ppm / 1000000.0 AS confidence, count, accepted,
        timestamp_ms + delay_ms AS received_at_ms
      FROM event LEFT JOIN name AS worker ON worker.id = event.worker
        LEFT JOIN name AS workstation ON workstation.id = event.workstation
        LEFT JOIN name AS camera ON camera.id = event.camera LEFT JOIN name AS model ON model.id = event.model;

    CREATE TABLE worker_index (
      bucket_ms INTEGER NOT NULL,
      worker    INTEGER NOT NULL,
      events    BLOB    NOT NULL,
      PRIMARY KEY (bucket_ms, worker)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE camera_index (
      camera    INTEGER NOT NULL,
      model     INTEGER NOT NULL,
      bucket_ms INTEGER NOT NULL,
      samples   BLOB    NOT NULL,
      PRIMARY KEY (camera, model, bucket_ms)
    ) STRICT, WITHOUT ROWID;

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

  /// The list of a camera and model version is in parts of about a hundred events: a late event reads and writes one of
  /// them. A list that was written before is one long part, and cut when it changes.
  static let partsOfLists = "ALTER TABLE camera_index RENAME COLUMN bucket_ms TO from_ms"
}
