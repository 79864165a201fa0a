import Foundation
import GRDB
import TestSupport
import Testing

@testable import AndonConfiguration
@testable import AndonCore
@testable import AndonIngest
@testable import AndonPublish
@testable import AndonRuntime
@testable import AndonStore

/// The log of what a site has committed, in its file.
@Suite(.ownThread) struct ShipLogTests {
  private let nowMs = TestSite.nowMs
  private static let all = ShipSelection(events: true, scopes: Set(KPIScope.allCases))
  /// Occurs by chance nowhere.
  private static let worker = "Zq7Marker"

  private func site(limitBytes: Int64 = 1 << 30) throws -> TestSite {
    let site = try TestSite(", kpi: {windows: [hour, day]}")
    try site.store.setLog(Self.all, limitBytes: limitBytes)
    return site
  }

  private func add(_ site: TestSite, _ range: Range<Int>, worker: String = "W1", stepMs: Int64 = 1000) throws
  {
    for number in range {
      site.add(
        TestSite.event(
          nowMs - 7_200_000 + Int64(number) * stepMs, ["idle", "working"][number % 2], worker: worker,
          more: #","event_id":"\#(worker)-\#(number)""#), camera: "cam-\(number % 3)")
    }
    _ = try site.turn.commitAdded()
  }

  private func count(_ site: TestSite, _ table: String) throws -> Int64 {
    try site.store.database.read { try Int64.fetchOne($0, sql: "SELECT count(*) FROM \(table)") ?? -1 }
  }

  /// Ships all there is.
  private func drain(_ site: TestSite, to server: inout ShipServer, rows: Int = 5000) throws {
    for _ in 0..<2000 {
      if let batch = try site.store.nextLog() {
        server.apply(batch)
        #expect(try site.store.acknowledgeLog(batch.last, epoch: 1, cluster: [7]) == .known)
      } else if let step = try site.store.nextBackfill(of: site.site, rows: rows, nowMs: nowMs) {
        server.take(step.records)
        try site.store.finish(step, nowMs: nowMs)
      } else {
        return
      }
    }
    Issue.record("the log does not end")
  }

  // MARK: On and off

  @Test func withoutALogNothingIsWritten() throws {
    let site = try TestSite()
    try add(site, 0..<20)
    for table in ["ship_log", "ship_state", "ship_backfill"] { #expect(try count(site, table) == 0) }
    #expect(try site.store.shipState() == nil && site.store.nextLog() == nil)
    #expect(try site.store.checkLog().bodies == nil)
    try site.store.setLog(Self.all)
    try add(site, 20..<30)
    #expect(try count(site, "ship_log") == 1)
    try site.store.setLog(nil)
    try add(site, 30..<40)
    for table in ["ship_log", "ship_state", "ship_backfill"] { #expect(try count(site, table) == 0) }
  }

  /// What came shortly before, and what small tables hold, comes with the switch; and again when more is wanted.
  @Test func aLogThatIsSwitchedOnBeginsWithTheLastDays() throws {
    let site = try TestSite(", kpi: {windows: [hour, day]}")
    try add(site, 0..<20)
    let few = ShipSelection(events: false, scopes: [.site])
    try site.store.setLog(few, sinceMs: nowMs - 86_400_000)
    var server = ShipServer()
    try drain(site, to: &server)
    #expect(server.rows.values.contains { if case .final = $0 { true } else { false } })
    #expect(server.rows.values.contains { if case .camera = $0 { true } else { false } })
    #expect(!server.rows.values.contains { if case .event = $0 { true } else { false } })
    try site.store.setLog(few, sinceMs: nowMs - 86_400_000)
    #expect(try site.store.backfills().isEmpty, "the same selection is no switch")
    try site.store.setLog(Self.all, sinceMs: nowMs - 86_400_000)
    try drain(site, to: &server)
    #expect(try ShipTables.missing(site.store, at: server) == [])
    // Less is no switch either.
    try site.store.setLog(few, sinceMs: nowMs - 86_400_000)
    #expect(try site.store.backfills().isEmpty)
  }

  /// As in what is published.
  @Test func whatASmallGroupWithholdsIsInNoBackfill() throws {
    for (privacy, isShown) in [("", true), (", privacy: {min_group: 3}", false)] {
      let site = try TestSite(", kpi: {windows: [hour]}" + privacy)
      try add(site, 0..<20)
      try site.store.setLog(
        ShipSelection(events: false, scopes: [.site, .workstation]), sinceMs: nowMs - 86_400_000)
      var server = ShipServer()
      try drain(site, to: &server)
      let finals = server.rows.values.compactMap { if case .final(let row) = $0 { row.record } else { nil } }
      #expect(finals.contains { $0.scope == .workstation } == isShown, "\(privacy): \(finals.count)")
      #expect(!finals.contains { $0.isWithheld })
    }
  }

  /// The row in the file decides, for every program that writes the file.
  @Test func anotherWriterContinuesTheLog() throws {
    let site = try site()
    try add(site, 0..<20)
    try site.store.close()
    let store = try SiteStore.openForWriting(
      path: site.settings.databasePath(site: "plant-a"), siteID: "plant-a")
    var turn = try TestSite.turn(site.settings, store)
    turn.add(payload: Array(TestSite.event(nowMs, worker: "W9").utf8), camera: "cam-9")
    _ = try turn.commitAdded()
    var server = ShipServer()
    while let batch = try store.nextLog(rows: 1) {
      server.apply(batch)
      _ = try store.acknowledgeLog(batch.last, epoch: 1, cluster: [])
    }
    #expect(try ShipTables.missing(store, at: server) == [])
    #expect(server.fenced == 0 && server.head.seq == 2)
  }

  @Test func privacyDecidesWhatLeavesThePlant() throws {
    func selection(_ more: String) throws -> ShipSelection {
      let yaml = "bridge: {data_dir: /tmp/x}\nsites: [{id: plant-a, timezone: UTC\(more)}]"
      let settings = try SettingsLoader.parse(yaml: yaml, file: "t", environment: [:])
      var central = CentralSettings()
      (central.sendsEvents, central.scopes) = (true, [.site, .worker])
      return ShipSelection(of: settings.sites[0], central)
    }
    #expect(try selection("") == ShipSelection(events: true, scopes: [.site, .worker]))
    #expect(
      try selection(", privacy: {workers: off}") == ShipSelection(events: false, scopes: [.site]))
    #expect(
      try selection(", privacy: {min_group: 3}") == ShipSelection(events: false, scopes: [.site, .worker]))
    for events in [false, true] {
      for scopes: Set<KPIScope> in [[], [.site], Set(KPIScope.allCases), [.line, .worker]] {
        let one = ShipSelection(events: events, scopes: scopes)
        #expect(ShipSelection(bits: one.bits) == one)
      }
    }
    #expect(ShipSelection(bits: 0) == nil)
  }

  /// Through the ways of the bridge: drift, commands, stops, reports.
  @Test func eachKindOfRowIsInTheLogWithoutTheNamesOfPeople() throws {
    let site = try AlarmSite(
      #", shifts: [{id: early, start: "06:00", end: "14:00"}], stops: {reasons: [{id: material}]}"#)
    try site.store.setLog(Self.all)
    for index in 0..<800 {
      let atMs = nowMs - Int64(799 - index) * 10_000
      site.clock.nowMs = atMs
      site.add(TestSite.event(atMs, confidence: index < 300 ? "0.88" : "0.65"))
      if index % 50 == 49 { try site.commit(atMs: atMs) }
    }
    _ = try site.commands([
      ("alert", "ack", #"{"alert_id":"plant-a/drift/cam-01","by":"Qmarker","comment":"lens"}"#),
      ("stop", "reason", "S1 material"),
      ("target", "set", #"{"scope":"site","units_per_hour":5,"by":"Qmarker"}"#),
      ("calendar", "close", #"{"from":"2026-01-20","to":"2026-01-20","reason":"inventory","by":"Qmarker"}"#),
    ])
    let stops = LiveStops(site: site.base.site)
    let found = try stops.read(site.store, nowMs: nowMs)
    let records = found.parts.map { StopRecord($0, of: site.base.site) }
    _ = try site.turn.perform(
      .init(work: .stops(StopFinding(fromMs: found.fromMs, records: records))) { _ in })
    site.clock.nowMs = nowMs + 8 * 3_600_000
    var reports = LiveReports(site: site.base.site, graceMs: 0, paceMs: 0)
    let reading = try reports.read(site.store, nowMs: site.clock.nowMs)
    _ = try site.turn.perform(
      .init(work: .reports(ReportFinding(reports: reading.reports, withdrawn: reading.withdrawn))) { _ in })
    try site.turn.flush(closesAll: true)
    var server = ShipServer()
    let batch = try #require(try site.store.nextLog(rows: 100_000))
    server.apply(batch)
    #expect(try ShipTables.missing(site.store, at: server) == [])
    let kinds = ShipKinds(server.rows.values.map(\.kind))
    for kind in [.event, .alarm, .camera, .counters, .target, .report] as [ShipRecord.Kind] {
      #expect(kinds.has(kind), "\(kind) is missing")
    }
    let bodies = try site.store.database.read { try Data.fetchAll($0, sql: "SELECT body FROM ship_log") }
    #expect(!bodies.contains { $0.range(of: Data("Qmarker".utf8)) != nil })
    #expect(try site.store.alarmJournal(limit: 100).contains { $0.json.contains("Qmarker") })
  }

  // MARK: Faults

  @Test func fault220_aServerThatIsAwayForLongGetsWhatIsNotInTheLogFromTheTables() throws {
    let site = try site(limitBytes: 3000)
    var most: Int64 = 0
    for part in 0..<60 {
      try add(site, part * 10..<part * 10 + 10)
      most = max(most, try #require(try site.store.shipState()).backlogBytes)
    }
    #expect(most <= 4000, "the limit, and one commit")
    let state = try #require(try site.store.shipState())
    #expect(state.acked.seq == 0 && state.trimmed.seq > 40)
    #expect(try site.store.backfills().map(\.cause) == [.backlog])
    #expect(try site.store.checkLog().problems == [])
    var server = ShipServer()
    let batch = try #require(try site.store.nextLog())
    #expect(batch.firstSeq == 1 && batch.last == state.committed)
    try drain(site, to: &server, rows: 7)
    #expect(try ShipTables.missing(site.store, at: server) == [] && server.fenced == 0)
    #expect(try ShipTables.extra(site.store, at: server) == [])
    // A lower limit takes effect with the next commits.
    try add(site, 700..<800)
    try site.store.setLog(Self.all, limitBytes: 10)
    try add(site, 800..<801)
    #expect(try #require(try site.store.shipState()).backlogBytes < 200)
  }

  @Test func fault221_anOlderCopyOfTheFileIsRecognizedAndContinuesBehindTheServer() throws {
    let site = try site()
    let path = site.settings.databasePath(site: "plant-a")
    var server = ShipServer()
    try add(site, 0..<50)
    try drain(site, to: &server)
    let copy = site.folder + "/copy.sqlite"
    try site.store.backup(to: copy)
    try add(site, 50..<80)
    try add(site, 80..<90)
    try drain(site, to: &server)
    try site.store.close()
    for suffix in ["-wal", "-shm", ".lock"] { try? FileManager.default.removeItem(atPath: path + suffix) }
    try FileManager.default.removeItem(atPath: path)
    try FileManager.default.copyItem(atPath: copy, toPath: path)
    let store = try SiteStore.openForWriting(path: path, siteID: "plant-a")
    var turn = try TestSite.turn(site.settings, store)
    for number in 0..<2 {
      turn.add(payload: Array(TestSite.event(nowMs + Int64(number), worker: "W7").utf8), camera: "cam-1")
      _ = try turn.commitAdded()
    }
    // The same numbers, another history.
    #expect(try #require(try store.shipState()).committed.seq == server.head.seq)
    #expect(try store.knowledge(of: server.head) == .unknown)
    #expect(try store.acknowledgeLog(server.head, epoch: 2, cluster: [7]) == .unknown)
    try store.renumberLog(behind: server.head, epoch: 2, cluster: [7], nowMs: nowMs + 10)
    let batch = try #require(try store.nextLog())
    #expect(batch.firstSeq == server.head.seq + 1)
    server.apply(batch)
    #expect(try store.acknowledgeLog(batch.last, epoch: 2, cluster: [7]) == .known)
    // The server has counted more than the older file.
    let missing = try ShipTables.missing(store, at: server).filter { !$0.hasPrefix("c") }
    #expect(missing == [] && server.fenced == 0)
    #expect(try store.backfills().map(\.cause) == [.renumbered, .renumberedJournals])
    #expect(try store.checkLog().problems == [])
  }

  @Test func fault222_aServerThatLostItsNewestCommitsGetsThemAgain() throws {
    let site = try site()
    var server = ShipServer()
    try add(site, 0..<10)
    try drain(site, to: &server)
    let earlier = server
    try add(site, 10..<30)
    try add(site, 30..<40)
    try drain(site, to: &server)
    #expect(try !site.store.trimLog(nowMs: 0), "the first look only begins the time")
    server = earlier
    #expect(try site.store.knowledge(of: server.head) == .known)
    #expect(try site.store.acknowledgeLog(server.head, epoch: 1, cluster: [7]) == .known)
    try drain(site, to: &server)
    #expect(try ShipTables.missing(site.store, at: server) == [])
    // Kept for ten minutes, then not.
    for _ in 0..<3 {
      _ = try site.store.trimLog(nowMs: nowMs)
      _ = try site.store.trimLog(nowMs: nowMs + 600_000)
    }
    #expect(try count(site, "ship_log") == 0 && site.store.checkLog().problems == [])
    server = earlier
    #expect(try site.store.knowledge(of: server.head) == .unknown)
    try site.store.renumberLog(behind: server.head, epoch: 1, cluster: [7], fromMs: 0, nowMs: nowMs)
    try drain(site, to: &server)
    #expect(try ShipTables.missing(site.store, at: server) == [])
  }

  @Test func fault223_aDamagedBodyIsReadFromTheTablesAndTheSiteContinues() throws {
    for (sql, isBackfilled) in [
      ("UPDATE ship_log SET body = x'0102030405' WHERE seq = 2", true),
      ("UPDATE ship_log SET tip = 5 WHERE seq = 2", false),
      ("UPDATE ship_log SET tip = 5 WHERE seq = 3", false),
      ("DELETE FROM ship_log WHERE seq = 2", true), ("UPDATE ship_log SET body = x'09' WHERE seq = 3", true),
    ] {
      let site = try site()
      for part in 0..<3 { try add(site, part * 10..<part * 10 + 10) }
      try site.store.commit { try $0.db.execute(sql: sql) }
      #expect(try !site.store.checkLog().problems.isEmpty, "\(sql)")
      var server = ShipServer()
      let batch = try #require(try site.store.nextLog())
      #expect(batch.last.seq == 3)
      #expect(try site.store.backfills().isEmpty == !isBackfilled, "\(sql)")
      try add(site, 30..<40)
      try drain(site, to: &server)
      #expect(try ShipTables.missing(site.store, at: server) == [], "\(sql)")
      let counts = site.store.damage.counts
      #expect(counts.found >= 1 && counts.repaired == counts.found, "\(sql)")
    }
  }

  @Test(arguments: [false, true])
  func fault224_anErasedWorkerIsNowhereInTheLogAndTheServerIsTold(isLarge: Bool) throws {
    let site = try site()
    let path = site.settings.databasePath(site: "plant-a")
    var server = ShipServer()
    for part in 0..<3 {
      try add(site, part * 10..<part * 10 + 10, worker: Self.worker)
      try add(site, part * 10..<part * 10 + 10)
    }
    try drain(site, to: &server)
    for part in 3..<6 {
      try add(site, part * 10..<part * 10 + 10, worker: Self.worker)
      try add(site, part * 10..<part * 10 + 10)
    }
    let startMs = SummaryBucket.start(of: nowMs - 7_200_000) - 900_000
    let window = Window(kind: .hour, startMs: startMs, endMs: startMs + 3_600_000)
    let records = try KPIQuery(site: site.site).records(site.store, windows: [window], nowMs: nowMs)
    try site.store.saveFinals(
      records.map { record in
        let key = FinalRow.Key(kind: .hour, startMs: window.startMs, scope: record.scope, id: record.id)
        return FinalPublication(row: FinalRow(key: key, revision: 1, digest: 1), record: record)
      }, dropBefore: 0, keeping: 1 << 40)
    let before = try site.store.shipState()
    _ = try site.turn.perform(EraseCommand(workerID: Self.worker, isTrial: true))
    #expect(try site.store.shipState() == before && site.store.checkLog().problems == [])
    if isLarge {
      // More than is rewritten in one transaction.
      try site.store.commit { try $0.db.execute(sql: "UPDATE ship_state SET backlog_bytes = 1 << 30") }
    }
    _ = try site.turn.perform(EraseCommand(workerID: Self.worker, isTrial: false))
    let bodies = try site.store.database.read { try Data.fetchAll($0, sql: "SELECT body FROM ship_log") }
    #expect(!bodies.contains { $0.range(of: Data(Self.worker.utf8)) != nil })
    #expect(try site.store.checkLog().problems == [])
    try site.store.topicsAreEmpty(Array(site.store.topicsToEmpty().keys))
    #expect(try site.store.sweep(largestBytes: .max, nowMs: nowMs))
    for suffix in ["", "-wal"] {
      let bytes = try? Data(contentsOf: URL(fileURLWithPath: path + suffix))
      #expect(bytes?.range(of: Data(Self.worker.utf8)) == nil, "the marker is in \(suffix)")
    }
    try drain(site, to: &server)
    #expect(server.erasures.count == 1)
    #expect(!server.rows.contains { $0.key.contains(" \(Self.worker) ") })
    // What had been shipped before keeps its own ids of events there.
    let missing = try ShipTables.missing(site.store, at: server)
    #expect(missing.allSatisfy { $0.contains("~") } && missing.count <= 30, "\(missing.prefix(3))")
  }

  @Test func fault225_retentionThatOvertakesABackfillLeavesAGap() throws {
    let site = try site(limitBytes: 1500)
    for part in 0..<60 { try add(site, part * 10..<part * 10 + 10, stepMs: 10_000) }
    let range = try #require(try site.store.backfills().first?.range)
    let cutoff = SummaryBucket.start(of: nowMs - 5_400_000)
    while try site.store.prune(before: cutoff) > 0 {}
    let gap = try #require(try site.store.gaps(newest: 5).first { $0.cause == .centralLost })
    #expect(gap.fromMs == range.fromMs && gap.toMs == cutoff)
    #expect(!gap.cause.mayMissEvents && !gap.cause.callsSomebody && gap.detail.contains("central history"))
    var server = ShipServer()
    try drain(site, to: &server)
    #expect(try ShipTables.missing(site.store, at: server) == [])
    #expect(
      server.rows.values.contains {
        if case .gap(let row) = $0 { row.cause == "central_lost" } else { false }
      })
  }

  @Test func manyEventsOfOneInstantAreReadInParts() throws {
    let site = try TestSite()
    for worker in 0..<40 { site.add(TestSite.event(nowMs - 5000 + Int64(worker / 20), worker: "W\(worker)")) }
    _ = try site.turn.commitAdded()
    try site.store.setLog(Self.all)
    try site.store.addBackfill(ShipRange(fromMs: 0, toMs: nowMs, kinds: .all))
    var (server, most) = (ShipServer(), 0)
    while let step = try site.store.nextBackfill(of: site.site, rows: 7, nowMs: nowMs) {
      most = max(most, step.records.count)
      server.take(step.records)
      // Not recorded: the same rows come again.
      let again = try #require(try site.store.nextBackfill(of: site.site, rows: 7, nowMs: nowMs))
      #expect(again.records == step.records)
      try site.store.finish(step, nowMs: nowMs)
    }
    #expect(most == 7)
    #expect(try ShipTables.missing(site.store, at: server) == [])
    #expect(try site.store.backfills().isEmpty)
  }

  /// A file of the version before is migrated and has no log.
  @Test func aFileOfTheVersionBeforeIsMigrated() throws {
    let site = try TestSite()
    try add(site, 0..<5)
    try site.store.commit { transaction in
      for table in ["ship_log", "ship_state", "ship_backfill"] {
        try transaction.db.execute(sql: "DROP TABLE \(table)")
      }
      try transaction.db.execute(sql: "DELETE FROM grdb_migrations WHERE identifier = 'central'")
    }
    try site.store.close()
    let path = site.settings.databasePath(site: "plant-a")
    // Not migrated yet.
    #expect(try SiteStore.openForReading(path: path, siteID: "plant-a").checkLog().bodies == nil)
    let store = try SiteStore.openForWriting(path: path, siteID: "plant-a")
    #expect(try store.shipState() == nil && store.eventCount() == 5)
    try store.setLog(Self.all)
    #expect(try store.shipState()?.committed == .start)
  }
}
