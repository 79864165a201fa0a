import Postgres
import TestSupport
import Testing

@testable import AndonCentral

/// The main queries, and what they cost.
@Suite(.ownThread, .serialized, .timeLimit(.minutes(10)))
struct CentralPlanTests {
  private static let dayLength: Int64 = 86_400_000
  private let day = CentralTestDatabase.dayMs

  private func plan(_ database: CentralTestDatabase, _ sql: String) throws -> String {
    try database.text("EXPLAIN (COSTS OFF) \(sql)")
  }

  @Test func partitionsOutsideOfTheRangeAreNotRead() throws {
    let database = try CentralTestDatabase()
    _ = try database.session().maintain(oldestMs: day - 700 * Self.dayLength)
    let (from, to) = (day - 10 * Self.dayLength, day)
    let events = try plan(
      database,
      "SELECT count(*) FROM andon.events WHERE site_id = 's' AND timestamp_ms >= \(from) AND timestamp_ms < \(to)"
    )
    #expect(events.contains("event_2026_11"))
    #expect(!events.contains("event_2026_10"))
    #expect(!events.contains("event_2026_12"))
    let figures = try plan(
      database,
      "SELECT * FROM andon.kpi_site WHERE window_kind = 'day' AND start_ms >= \(from) AND start_ms < \(to)")
    #expect(figures.contains("kpi_2026"))
    #expect(!figures.contains("kpi_2025"))
    #expect(!figures.contains("kpi_2027"))
  }

  /// A year of 1000 sites is what the index must leave out: 30 days of site figures among hours and workstations.
  @Test func thirtyDaysOfAThousandSites() throws {
    let database = try CentralTestDatabase()
    _ = try database.session().maintain(oldestMs: day - 60 * Self.dayLength)
    let columns =
      "site_id, window_kind, start_ms, end_ms, shift_id, scope, id, epoch, rev, published_ms, quality, withheld, "
      + "working_s, units, utilization_pct"
    let values = "'', s, i, 1, 1, 1, 192, false, 1000, 10, 50"
    try database.server.run(
      """
      INSERT INTO andon.head (site_id) SELECT format('site-%s', n) FROM generate_series(1, 1000) AS n;
      INSERT INTO andon.kpi (\(columns))
        SELECT format('site-%s', n), 'day', \(day) - d * \(Self.dayLength), \(day) - d * \(Self.dayLength) + 1, \(values)
        FROM generate_series(1, 1000) AS n, generate_series(1::bigint, 40) AS d,
          (VALUES ('site', 'x'), ('workstation', 'a1'), ('workstation', 'a2'), ('workstation', 'a3')) AS v (s, i);
      INSERT INTO andon.kpi (\(columns))
        SELECT format('site-%s', n), 'shift', \(day) - d * \(Self.dayLength) + h * 28800000,
          \(day) - d * \(Self.dayLength) + (h + 1) * 28800000, \(values)
        FROM generate_series(1, 1000) AS n, generate_series(1::bigint, 40) AS d, generate_series(0, 2) AS h,
          (VALUES ('site', 'x'), ('workstation', 'a1')) AS v (s, i);
      """, in: database.name)
    try database.server.run("VACUUM ANALYZE andon.kpi", in: database.name)
    let reader = try database.connection("andon_reader")
    func measure(_ name: String, _ sql: String, rows: Int) throws -> Duration {
      var best = Duration.seconds(1000)
      for _ in 0..<5 {
        let begin = ContinuousClock.now
        #expect(try reader.execute(sql, timeoutMs: 60_000).rowCount == rows, "\(name)")
        best = min(best, ContinuousClock.now - begin)
      }
      print("central query: \(name): \(best)")
      return best
    }
    let from = day - 30 * Self.dayLength
    let all = try measure(
      "30 days by site, 1000 sites",
      """
      SELECT site_id, sum(working_s)::text AS working, sum(units)::bigint AS units, count(*) AS days
      FROM andon.kpi_site WHERE window_kind = 'day' AND start_ms >= \(from) AND start_ms < \(day) GROUP BY 1
      """, rows: 1000)
    // The bar is 200 ms; a loaded machine gets more.
    #expect(all < .seconds(2))
    let now = try measure(
      "newest windows of 1000 sites", "SELECT site_id, window_kind FROM andon.kpi_now", rows: 2000)
    #expect(now < .seconds(4))
    _ = try measure("state of 1000 sites", "SELECT site_id FROM andon.site_now", rows: 1000)
    _ = try measure(
      "last shift of one site",
      "SELECT 1 AS a FROM andon.kpi_site WHERE site_id = 'site-7' AND window_kind = 'shift' "
        + "ORDER BY start_ms DESC LIMIT 1", rows: 1)
    let text = try plan(
      database,
      "SELECT * FROM andon.kpi_site WHERE window_kind = 'day' AND start_ms >= \(from) AND start_ms < \(day)")
    #expect(text.contains("scope = 'site'") || text.contains("kpi_2026"))
    // Sums over all sites read no rows: those of the sites lie among the others.
    for kind in ["day", "shift"] {
      let sums = try plan(
        database,
        "SELECT shift_id, sum(working_s), sum(idle_s), sum(units), sum(target_units), sum(stop_s) FROM andon.kpi_site "
          + "WHERE window_kind = '\(kind)' AND start_ms >= \(from) AND start_ms < \(day) GROUP BY 1")
      #expect(sums.contains("Index Only Scan using kpi_2026_window_kind_start_ms"), "\(sums)")
    }
  }
}
