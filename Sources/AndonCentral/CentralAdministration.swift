import AndonRuntime
package import AndonStore
package import Postgres

/// What a person does with the central database: makes it, migrates it, looks at it. For one thread at a time.
package final class CentralAdministration {
  private let connection: PostgresConnection
  private let place: String
  /// How long a migration may wait for others and work.
  private static let timeoutMs: Int64 = 600_000

  package init(_ settings: PostgresSettings) throws(CentralError) {
    place = settings.place
    connection = try .open(settings)
  }

  /// Makes roles and schema where they are missing, and migrates. Safe to run again.
  ///
  /// - Returns: the names of the migrations that were applied.
  package func initialize(layout: CentralLayout) throws(CentralError) -> [String] {
    if layout == .timescale {
      let found = try call { connection throws(PostgresError) in
        try connection.execute("SELECT 1 FROM pg_extension WHERE extname = 'timescaledb'").rowCount
      }
      guard found > 0 else { throw .noTimescale(place: place) }
    }
    let other = try call { connection throws(PostgresError) -> String in
      try connection.executeScript(Self.begin, timeoutMs: Self.timeoutMs)
      try connection.executeScript(CentralSchema.start)
      let existing = try connection.execute("SELECT layout FROM andon.meta")
      if existing.rowCount == 0 {
        try connection.execute(
          "INSERT INTO andon.meta (schema_version, oldest_writer, layout) VALUES (0, $1, $2)",
          [.init(CentralSchema.oldestWriter), .init(layout.rawValue)])
      }
      try connection.executeScript("COMMIT")
      return existing.rowCount == 0 ? layout.rawValue : try existing.required(0, "layout")
    }
    guard other == layout.rawValue else {
      throw .otherLayout(CentralLayout(rawValue: other) ?? .native, place: place)
    }
    return try migrate()
  }

  /// Applies the migrations that are missing, each in a transaction of its own. Several at once wait for each other.
  ///
  /// - Returns: their names.
  package func migrate() throws(CentralError) -> [String] {
    var applied: [String] = []
    while let name = try step() { applied.append(name) }
    _ = try call { connection throws(PostgresError) in
      try connection.execute("SELECT * FROM andon.maintain_v1(NULL)", timeoutMs: Self.timeoutMs)
    }
    return applied
  }

  /// A transaction that waits for those of other migrations.
  private static let begin = """
    BEGIN;
    SET LOCAL lock_timeout = '60s';
    SET LOCAL idle_in_transaction_session_timeout = '60s';
    SELECT pg_advisory_xact_lock(\(CentralSchema.lock), 1);
    """

  /// Applies the next migration; nil when there is none.
  private func step() throws(CentralError) -> String? {
    let (version, name) = try call { connection throws(PostgresError) -> (Int32, String?) in
      try connection.executeScript(Self.begin + " SET LOCAL ROLE andon_owner;", timeoutMs: Self.timeoutMs)
      let meta = try connection.execute("SELECT schema_version, layout FROM andon.meta")
      let version = try meta.required(0, "schema_version", as: Int32.self)
      let layout = CentralLayout(rawValue: try meta.required(0, "layout")) ?? .native
      guard CentralSchema.migrations.indices.contains(Int(version)) else {
        try connection.executeScript("ROLLBACK")
        return (version, nil)
      }
      let migration = CentralSchema.migrations[Int(version)]
      try connection.executeScript(migration.sql(layout) + CentralSchema.grants, timeoutMs: Self.timeoutMs)
      try connection.execute("UPDATE andon.meta SET schema_version = $1", [.init(version + 1)])
      try connection.execute(
        "INSERT INTO andon.migration (number, name, program) VALUES ($1, $2, $3)",
        [.init(version + 1), .init(migration.name), .init(AndonVersion.text)])
      try connection.executeScript("COMMIT", timeoutMs: Self.timeoutMs)
      return (version, migration.name)
    }
    guard version <= CentralSchema.version else { throw .newerSchema(version: version, place: place) }
    return name
  }

  /// For roles that may read: `andon_reader`, `andon_owner`.
  package func status() throws(CentralError) -> CentralStatus {
    try call { connection throws(PostgresError) in
      let about = try CentralAbout(try connection.execute(CentralAbout.statement))
      let stray = try connection.execute("SELECT coalesce(sum(rows), 0)::bigint AS rows FROM andon.strays")
      let sites = try connection.execute(
        """
        SELECT site_id, bridge_id, epoch, seq, (extract(epoch FROM shipped_at) * 1000)::bigint AS shipped_ms,
          newest_event_ms, stored
        FROM andon.site_now ORDER BY site_id
        """)
      let rows = try sites.map { row throws(PostgresError) in
        CentralSite(
          siteID: try sites.required(row, "site_id"), bridgeID: try sites.value(row, "bridge_id"),
          epoch: try sites.required(row, "epoch"), seq: try sites.required(row, "seq"),
          shippedMs: try sites.value(row, "shipped_ms"),
          newestEventMs: try sites.value(row, "newest_event_ms"),
          stored: try sites.required(row, "stored"))
      }
      return CentralStatus(
        about: about,
        strayRows: try stray.required(0, "rows"), sites: rows)
    }
  }

  /// Rows of a site by table and day since a time. For roles that ship or read.
  package func counts(site: String, sinceMs: Int64) throws(CentralError) -> [ShipCount] {
    try call { connection throws(PostgresError) in
      let result = try connection.execute(
        "SELECT in_table, day, amount FROM andon.count_v1($1, $2)", [.init(site), .init(sinceMs)],
        timeoutMs: Self.timeoutMs)
      return try result.map { row throws(PostgresError) in
        ShipCount(
          table: try result.required(row, "in_table"), day: try result.required(row, "day"),
          rows: try result.required(row, "amount"))
      }
    }
  }

  /// Asks the bridge that holds the site to read the rows of that time from its tables. For roles that ship.
  ///
  /// - Returns: false when no bridge has ever shipped the site.
  package func askBackfill(_ request: CentralRequest) throws(CentralError) -> Bool {
    try call { connection throws(PostgresError) in
      try connection.execute(
        "SELECT andon.ask_backfill_v1($1, $2, $3) AS known",
        [.init(request.siteID), .init(request.fromMs), .init(request.toMs)]
      ).required(0, "known")
    }
  }

  private func call<Result>(
    _ body: (PostgresConnection) throws(PostgresError) -> Result
  ) throws(CentralError) -> Result {
    try connection.run(at: place, rollsBack: true, body)
  }

  static func words(_ error: PostgresError, place: String) -> CentralError {
    switch error.sqlState {
    // No schema, no table, no function.
    case "3F000", "42P01", "42883": .missing(place: place)
    default: .postgres(error, place: place)
    }
  }
}
