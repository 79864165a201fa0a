import AndonCore
import Foundation
import GRDB
import Logging
import TestSupport
import Testing

@testable import AndonBridge
@testable import AndonConfiguration
@testable import AndonIngest
@testable import AndonRuntime
@testable import AndonStatus
@testable import AndonStore

/// Row 188 of docs/reliability.md: more than a year of a site that keeps each thing for its purpose.
@Suite(.ownThread) struct YearOfLifeTests {
  private static let dayMs: Int64 = 86_400_000
  private static let startMs = TestSite.nowMs / dayMs * dayMs

  private final class Life {
    let site: AlarmSite
    var keeper: RetentionKeeper
    let board = StatusBoard(bridgeID: "b", siteIDs: ["plant-a"], startedAtMs: 0)

    init() throws {
      site = try AlarmSite(
        """
        , store: {retention: {events: 30d, worker_figures: 90d, figures: 5y, quarantine: 30d, alarms: 2y,
          people_names: 1y, access_log: 90d}},
        shifts: [{id: early, start: "06:00", end: "14:00"}, {id: late, start: "14:00", end: "22:00"}],
        areas: [{id: a0, lines: [{id: l0, workstations: [S1]}]}], limits: {workers: 12}
        """)
      keeper = RetentionKeeper(
        wallMs: startMs, monotonicMs: 0, status: board,
        logger: Logger(label: "t") { _ in SwiftLogNoOpLogHandler() })
    }

    /// A day of three workers, one of whom is new every ten days; something rejected; a look; an alarm now and then.
    func live(_ day: Int64) throws {
      let startMs = YearOfLifeTests.startMs + day * dayMs
      site.clock.nowMs = startMs + 15 * 3_600_000
      for index in 0..<120 as Range<Int64> {
        let kind = ["working", "idle", "product_count", "product_count"][Int(index * 7 % 4)]
        let worker = index % 3 == 2 ? "temp-\(day / 10)" : "W\(index % 3)"
        site.add(
          TestSite.event(
            startMs + 6 * 3_600_000 + index * 240_000, kind, worker: worker,
            more: kind == "product_count" ? #","count":2"# : ""))
      }
      site.add(#"{"worker_id":"W1"}"#)
      try site.commit(atMs: startMs + 15 * 3_600_000)
      try site.store.append([
        AccessRow(
          atMs: startMs, user: "u", proof: "session", address: "a", operation: "o", workerID: "W1",
          subjects: 1,
          fromMs: nil, toMs: nil, reason: "")
      ])
      if day % 10 == 0 { try alarm(startMs + 16 * 3_600_000) }
      try age(startMs + 20 * 3_600_000)
    }

    private func alarm(_ atMs: Int64) throws {
      try site.setStatus("offline", atMs: atMs)
      for second in [1, 62] as [Int64] { try site.tick(atMs: atMs + second * 1000) }
      _ = try site.commands([
        ("alert", "ack", #"{"alert_id":"plant-a/camera_offline/cam-01","by":"secret-anna"}"#)
      ])
      try site.setStatus("online", atMs: atMs + 100_000)
      try site.tick(atMs: atMs + 101_000)
      // The broker takes everything.
      try site.store.commit { try $0.db.execute(sql: "DELETE FROM outbox") }
    }

    private func age(_ atMs: Int64) throws {
      let monotonicMs = atMs - YearOfLifeTests.startMs
      keeper.check(wallMs: atMs, monotonicMs: monotonicMs)
      try keeper.work(site.base.site, site.store, wallMs: atMs, monotonicMs: monotonicMs) { step in
        while try step() {}
      }
    }

    func rows(_ table: String) throws -> Int {
      try site.store.database.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM \(table)") ?? 0 }
    }

    /// The bytes of the file, and of what of it is kept longer than a year: figures and the journal, with their keys.
    func bytes() throws -> (all: Int, kept: Int) {
      try site.store.database.read { db in
        let all =
          try (Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0)
          * (Int.fetchOne(db, sql: "PRAGMA page_size") ?? 0)
        let figures = try Int.fetchOne(
          db, sql: "SELECT coalesce(sum(length(records) + 120), 0) FROM final_figures")
        let journal = try Int.fetchOne(
          db, sql: "SELECT coalesce(sum(length(record) + 250), 0) FROM alert_journal")
        return (all, (figures ?? 0) + (journal ?? 0))
      }
    }

    func figures(_ scopes: Set<KPIScope>, asOf nowMs: Int64) throws -> [KPIRecord] {
      let range = YearOfLifeTests.startMs + dayMs..<YearOfLifeTests.startMs + 20 * dayMs
      return try WindowKind.allCases.flatMap { kind in
        try KPIQuery(site: site.base.site, scopes: scopes)
          .series(kind, overlapping: range, site.store, nowMs: nowMs) {
            $0.windows(kind, endingAfter: range.lowerBound, upTo: range.upperBound).joined().map(\.self)
          }
      }.filter { $0.window.startMs >= range.lowerBound && $0.window.endMs <= range.upperBound }
    }
  }

  @Test func fault188_aYearReachesAPlateauAndTheFirstMonthIsStillAnswered() throws {
    let life = try Life()
    let stations: Set<KPIScope> = [.site, .area, .line, .workstation]
    let asOf = Self.startMs + 25 * Self.dayMs
    let tables = [
      "event", "worker_index", "camera_index", "worker_summary", "compacted_bucket", "summary_bucket",
      "event_checksum", "name", "worker", "carried_state", "quarantine", "access_log", "command_result",
      "drift_state", "final_figures WHERE scope = 'worker'",
    ]
    var first: (stations: [String], workers: [String]) = ([], [])
    var (plateau, sizes): ([String: Int], [(all: Int, kept: Int)]) = ([:], [])
    func texts(_ scopes: Set<KPIScope>) throws -> [String] {
      try life.figures(scopes, asOf: asOf).map(FinalPlant.text)
    }
    for day in 0..<400 as Range<Int64> {
      try life.live(day)
      if day == 25 { first = (try texts(stations), try texts([.worker])) }
      if day == 80 { #expect(try texts([.worker]) == first.workers, "workers' figures outlive their events") }
      if (100..<130).contains(day) {
        for table in tables { plateau[table] = max(plateau[table] ?? 0, try life.rows(table)) }
      }
      if day >= 100, day % 30 == 10 { sizes.append(try life.bytes()) }
    }
    let last = try tables.reduce(into: [:]) { $0[$1] = try life.rows($1) }
    print(
      "fault188: bytes (all, kept for years) by month \(sizes); rows in month 4 \(plateau), at the end \(last)"
    )
    for table in tables { #expect(last[table, default: 0] <= plateau[table, default: 0], "\(table)") }
    let (early, late) = (try #require(sizes.first), try #require(sizes.last))
    #expect(
      Double(late.all - early.all) <= 1.3 * Double(late.kept - early.kept) + 0.05 * Double(early.all),
      "the file grows by the figures and journal rows that are kept for years only: \(sizes)")
    // The first month is answered, to the byte; its workers are forgotten.
    #expect(!first.stations.isEmpty && !first.workers.isEmpty)
    #expect(try texts(stations) == first.stations && texts([.worker]).isEmpty)
    #expect(try life.figures(stations, asOf: asOf).allSatisfy { $0.source == .final })
    // A year later no person is named, and what was decided is there.
    let named = try life.site.store.alarmJournal(limit: 10_000).filter { $0.json.contains("secret-anna") }
    #expect(
      try named.allSatisfy { $0.notedMs > Self.startMs + 34 * Self.dayMs } && life.rows("alert_journal") > 100
    )
    #expect(try life.site.store.counters().isBalanced)
    #expect(try life.rows("name WHERE text LIKE 'temp-%'") <= 6)
  }
}
