import AndonCore
import Foundation
import GRDB
import TestSupport
import Testing

@testable import AndonConfiguration
@testable import AndonIngest
@testable import AndonRuntime
@testable import AndonStore

/// Rejected events that are replayed or deleted: one counted outcome, never two rows.
@Suite(.ownThread) struct QuarantineTests {
  private let nowMs = TestSite.nowMs

  private func rows(_ site: TestSite) throws -> [QuarantineRow] { try site.store.quarantine(limit: 10_000) }

  private func check(_ site: TestSite, rows count: Int) throws {
    let counters = try site.store.counters()
    #expect(counters == site.turn.engine.counters, "what runs and what is stored agree")
    #expect(counters.isBalanced)
    #expect(
      counters.rejected
        == Int64(count) + counters.quarantineDropped + counters.quarantineReplayed
        + counters.quarantinePurged)
    #expect(try rows(site).count == count)
    #expect(try site.store.eventCount() == counters.stored + counters.lowConfidence)
  }

  /// The site allows three workers when the events arrive; afterwards it allows more.
  private func siteWithRefused(_ count: Int) throws -> TestSite {
    let site = try TestSite(", limits: {workers: 3}")
    for number in 1...(3 + count) {
      site.add(TestSite.event(nowMs - Int64(number) * 1000, worker: "W\(number)"))
    }
    _ = try site.turn.commitAdded()
    try check(site, rows: count)
    return site
  }

  private func turn(_ site: TestSite, _ more: String, atMs: Int64 = TestSite.nowMs) throws -> IngestPipeline {
    let yaml = "bridge: {data_dir: \(site.folder)}\nsites: [{id: plant-a, timezone: UTC\(more)}]"
    let settings = try SettingsLoader.parse(yaml: yaml, file: "test.yaml", environment: [:])
    let rules = IngestRules(site: settings.sites[0], root: settings.topics.root)
    let engine = try SiteEngine(
      store: site.store, rules: rules, drift: DriftSettings(settings.sites[0].drift))
    return IngestPipeline(rules: rules, store: site.store, engine: engine, clock: WallClock { atMs })
  }

  @Test func aReplayIsOneMoreReceivedEventWithOneOutcome() throws {
    let site = try siteWithRefused(5)
    site.turn = try turn(site, ", limits: {workers: 5}")
    let report = try site.turn.perform(QuarantineCommand(.replay))
    #expect(report.taken == 5 && report.outcomes == [.stored: 2, .rejected: 3] && !report.hasMore)
    try check(site, rows: 3)
    #expect(try site.store.counters().received == 13)
    // With the original time of arrival, also where the event was rejected again.
    #expect(try rows(site).allSatisfy { $0.receivedAtMs == nowMs && $0.code == "cardinality" })
    #expect(try rows(site).map(\.id) == [8, 7, 6], "no id is given twice")
    // The summaries match all events.
    #expect(try site.store.auditAll(timeoutMs: site.site.ingest.stateTimeoutMs).mismatches.isEmpty)
  }

  /// A replay is a person's doing: it gives the camera no notices, and says nothing of how late events are.
  @Test func aReplayIsNotHeldAgainstTheCamera() throws {
    let site = try siteWithRefused(5)
    site.turn = try turn(site, ", limits: {workers: 5}")
    let command = SiteCommandQueue.PendingCommand(work: .quarantine(QuarantineCommand(.replay))) { _ in }
    let update = try site.turn.perform(command)
    #expect(update.counters.stored == 2 && update.counters.rejected == 3)
    #expect(update.rejections.isEmpty && update.newestTimestampMs == nil)
    #expect(update.earliestBucketMs != nil, "its figures changed")
  }

  @Test func whatCameByAnotherWayMeanwhileIsADuplicate() throws {
    let site = try siteWithRefused(2)
    site.turn = try turn(site, "")
    site.add(TestSite.event(nowMs - 4000, worker: "W4"))
    _ = try site.turn.commitAdded()
    let report = try site.turn.perform(QuarantineCommand(.replay))
    #expect(report.outcomes == [.stored: 1, .duplicate: 1])
    try check(site, rows: 0)
    #expect(try site.turn.perform(QuarantineCommand(.replay)).taken == 0)
    #expect(try site.store.eventCount() == 5)
  }

  @Test func anEventIsJudgedAsOfWhenItCameAndStaysWhenItIsTooOldByNow() throws {
    let site = try TestSite()
    site.add(TestSite.event(nowMs + 20 * 60_000))
    site.add(TestSite.event(nowMs - 3_600_000, worker: "W2", confidence: "7"))
    _ = try site.turn.commitAdded()
    #expect(try rows(site).map(\.code) == ["schema", "too_future"])
    // An hour later: judged by its time of arrival, the event is still from the future.
    site.turn = try turn(site, "", atMs: nowMs + 3_600_000)
    #expect(try site.turn.perform(QuarantineCommand(.replay)).outcomes == [.rejected: 2])
    site.turn = try turn(site, ", ingest: {max_future: 30m}", atMs: nowMs + 3_600_000)
    #expect(try site.turn.perform(QuarantineCommand(.replay)).outcomes == [.stored: 1, .rejected: 1])
    try check(site, rows: 1)
    // Much later, a now valid event is too old for the site: it stays, with its reason.
    let late = try siteWithRefused(1)
    late.turn = try turn(late, "", atMs: nowMs + 30 * 86_400_000)
    let report = try late.turn.perform(QuarantineCommand(.replay))
    #expect(report.taken == 0 && report.kept == 1 && report.received == 0)
    try check(late, rows: 1)
  }

  @Test func anOrderChoosesByEverythingThatIsGiven() throws {
    let site = try siteWithRefused(4)
    site.add("no json", camera: "cam-02")
    _ = try site.turn.commitAdded()
    var order = QuarantineCommand(.purge)
    order.code = .cardinality
    order.cameraID = "cam-02"
    #expect(try site.turn.perform(order).taken == 0)
    order.cameraID = "cam-01"
    order.afterID = 1
    order.upToID = 3
    #expect(try site.turn.perform(order).taken == 2)
    try check(site, rows: 3)
    order = QuarantineCommand(.purge)
    order.toMs = nowMs
    #expect(try site.turn.perform(order).taken == 0)
    order.toMs = nowMs + 1
    order.limit = 2
    let report = try site.turn.perform(order)
    #expect(report.taken == 2 && report.hasMore && report.lastID == 4)
    try check(site, rows: 1)
    #expect(try rows(site).map(\.code) == ["json"])
  }

  /// The limit counts rows: rows that a person deleted leave room.
  @Test func trimmingCountsRowsAfterAPurge() throws {
    let site = try TestSite(", limits: {quarantine_rows: 100}")
    for number in 0..<300 { site.add("no json \(number)") }
    _ = try site.turn.commitAdded()
    try check(site, rows: 100)
    var order = QuarantineCommand(.purge)
    order.upToID = 260
    #expect(try site.turn.perform(order).taken == 60)
    for number in 0..<256 { site.add("no json \(number)") }
    _ = try site.turn.commitAdded()
    try check(site, rows: 100)
    try site.restart()
    for number in 0..<256 { site.add("no json \(number)") }
    _ = try site.turn.commitAdded()
    try check(site, rows: 100)
  }

  @Test func aReplayThatCannotBeCommittedChangesNothing() throws {
    let site = try siteWithRefused(3)
    site.turn = try turn(site, "")
    let other = try DatabaseQueue(path: site.settings.databasePath(site: "plant-a"))
    try other.write { db in
      try db.execute(
        sql: """
          CREATE TRIGGER no BEFORE INSERT ON event WHEN NEW.worker_id = 'W6'
          BEGIN SELECT RAISE(ABORT, 'no room'); END
          """)
    }
    #expect(throws: (any Error).self) { try site.turn.perform(QuarantineCommand(.replay)) }
    try check(site, rows: 3)
    try other.write { try $0.execute(sql: "DROP TRIGGER no") }
    #expect(try site.turn.perform(QuarantineCommand(.replay)).outcomes == [.stored: 3])
    try check(site, rows: 0)
  }
}
