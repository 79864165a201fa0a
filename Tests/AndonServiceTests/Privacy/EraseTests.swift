import AndonCore
import Foundation
import GRDB
import Mosquitto
import TestSupport
import Testing

@testable import AndonConfiguration
@testable import AndonIngest
@testable import AndonPublish
@testable import AndonRuntime
@testable import AndonStore

/// A worker who is erased: the id goes, the figures stay.
@Suite(.ownThread) struct EraseTests {
  private let nowMs = TestSite.nowMs
  /// Occurs by chance nowhere.
  private static let worker = "Zq7Marker"
  private static let escaped = #"\u005Aq7Marker"#

  /// Two days of five workers at three workstations; the ids of events name their workers, also several at one time.
  private func site(_ seed: UInt64 = 7, more: String = "") throws -> TestSite {
    let site = try TestSite(
      ", areas: [{id: hall, lines: [{id: l1, workstations: [S1, S2]}]}], kpi: {windows: [hour, day]}"
        + more)
    var random = SplitMix64(seed: seed)
    let names = [Self.worker, "W2", "W3", "W4", ""]
    for number in 0..<4000 {
      let atMs = nowMs - Int64.random(in: 0..<172_800_000, using: &random) / 1000 * 1000
      let name = names[Int.random(in: 0..<5, using: &random)]
      let kind =
        name.isEmpty
        ? "product_count"
        : ["working", "idle", "absent", "product_count"][Int.random(in: 0..<4, using: &random)]
      let id = number % 3 == 0 ? UUID().uuidString.lowercased() : "\(name.lowercased())-\(number % 700)"
      let station = "S\(Int.random(in: 1...3, using: &random))"
      let who = name.isEmpty ? "" : #""worker_id":"\#(name)","#
      let count = kind == "product_count" ? #","count":\#(number % 9)"# : ""
      site.add(
        #"{"timestamp":\#(atMs),\#(who)"workstation_id":"\#(station)","event_type":"\#(kind)","confidence":0.9,"event_id":"\#(id)"\#(count)}"#,
        camera: "cam-\(number % 4)")
      if number % 500 == 499 { _ = try site.turn.commitAdded() }
    }
    _ = try site.turn.commitAdded()
    return site
  }

  private func figures(_ site: TestSite, recomputes: Bool = false) throws -> [String] {
    let query = KPIQuery(
      site: site.site, recomputes: recomputes, scopes: [.site, .area, .line, .workstation])
    var records = try query.openWindows(site.store, nowMs: nowMs)
    for hours in [1, 3, 17, 30, 47] {
      let fromMs = nowMs - Int64(hours) * 3_600_000 - 777
      records += try query.range(fromMs: fromMs, toMs: fromMs + 5_432_100, site.store, nowMs: nowMs)
    }
    return records.map { String(decoding: $0.json(revision: nil), as: UTF8.self) }
  }

  private func workers(_ site: TestSite) throws -> [String] {
    try KPIQuery(site: site.site, scopes: [.worker])
      .range(fromMs: nowMs - 172_800_000, toMs: nowMs, site.store, nowMs: nowMs).map(\.id)
  }

  private func checkSound(_ site: TestSite) throws {
    #expect(try site.store.auditAll(timeoutMs: site.site.ingest.stateTimeoutMs).mismatches.isEmpty)
    #expect(try site.store.damagedQuarters().isEmpty && site.store.integrityProblems().isEmpty)
    let counters = try site.store.counters()
    #expect(counters == site.turn.engine.counters && counters.isBalanced)
    #expect(try site.store.eventCount() == counters.stored + counters.lowConfidence)
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func figuresOfStationsLinesAndSiteAreByteEqualAfterAnErasure(seed: UInt64) throws {
    let site = try site(seed)
    let (before, recomputed) = (try figures(site), try figures(site, recomputes: true))
    #expect(try before.count > 20 && workers(site).contains(Self.worker))
    let report = try site.turn.perform(EraseCommand(workerID: Self.worker))
    #expect(report.events > 500 && report.eventIDs > 300 && report.events > report.eventIDs)
    #expect(try figures(site) == before && figures(site, recomputes: true) == recomputed)
    #expect(try workers(site) == ["W2", "W3", "W4"], "no figures of one person are left")
    try checkSound(site)
    try site.restart()
    #expect(try figures(site) == before && workers(site) == ["W2", "W3", "W4"])
    // Late events of others come into the same quarters.
    site.add(TestSite.event(nowMs - 100_000_000, worker: "W2"))
    _ = try site.turn.commitAdded()
    try checkSound(site)
  }

  /// Plants the id in every place that can have it.
  private func markedSite() throws -> TestSite {
    let site = try site()
    let id = Self.worker
    site.add(#"{"timestamp":"never","worker_id":"\#(id)"}"#)
    site.add(#"{"timestamp":"never","worker_id":"\#(Self.escaped)"}"#)
    site.add("no json \(id)")
    site.add(TestSite.event(nowMs, worker: id.lowercased()))
    _ = try site.turn.commitAdded()
    try site.store.append([
      AccessRow(
        atMs: nowMs, user: "anna", proof: "session", address: "::1", operation: "listEvents", workerID: id,
        subjects: 1)
    ])
    try site.store.commit { transaction in
      try transaction.set(
        CounterTotal(total: 7, timestampMs: nowMs),
        for: CounterKey(mapping: "m", camera: "c", worker: id, workstation: "S1"))
      try transaction.db.execute(
        sql: "INSERT INTO ground_truth VALUES ('o', 'a', 'confirmed', ?, '', 1)", arguments: [id])
      try transaction.db.execute(
        sql: "INSERT INTO kpi_final VALUES ('day', 1, 'worker', ?, 1, 1)", arguments: [id])
      try transaction.db.execute(
        sql: "INSERT INTO outbox (topic, schema, payload, expiry_s) VALUES ('t', 's', ?, 9)",
        arguments: [Data(#"{"by":"\#(id)"}"#.utf8)])
    }
    return site
  }

  private func bytes(_ site: TestSite) throws -> Int {
    try [Self.worker, Self.worker.lowercased(), Self.escaped].reduce(0) { sum, text in
      try ["", "-wal"].reduce(sum) { try $0 + FileScan.count(of: text, in: site.store.path + $1) }
    }
  }

  @Test func theIDIsNowhereInTheFile() throws {
    let site = try markedSite()
    #expect(try bytes(site) > 1000)
    let report = try site.turn.perform(EraseCommand(workerID: Self.worker))
    #expect(report.quarantineRows == 4 && report.accessRows == 1 && report.otherRows == 2)
    #expect(report.decisions == 2)
    // The row whose id differs only in case names the erased one in its reason.
    #expect(Set(try site.store.mentions(of: Self.worker).keys) == ["erasure.topics"])
    #expect(try site.store.sweep(largestBytes: .max, nowMs: nowMs))
    #expect(try site.store.erasureState().unswept == 1, "topics are still to be emptied: nothing is swept")
    try site.store.topicsAreEmpty(Array(site.store.topicsToEmpty().keys))
    #expect(site.store.isSweepDue)
    #expect(try site.store.sweep(largestBytes: .max, nowMs: nowMs))
    #expect(try site.store.erasureState().unswept == 0)
    #expect(try site.store.mentions(of: Self.worker).isEmpty)
    #expect(try bytes(site) == 0)
    try checkSound(site)
  }

  @Test func aLateRepeatStaysOutUntilItIsTooOld() throws {
    let site = try TestSite()
    let repeated = TestSite.event(nowMs - 60_000, worker: "W7", more: #","event_id":"x1""#)
    site.add(repeated)
    site.add(TestSite.event(nowMs - 60_000, worker: "W2"))
    _ = try site.turn.commitAdded()
    _ = try site.turn.perform(EraseCommand(workerID: "W7"))
    // In the running engine, after a restart, and after the worker came back.
    for isRestarted in [false, true, false] {
      if isRestarted { try site.restart() }
      site.add(repeated)
      let update = try #require(try site.turn.commitAdded())
      #expect(update.counters.rejected == 1 && update.counters.stored == 0)
      #expect(update.rejections.first?.rejection.code == .erased)
      #expect(update.samples.allSatisfy { $0.event == nil })
      site.add(TestSite.event(nowMs + 1 + (isRestarted ? 1 : 0), worker: "W7"))
      _ = try site.turn.commitAdded()
    }
    #expect(try workersOf(site) == ["W2", "W7"], "a new person, as far as anybody can tell")
    let row = try #require(try site.store.quarantine(limit: 1).first)
    #expect(row.code == "erased" && row.payload.isEmpty && row.payloadBytes > 50 && row.eventID.isEmpty)
    #expect(try site.store.eventCount() == 4)
    #expect(try site.turn.perform(QuarantineCommand(.replay)).kept == 3)
    try checkSound(site)
    // The hash is kept for as long as such an event would be accepted.
    try site.store.topicsAreEmpty(Array(site.store.topicsToEmpty().keys))
    #expect(try site.store.erasures().count == 1)
    #expect(
      try site.store.sweep(largestBytes: .max, nowMs: nowMs + site.site.ingest.maxAgeMs + 60_000))
    #expect(try site.store.erasures().isEmpty && site.store.erasureState().workers == 1)
  }

  /// It is not the identity that is refused but the age: the row must not have the id all the same.
  @Test func aRejectedRepeatLeavesNoIDInTheQuarantine() throws {
    let site = try TestSite()
    site.add(TestSite.event(nowMs - 60_000, worker: Self.worker))
    _ = try site.turn.commitAdded()
    _ = try site.turn.perform(EraseCommand(workerID: Self.worker))
    for isRestarted in [false, true] {
      if isRestarted { try site.restart() }
      site.add(TestSite.event(nowMs - 400 * 86_400_000, worker: Self.worker, more: #","event_id":"x1""#))
      site.add(#"{"timestamp":"never","worker_id":"\#(Self.escaped)"}"#)
      site.add(TestSite.event(nowMs - 400 * 86_400_000, worker: "W2"))
      let update = try #require(try site.turn.commitAdded())
      #expect(update.counters.rejected == 3)
      let rows = try site.store.quarantine(limit: 3)
      #expect(rows.map { !$0.payload.isEmpty } == [true, false, false])
      #expect(rows.allSatisfy { $0.payloadBytes > 30 } && rows[2].eventID.isEmpty)
      #expect(Set(rows.map(\.code)) == ["too_old", "schema"])
    }
    #expect(try site.store.mentions(of: Self.worker).keys.allSatisfy { $0 == "erasure.topics" })
    try checkSound(site)
  }

  private func workersOf(_ site: TestSite) throws -> [String] {
    try site.store.names().filter { $0.kind == .worker && !ErasedName.isErased($0.text) }.map(\.text)
  }

  @Test func finalRecordsOfThePersonGoAndThoseOfOthersStay() throws {
    let site = try site()
    let startMs = nowMs / 3_600_000 * 3_600_000 - 20 * 3_600_000
    let window = Window(kind: .hour, startMs: startMs, endMs: startMs + 3_600_000)
    let final = FinalWindow(kind: .hour, window)
    let all = try KPIQuery(site: site.site).records(site.store, windows: [window], nowMs: nowMs)
    for scope in [KPIScope.worker, .workstation] {
      try site.store.commit { try $0.keep(all.filter { $0.scope == scope }, scope, of: final) }
    }
    func kept(_ scope: KPIScope) throws -> [KPIRecord] {
      let bytes = try site.store.database.read { db in
        BlobKey.finalFigures(final, scope).opened(
          try DatabaseValue.fetchOne(
            db, sql: "SELECT records FROM final_figures WHERE scope = ?", arguments: [scope.rawValue])
            ?? .null)
      }
      let known = try #require(bytes)
      let records = KPIRecord.decoded(
        known.span, site: "plant-a", scope, window, nowMs: window.endMs)
      return try #require(records)
    }
    let (workers, stations) = (try kept(.worker), try kept(.workstation))
    #expect(workers.contains { $0.id == Self.worker } && workers.count > 2 && stations.count > 1)
    var exported: [KPIRecord] = []
    try site.store.visitFinalRecords(ofWorker: Self.worker) { exported.append($0) }
    #expect(exported == workers.filter { $0.id == Self.worker })
    #expect(try site.turn.perform(EraseCommand(workerID: Self.worker)).finalRecords == 1)
    exported = []
    try site.store.visitFinalRecords(ofWorker: Self.worker) { exported.append($0) }
    #expect(exported.isEmpty)
    #expect(try kept(.worker) == workers.filter { $0.id != Self.worker })
    #expect(try kept(.workstation) == stations)
  }

  @Test func aTrialChangesNothing() throws {
    let site = try markedSite()
    func dump() throws -> [String] {
      try site.store.database.read { db in
        try ["name", "event", "quarantine", "access_log", "erasure", "outbox", "counter_total"].map {
          try Row.fetchAll(db, sql: "SELECT * FROM \($0)").map(\.description).joined()
        }
      }
    }
    let before = try dump()
    let trial = try site.turn.perform(EraseCommand(workerID: Self.worker, isTrial: true))
    #expect(try trial.isTrial && trial.events > 500 && dump() == before)
    try checkSound(site)
    var report = try site.turn.perform(EraseCommand(workerID: Self.worker))
    report.isTrial = true
    #expect(report == trial)
    #expect(try site.turn.perform(EraseCommand(workerID: Self.worker)).foundSomething == false)
  }

  /// Killed after the commit: the next process empties the topics, also those of a process before.
  @Test func theTopicsAreEmptiedAfterARestart() throws {
    let site = try site()
    let cycles = try (0..<3).map { _ in try Cycle(site) }
    #expect(try cycles[0].topics().contains("andon/v1/plant-a/kpi/worker/\(Self.worker)/day"))
    _ = try site.turn.perform(EraseCommand(workerID: Self.worker))
    let running = try cycles[0].empty()
    #expect(running.contains("andon/v1/plant-a/kpi/worker/\(Self.worker)/day"))
    // The broker did not answer. A new process knows nothing of what was published.
    let emptied = try cycles[1].empty()
    for topic in ["kpi/worker/\(Self.worker)/shift", "tag/worker/\(Self.worker)/hour/units"] {
      #expect(emptied.contains("andon/v1/plant-a/\(topic)"), "\(topic)")
    }
    #expect(!(try cycles[1].topics()).contains { $0.contains(Self.worker) })
    #expect(try site.store.erasureState().topics.count == emptied.count)
    cycles[1].acknowledge()
    try cycles[1].round.publish(site.store, nowMs: nowMs)
    #expect(try site.store.erasureState().topics.isEmpty && site.store.isSweepDue)
    #expect(try cycles[2].empty().isEmpty)
  }

  private final class Cycle {
    let queue: PublishQueue
    let round: KPIPublishCycle
    private let site: TestSite
    private var sent: [PublishQueue.Item] = []

    init(_ site: TestSite) throws {
      self.site = site
      queue = PublishQueue(wakeup: try Wakeup())
      round = KPIPublishCycle(
        site: site.site, topics: TopicNames(root: site.settings.topics.root), scalarTags: true,
        publishQueue: queue)
    }

    private func messages() throws -> [Publication] {
      try round.publish(site.store, nowMs: TestSite.nowMs)
      var messages: [Publication] = []
      while true {
        let items = queue.dequeue(1000)
        if items.isEmpty { return messages }
        sent += items
        messages += items.map(\.publication)
      }
    }

    /// With a value.
    func topics() throws -> [String] { try messages().filter { !$0.payload.isEmpty }.map(\.topic) }
    func empty() throws -> [String] { try messages().filter { $0.payload.isEmpty && $0.retain }.map(\.topic) }
    func acknowledge() { for item in sent { queue.confirm(item) } }
  }
}
