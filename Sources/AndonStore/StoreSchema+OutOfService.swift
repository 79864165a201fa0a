extension StoreSchema {
  /// Cameras that a person took out of service.
  static let outOfService = """
    CREATE TABLE camera_out_of_service (
      camera_id TEXT    NOT NULL PRIMARY KEY CHECK (length(camera_id) BETWEEN 1 AND 64),
      since_ms  INTEGER NOT NULL,
      until_ms  INTEGER,
      by        TEXT    NOT NULL,
      reason    TEXT    NOT NULL
    ) STRICT, WITHOUT ROWID;
    """
}
