extension StoreSchema {
  /// How the patches of the small tables stand, while the log keeps the state. It belongs to this copy of the file.
  ///
  /// `tip` is the hash chain of the patches, `total_bytes` how many bytes of them were ever written. The base that the server
  /// has is of the body `base_seq`, with `base_total` as `total_bytes` was then, and has `base_bytes`. `due_seq` is 0, or the
  /// body from which a new base is needed, because patches before it are left out.
  static let patches = """
    CREATE TABLE ship_patch (
      id          INTEGER PRIMARY KEY CHECK (id = 1),
      tip         INTEGER NOT NULL,
      total_bytes INTEGER NOT NULL,
      due_seq     INTEGER NOT NULL,
      base_seq    INTEGER NOT NULL,
      base_total  INTEGER NOT NULL,
      base_bytes  INTEGER NOT NULL,
      base_ms     INTEGER NOT NULL
    ) STRICT;

    -- Positions of bodies before an erasure gave them another chain: the server may have one whose answer was lost.
    CREATE TABLE ship_alias (
      seq INTEGER NOT NULL,
      tip INTEGER NOT NULL,
      PRIMARY KEY (seq, tip)
    ) STRICT, WITHOUT ROWID;

    -- Before this time the file has no events any more: they were deleted by age.
    CREATE TABLE event_range (
      id      INTEGER PRIMARY KEY CHECK (id = 1),
      from_ms INTEGER NOT NULL
    ) STRICT;
    INSERT INTO event_range (id, from_ms)
      SELECT 1, bucket_ms FROM event_checksum
      WHERE EXISTS (SELECT 1 FROM carried_state) OR EXISTS (SELECT 1 FROM final_range)
      ORDER BY bucket_ms LIMIT 1;
    """
}
