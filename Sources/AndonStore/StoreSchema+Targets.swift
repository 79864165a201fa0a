extension StoreSchema {
  /// The journal of commands on targets; the newest that covers an instant counts. `until_ms` is NULL for one without
  /// end, `micro_units_per_hour` NULL for "as configured again".
  static let targets = """
    CREATE TABLE target_change (
      id                   INTEGER PRIMARY KEY,
      at_ms                INTEGER NOT NULL,
      scope                TEXT    NOT NULL,
      subject              TEXT    NOT NULL,
      from_ms              INTEGER NOT NULL,
      until_ms             INTEGER CHECK (until_ms > from_ms),
      micro_units_per_hour INTEGER CHECK (micro_units_per_hour > 0),
      order_id             TEXT    NOT NULL,
      product              TEXT    NOT NULL,
      by                   TEXT    NOT NULL,
      by_verified          INTEGER NOT NULL CHECK (by_verified IN (0, 1))
    ) STRICT;
    """
}
