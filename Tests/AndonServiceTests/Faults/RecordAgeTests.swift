import AndonCore
import Foundation
import GRDB
import TestSupport
import Testing

@testable import AndonConfiguration
@testable import AndonIngest
@testable import AndonStore

/// Rows 185 to 187 of docs/reliability.md: each purpose has its age, and no person's name stays for ever.
@Suite(.ownThread) struct RecordAgeTests {
  private static let dayMs: Int64 = 86_400_000
  private static let nowMs = TestSite.nowMs

  private func count(_ table: String, _ store: SiteStore) throws -> Int {
    try store.database.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM \(table)") ?? 0 }
  }

  private func prune(_ store: SiteStore, _ cutoffs: RecordCutoffs) throws {
    while try store.pruneRecords(before: cutoffs) > 0 {}
  }

  /// An alarm that somebody acknowledged and judged, a camera out of service, and a day that somebody closed.
  private func decided() throws -> AlarmSite {
    let site = try AlarmSite(#", shifts: [{id: early, start: "06:00", end: "14:00"}]"#)
    site.add(TestSite.event(Self.nowMs))
    try site.setStatus("offline", atMs: Self.nowMs)
    for second in [1, 62] as [Int64] { try site.tick(atMs: Self.nowMs + second * 1000) }
    let answers = try site.commands([
      ("alert", "ack", #"{"req_id":"r1","alert_id":"plant-a/camera_offline/cam-01","by":"secret-anna"}"#),
      (
        "alert", "false_alarm",
        #"{"req_id":"r2","alert_id":"plant-a/camera_offline/cam-01","by":"secret-anna"}"#
      ),
      (
        "camera", "out_of_service",
        #"{"req_id":"r3","camera_id":"cam-02","by":"secret-anna","reason":"moved"}"#
      ),
      (
        "calendar", "close",
        #"{"req_id":"r4","from":"2026-02-01","to":"2026-02-02","by":"secret-anna","reason":"audit"}"#
      ),
    ])
    #expect(answers.count == 4, "\(answers)")
    return site
  }

  /// Every table that holds the text, with its column.
  private func places(of text: String, _ store: SiteStore) throws -> [String] {
    try store.database.read { db in
      let tables = try String.fetchAll(db, sql: "SELECT name FROM sqlite_master WHERE type = 'table'")
      return try tables.flatMap { table in
        try db.columns(in: table).map(\.name).filter { column in
          try Bool.fetchOne(
            db,
            sql: "SELECT EXISTS (SELECT 1 FROM \"\(table)\" WHERE instr(CAST(\"\(column)\" AS TEXT), ?) > 0)",
            arguments: [text]) ?? false
        }.map { "\(table).\($0)" }
      }
    }
  }

  @Test func fault185_namesOfPeopleGoAndWhatTheyDecidedStays() throws {
    let site = try decided()
    // What waits for the broker is delivered.
    try site.store.commit { try $0.db.execute(sql: "DELETE FROM outbox") }
    let tables = ["alert_journal", "ground_truth", "calendar_change", "alarm_state", "episode"]
    let named = Set(try places(of: "secret-anna", site.store).map { $0.split(separator: ".")[0] })
    #expect(
      named.isSuperset(of: ["alert_journal", "ground_truth", "calendar_change", "alarm_state"]), "\(named)")
    let before = try tables.map { try count($0, site.store) }
    let journal = try site.store.alarmJournal(limit: 100)
    var cutoffs = RecordCutoffs(0)
    cutoffs.peopleNamesMs = Self.nowMs - Self.dayMs
    try prune(site.store, cutoffs)
    #expect(try site.store.alarmJournal(limit: 100) == journal, "younger names stay")
    cutoffs.peopleNamesMs = Self.nowMs + Self.dayMs
    try prune(site.store, cutoffs)
    #expect(try places(of: "secret-anna", site.store) == [])
    #expect(try tables.map { try count($0, site.store) } == before, "rows stay")
    let after = try site.store.alarmJournal(limit: 100)
    #expect(
      after.map(\.event) == journal.map(\.event) && after.contains { $0.json.contains(#""acked":true"#) })
    // The stored states are sound: nothing is damaged, and the alarm is as it was.
    try site.restart()
    #expect(site.store.damage.counts.found == 0)
    #expect(
      site.turn.engine.machines[AlarmKey(rule: .cameraOffline, sourceID: "cam-01")]?.occurrence?.isAcked
        == true)
  }

  @Test func fault185_eachPurposeAgesAlone() throws {
    let site = try decided()
    try site.setStatus("online", atMs: Self.nowMs + 100_000)
    try site.tick(atMs: Self.nowMs + 101_000)
    site.add(#"{"worker_id":"W1"}"#)
    try site.commit(atMs: Self.nowMs + 102_000)
    try site.store.append([
      AccessRow(
        atMs: Self.nowMs, user: "u", proof: "session", address: "a", operation: "o", workerID: "",
        subjects: 1,
        fromMs: nil, toMs: nil, reason: "")
    ])
    let purposes: [(WritableKeyPath<RecordCutoffs, Int64>, [String])] = [
      (\.quarantineMs, ["quarantine"]), (\.accessLogMs, ["access_log"]),
      (\.alarmsMs, ["alert_journal", "ground_truth", "episode", "alarm_state"]),
    ]
    let all = purposes.flatMap(\.1)
    for (purpose, tables) in purposes {
      let before = try all.reduce(into: [:]) { $0[$1] = try count($1, site.store) }
      #expect(tables.allSatisfy { before[$0, default: 0] > 0 }, "\(before)")
      var cutoffs = RecordCutoffs(0)
      cutoffs[keyPath: purpose] = Self.nowMs + Self.dayMs
      try prune(site.store, cutoffs)
      for table in all {
        let expected = tables.contains(table) ? 0 : before[table]
        #expect(try count(table, site.store) == expected, "\(table) by \(tables)")
      }
    }
  }

  @Test func fault186_theBooksBalanceWhenRejectedInputAges() throws {
    let test = try TestSite(", limits: {quarantine_rows: 100}")
    func reject(_ count: Int) throws {
      for _ in 0..<count { test.add(#"{"worker_id":"W1"}"#) }
      _ = try test.turn.commitAdded()
    }
    try reject(90)
    try prune(test.store, RecordCutoffs(Self.nowMs + 1))
    #expect(try count("quarantine", test.store) == 0)
    // A limit that counted deleted rows would drop these.
    for _ in 0..<3 { try reject(30) }
    let stored = try test.store.counters()
    let engine = test.turn.engine.counters
    #expect(try count("quarantine", test.store) == 90)
    #expect(stored.rejected == 180 && stored.quarantineDropped == 90 && stored.isBalanced)
    #expect(engine == stored, "what /status shows")
    try reject(600)
    let after = try test.store.counters()
    #expect(try Int64(count("quarantine", test.store)) == after.rejected - after.quarantineDropped)
    #expect(try count("quarantine", test.store) <= 100 + 256 + 600)
  }

  /// A site with many short-time workers does not reach its limit of workers, and a worker who comes back is right.
  @Test func fault187_aWorkerWithoutEventsIsForgotten() throws {
    let test = try TestSite(", ingest: {max_age: 60d}, limits: {workers: 3}")
    let old = Self.nowMs - 50 * Self.dayMs
    for worker in ["A", "B", "C"] {
      test.add(TestSite.event(old, worker: worker))
      test.add(TestSite.event(old + 60_000, "product_count", worker: worker))
    }
    test.add(TestSite.event(old, worker: "D"))
    for minute in 0..<5 as Range<Int64> {
      test.add(TestSite.event(Self.nowMs - minute * 60_000, worker: "C"))
    }
    _ = try test.turn.commitAdded()
    #expect(try test.store.counters().rejected == 1, "D is one too many")
    // Before its events are deleted nothing is forgotten.
    try prune(test.store, RecordCutoffs(0))
    #expect(try count("name WHERE kind = 'worker'", test.store) == 3)
    while try test.store.prune(before: SummaryBucket.start(of: old + 2 * Self.dayMs)) > 0 {}
    #expect(try count("carried_state", test.store) == 3)
    try prune(test.store, RecordCutoffs(0))
    let names = try test.store.database.read {
      try String.fetchAll($0, sql: "SELECT text FROM name WHERE kind = 'worker'")
    }
    #expect(names == ["C"])
    #expect(try count("carried_state", test.store) == 1 && count("worker", test.store) == 1)
    for worker in ["D", "B"] {
      for minute in 0..<5 as Range<Int64> {
        test.add(TestSite.event(Self.nowMs - minute * 61_000, worker: worker))
      }
    }
    test.add(TestSite.event(Self.nowMs, worker: "A"))
    _ = try test.turn.commitAdded()
    #expect(try test.store.counters().rejected == 2, "three there are, and a fourth is refused as before")
    let window = Window(fromMs: Self.nowMs - 3_600_000, toMs: Self.nowMs + 1)
    let figures = try [false, true].map { recomputes in
      try KPIQuery(site: test.site, recomputes: recomputes).records(
        test.store, windows: [window], nowMs: Self.nowMs)
    }
    #expect(figures[0] == figures[1] && figures[0].count { $0.scope == .worker } == 3)
    #expect(try test.store.auditAll(timeoutMs: test.site.ingest.stateTimeoutMs).mismatches.isEmpty)
    try test.restart()
  }
}
