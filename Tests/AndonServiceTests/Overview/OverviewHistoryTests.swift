import AndonCentral
import Foundation
import Postgres
import TestSupport
import Testing

/// The past in the overview, from a real PostgreSQL with Andon's schema.
@Suite(.ownThread) struct OverviewHistoryTests {
  private static let hourMs: Int64 = 3_600_000

  private func nowMs() -> Int64 { Int64(Date().timeIntervalSince1970 * 1000) }

  /// A row of the table of figures.
  private func row(_ site: String, _ kind: String, ageHours: Int64, utilization: String, units: Int) -> String
  {
    let start = nowMs() - ageHours * Self.hourMs
    return """
      INSERT INTO andon.kpi (site_id, window_kind, start_ms, end_ms, shift_id, scope, id, epoch, rev, published_ms, quality,
        withheld, utilization_pct, units)
      VALUES ('\(site)', '\(kind)', \(start), \(start + 8 * Self.hourMs), \(kind == "shift" ? "'early'" : "''"), 'site',
        '\(site)', 1, 1, \(start), 192, false, \(utilization), \(units));
      """
  }

  @Test func fault267_thePastComesFromTheDatabaseAndItsAbsenceHarmsNothingElse() async throws {
    let server = try PostgresServer()
    let database = try server.makeDatabase()
    _ = try CentralAdministration(try PostgresSettings(url: server.url(database))).initialize(layout: .native)
    _ = try server.run("ALTER ROLE andon_reader PASSWORD 'secret'")
    for sql in [
      row("plant-a", "day", ageHours: 48, utilization: "71.25", units: 700),
      row("plant-a", "day", ageHours: 24, utilization: "80.5", units: 800),
      row("plant-a", "shift", ageHours: 24, utilization: "NULL", units: 90),
      row("plant-a", "day", ageHours: 24 * 40, utilization: "1", units: 1),
      row("plant-b", "day", ageHours: 24, utilization: "2", units: 2),
    ] { _ = try server.run(sql, in: database) }
    let folder = try TemporaryFolder.make("overview-pg")
    defer { try? FileManager.default.removeItem(at: folder) }
    let password = folder.path + "/password"
    try "secret\n".write(toFile: password, atomically: true, encoding: .utf8)
    let site = try OverviewSite(
      more: "central: {url: '\(server.url(database, user: "andon_reader"))', password_file: \(password)}")
    #expect(try site.get("/api/v1/fleet").contains(#""history":true"#))
    let path = "/api/v1/fleet/sites/plant-a/history"
    let text = try site.get(path)
    let first = try #require(text.range(of: #""utilization_pct":71.25,"units":700"#), "\(text)")
    let second = try #require(text.range(of: #""utilization_pct":80.50,"units":800"#), "\(text)")
    #expect(first.lowerBound < second.lowerBound && !text.contains(#""units":1}"#) && !text.contains("2.00"))
    #expect(text.contains(#""shift_id":"early","quality":192,"units":90"#))
    // The database is away: the question is answered soon, and everything else as before.
    server.stop(signal: SIGQUIT)
    try site.wait("/api/v1/fleet/sites/plant-b/history", for: "no_database")
    #expect(try site.get("/api/v1/fleet/sites").contains(" 200 ") && site.get("/healthz").contains(" 200 "))
    try server.start()
    try site.wait("/api/v1/fleet/sites/plant-b/history", for: #""utilization_pct":2.00"#)
    site.process.signal(SIGTERM)
    #expect(site.process.wait(seconds: 30) == 0)
  }

  @Test func withoutADatabaseThereIsNoPast() throws {
    let site = try OverviewSite()
    #expect(try site.get("/api/v1/fleet").contains(#""history":false"#))
    #expect(try site.get("/api/v1/fleet/sites/plant-a/history").contains(" 501 "))
  }
}
