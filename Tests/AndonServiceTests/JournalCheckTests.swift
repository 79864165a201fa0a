import Foundation
import GRDB
import TestSupport
import Testing

@testable import AndonConfiguration
@testable import AndonCore
@testable import AndonIngest
@testable import AndonStore

/// `andon store check` sees rows of journals that the program did not write.
@Suite(.ownThread) struct JournalCheckTests {
  private func site() throws -> AlarmSite {
    let site = try AlarmSite(
      #", shifts: [{id: early, start: "06:00", end: "14:00"}], workstations: {S1: {name: Press}}, "#
        + "stops: {reasons: [{id: material}]}")
    site.add(TestSite.event(TestSite.nowMs - 14_000_000))
    try site.commit(atMs: TestSite.nowMs)
    _ = try site.commands([
      ("stop", "reason", "S1 material"), ("target", "set", #"{"scope":"site","units_per_hour":5}"#),
    ])
    let stops = LiveStops(site: site.base.site)
    let found = try stops.read(site.store, nowMs: TestSite.nowMs)
    let records = found.parts.map { StopRecord($0, of: site.base.site) }
    _ = try site.turn.perform(
      SiteCommandQueue.PendingCommand(work: .stops(StopFinding(fromMs: found.fromMs, records: records))) {
        _ in
      })
    site.clock.nowMs = TestSite.nowMs + 8 * 3_600_000
    var reports = LiveReports(site: site.base.site, graceMs: 0, paceMs: 0)
    let reading = try reports.read(site.store, nowMs: site.clock.nowMs)
    let finding = ReportFinding(reports: reading.reports, withdrawn: reading.withdrawn)
    _ = try site.turn.perform(SiteCommandQueue.PendingCommand(work: .reports(finding)) { _ in })
    return site
  }

  @Test func whatTheProgramWroteIsSound() throws {
    let check = try site().store.checkJournals()
    #expect(check.problems.isEmpty)
    #expect(check.counts.map(\.table) == ["target_change", "stop_reason", "told_stop", "told_report"])
    #expect(check.counts.allSatisfy { $0.rows > 0 }, "\(check.counts)")
  }

  @Test(arguments: [
    "UPDATE target_change SET scope = 'plant'", "UPDATE target_change SET micro_units_per_hour = -1",
    "UPDATE target_change SET until_ms = from_ms - 1", "UPDATE stop_reason SET reason = ''",
    "UPDATE told_stop SET revision = revision + 1", "UPDATE told_stop SET payload = CAST('{' AS BLOB)",
    "UPDATE told_stop SET retracted = 1 - retracted", "UPDATE told_stop SET kind = 'x'",
    "UPDATE told_report SET scope = 'worker'",
  ])
  func whatSomethingElseWroteIsFound(sql: String) throws {
    let site = try site()
    try site.store.commit { try $0.db.execute(sql: "PRAGMA ignore_check_constraints = 1; " + sql) }
    #expect(try !site.store.checkJournals().problems.isEmpty, "\(sql)")
  }
}
