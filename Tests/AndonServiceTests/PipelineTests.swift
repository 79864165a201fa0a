import AndonCore
import Foundation
import GRDB
import TestSupport
import Testing

@testable import AndonIngest
@testable import AndonStore

@Suite(.ownThread) struct PipelineTests {
  private let nowMs = TestSite.nowMs

  @Test func everyOutcomeIsCountedOnce() throws {
    let test = try TestSite()
    test.add(TestSite.event(nowMs))
    test.add(TestSite.event(nowMs))  // a duplicate
    test.add(TestSite.event(nowMs, confidence: "0.8"))  // the same identity with another confidence
    test.add(TestSite.event(nowMs - 1, confidence: "0.699999"))
    test.add(TestSite.event(nowMs - 2, confidence: "0.7"))
    test.add(TestSite.event(nowMs - 3, confidence: "95"))
    test.add("[\(TestSite.event(nowMs - 4)),{},\(TestSite.event(nowMs - 5))]")
    test.add("{")
    _ = try test.turn.commitAdded()
    let counters = try test.store.counters()
    #expect(counters.received == 10 && counters.stored == 4 && counters.lowConfidence == 1)
    #expect(
      counters.duplicate == 2 && counters.conflict == 1 && counters.rejected == 3 && counters.isBalanced)
    #expect(try test.store.eventCount() == 5)
    let quarantine = try test.store.quarantine(limit: 10)
    #expect(quarantine.map(\.code) == ["json", "schema", "schema"])
    #expect(String(decoding: quarantine[1].payload, as: UTF8.self) == "{}")
  }

  @Test func theFirstOneStoredWins() throws {
    let test = try TestSite()
    test.add(TestSite.event(nowMs, confidence: "0.9"))
    _ = try test.turn.commitAdded()
    test.add(TestSite.event(nowMs, confidence: "0.1"))
    _ = try test.turn.commitAdded()
    var confidences: [Int32?] = []
    try test.store.visitEvents(fromMs: .min, toMs: .max) { confidences.append($0.event.confidencePpm) }
    #expect(confidences == [900_000])
  }

  @Test func aFailedCommitLeavesNothingAndCanBeTriedAgain() throws {
    let test = try TestSite()
    let other = try DatabaseQueue(path: test.store.path)
    try other.write { db in
      try db.execute(
        sql: "CREATE TRIGGER no BEFORE UPDATE ON progress BEGIN SELECT RAISE(ABORT, 'disk says no'); END")
    }
    test.add(TestSite.event(nowMs))
    #expect(throws: (any Error).self) { _ = try test.turn.commitAdded() }
    #expect(try test.store.eventCount() == 0 && test.turn.engine.counters.received == 0)
    #expect(test.turn.added == 1)
    try other.write { try $0.execute(sql: "DROP TRIGGER no") }
    _ = try test.turn.commitAdded()
    #expect(try test.store.eventCount() == 1 && test.store.counters().isBalanced)
  }

  @Test func fault34_tooManyNamesAreRejected() throws {
    let test = try TestSite(", limits: {workers: 2}")
    for worker in ["W1", "W2", "W3", "w1", "W2"] { test.add(TestSite.event(nowMs, worker: worker)) }
    _ = try test.turn.commitAdded()
    let counters = try test.store.counters()
    #expect(counters.stored == 2 && counters.duplicate == 1 && counters.rejected == 2)
    #expect(try test.store.quarantine(limit: 5).map(\.code) == ["mismatch", "cardinality"])
    // Known names are still known after a restart.
    try test.restart()
    test.add(TestSite.event(nowMs - 1, worker: "W9"))
    #expect(try test.turn.commitAdded()?.counters.rejected == 1)
  }

  @Test func fault16_aRepeatAThousandTimesIsOneRow() throws {
    let test = try TestSite()
    for _ in 0..<1000 { test.add(TestSite.event(nowMs)) }
    _ = try test.turn.commitAdded()
    #expect(try test.store.counters().duplicate == 999 && test.store.eventCount() == 1)
  }

  @Test func fault09_aSecondWriterIsRefusedAndToldWho() throws {
    let test = try TestSite()
    let error = #expect(throws: StoreError.self) {
      _ = try SiteStore.openForWriting(path: test.store.path, siteID: "plant-a")
    }
    #expect(error?.description.contains("process \(ProcessInfo.processInfo.processIdentifier)") == true)
  }

  @Test func aReaderWorksBesideTheWriterAndAnotherSitesFileIsRefused() throws {
    let test = try TestSite()
    test.add(TestSite.event(nowMs))
    _ = try test.turn.commitAdded()
    #expect(try SiteStore.openForReading(path: test.store.path, siteID: "plant-a").eventCount() == 1)
    #expect(throws: StoreError.self) {
      _ = try SiteStore.openForReading(path: test.store.path, siteID: "plant-b")
    }
    #expect(throws: StoreError.self) {
      _ = try SiteStore.openForReading(path: "/nowhere.sqlite", siteID: "x")
    }
  }

  @Test func fault22_aNewerOrUnreleasedSchemaIsRefused() throws {
    for migration in ["99 from the future", "1"] {
      let test = try TestSite()
      let path = test.store.path
      try test.store.close()
      try DatabaseQueue(path: path).write {
        try $0.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES (?)", arguments: [migration])
      }
      let refusal = migration == "1" ? StoreError.unreleasedSchema(path: path) : .newerSchema(path: path)
      #expect(throws: refusal) { _ = try SiteStore.openForReading(path: path, siteID: "plant-a") }
      #expect(throws: refusal) { _ = try SiteStore.openForWriting(path: path, siteID: "plant-a") }
    }
  }

  /// Any order of arrival and any batches and restarts lead to the same drift state and the same KPIs.
  @Test(.seeded) func driftAndKPIsDoNotDependOnTheOrderOfArrival() throws {
    let seed = Seed.one
    var random = SeededRandom(state: seed)
    let samples = (0..<400).map { index in
      let confidence = index > 150 ? 60 + Int(random.next() % 20) : 80 + Int(random.next() % 20)
      let kind = ["working", "idle", "absent"][Int(random.next() % 3)]
      return TestSite.event(
        nowMs - Int64(400 - index) * 47_000, kind, confidence: "0.\(confidence)",
        more: #","event_id":"e\#(index)""#)
    }
    var states: [DriftDetector] = []
    var episodes: [[Episode]] = []
    var figures: [[[UInt8]]] = []
    for round in 0..<4 {
      let test = try TestSite(", drift: {window: 20}")
      let order = round == 0 ? samples : samples.shuffled(using: &random)
      for (index, sample) in order.enumerated() {
        test.add(sample)
        if random.next() % 9 == 0 { _ = try test.turn.commitAdded() }
        if index % 97 == 96 {
          _ = try test.turn.commitAdded()
          try test.restart()
        }
      }
      _ = try test.turn.commitAdded()
      let key = DriftKey(cameraID: "cam-01", modelVersion: "")
      let detector = try #require(test.turn.engine.detector(key))
      states.append(detector)
      episodes.append(try test.store.episodes().filter { DriftDetector.rules.contains($0.key.rule) })
      let oracle = try test.store.driftReports(limits: DriftLimits(detector.settings))
      #expect(oracle.first?.detector == detector, "seed \(seed)")
      #expect(oracle.first?.episodes == episodes[round], "seed \(seed)")
      let records = try KPIQuery(site: test.site).openWindows(test.store, nowMs: nowMs)
      figures.append(records.map { $0.json(revision: nil) })
    }
    #expect(states.allSatisfy { $0 == states[0] } && figures.allSatisfy { $0 == figures[0] }, "seed \(seed)")
    #expect(states.allSatisfy { $0.encoded() == states[0].encoded() }, "seed \(seed)")
    #expect(!episodes[0].isEmpty && episodes.allSatisfy { $0 == episodes[0] }, "seed \(seed)")
    guard case .active = states[0].low.state else {
      Issue.record("seed \(seed): the drift should have been found")
      return
    }
  }

  /// Rules over days and weeks use the hours in the file: with late events and restarts they give the result
  /// of a recompute of all samples.
  @Test(.seeded) func rulesOfWeeksAgreeWithARecomputeOfAllSamples() throws {
    let seed = Seed.one
    var random = SeededRandom(state: seed)
    let count = 18 * 72
    var events = (0..<count).map { index in
      let confidence = (index > count - 150 ? 66 : 88) + Int(random.next() % 8)
      return TestSite.event(
        nowMs - Int64(count - index) * 1_200_000, "working", confidence: "0.\(confidence)",
        more: #","event_id":"e\#(index)""#)
    }
    // One event in ten is up to two days late or early.
    for index in events.indices where random.next() % 10 == 0 {
      events.swapAt(index, min(count - 1, index + Int(random.next() % 144)))
    }
    let test = try TestSite(", ingest: {max_age: 31d}")
    for (index, event) in events.enumerated() {
      test.add(event)
      if random.next() % 25 == 0 { _ = try test.turn.commitAdded() }
      guard index % 300 == 299 else { continue }
      _ = try test.turn.commitAdded()
      try test.restart()
    }
    _ = try test.turn.commitAdded()
    let detector = try #require(test.turn.engine.detector(DriftKey(cameraID: "cam-01", modelVersion: "")))
    let oracle = try #require(try test.store.driftReports(limits: DriftLimits(detector.settings)).first)
    #expect(oracle.detector == detector && oracle.hours.count > 17 * 24, "seed \(seed)")
    let found = try test.store.episodes().filter { DriftDetector.rules.contains($0.key.rule) }
    #expect(found == oracle.episodes, "seed \(seed)")
    #expect(
      Set(found.map(\.key.rule)).isSuperset(of: [.confidenceLow, .confidenceDrop, .confidenceShift]),
      "seed \(seed): \(found.map(\.key.rule))")
  }

  @Test func whatIsExportedCanBeImportedAgain() throws {
    let test = try TestSite()
    test.add(TestSite.event(nowMs, more: #","event_id":"e1","model_version":"v\"1""#))
    test.add(#"{"timestamp":\#(nowMs),"workstation_id":"S1","event_type":"product_count","count":3}"#)
    _ = try test.turn.commitAdded()
    var lines: [[UInt8]] = []
    try test.store.visitEvents(fromMs: .min, toMs: .max) {
      lines.append(EventWriter.json($0.event, site: "plant-a", camera: $0.cameraID))
    }
    for line in lines { test.turn.add(payload: line, camera: "cam-01") }
    #expect(try test.turn.commitAdded()?.counters.duplicate == 2)
    #expect(try test.store.counters().conflict == 0)
  }
}

/// SplitMix64, for seeds that can be printed.
struct SeededRandom: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
