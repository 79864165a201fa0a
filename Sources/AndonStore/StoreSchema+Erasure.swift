extension StoreSchema {
  /// Workers who were erased: how many events stayed without them, and until when late events of theirs are refused.
  ///
  /// `digest` is an HMAC of the id with `salt` as its key: who has the file can only try ids. Both are emptied at
  /// `until_ms`, `topics` when the broker has emptied the retained topics that it lists, a line each. `sweep` is 0 until
  /// old copies of what was erased have left the file.
  static let erasure = """
    CREATE TABLE erasure (
      id       INTEGER PRIMARY KEY,
      at_ms    INTEGER NOT NULL,
      until_ms INTEGER NOT NULL,
      salt     BLOB    NOT NULL,
      digest   TEXT    NOT NULL,
      events   INTEGER NOT NULL CHECK (events >= 0),
      topics   TEXT    NOT NULL,
      sweep    INTEGER NOT NULL DEFAULT 0 CHECK (sweep IN (0, 1))
    ) STRICT;
    """
}
