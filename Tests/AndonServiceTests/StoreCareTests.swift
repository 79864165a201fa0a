import AndonCore
import Foundation
import GRDB
import TestSupport
import Testing

@testable import AndonConfiguration
@testable import AndonIngest
@testable import AndonRuntime
@testable import AndonStore

/// Check, backup and retention of a site's file.
@Suite(.ownThread) struct StoreCareTests {
  private let nowMs = TestSite.nowMs
  private static let dayMs: Int64 = 86_400_000

  private func filled() throws -> TestSite {
    let test = try TestSite(", ingest: {max_age: 100d}")
    var random = SeededRandom(state: 7)
    for index in 0..<1500 {
      let kinds = ["working", "idle", "absent"]
      test.add(
        TestSite.event(
          nowMs - 60 * Self.dayMs + Int64(index) * 3_400_000 + Int64(random.next() % 1000),
          kinds[Int(random.next() % 3)], worker: "W\(random.next() % 5)",
          confidence: random.next() % 9 == 0 ? "0.5" : "0.9"))
    }
    _ = try test.turn.commitAdded()
    return test
  }

  @Test func theAuditFindsAChangedSummaryAndARecomputeRepairsIt() throws {
    let test = try filled()
    let timeoutMs = test.site.ingest.stateTimeoutMs
    let clean = try test.store.auditAll(timeoutMs: timeoutMs)
    #expect(clean.mismatches.isEmpty && clean.buckets > 1000 && clean.stale == 0)
    try DatabaseQueue(path: test.store.path).write { db in
      try db.execute(
        sql: """
          UPDATE worker_summary SET summary = (SELECT summary FROM worker_summary ORDER BY bucket_ms LIMIT 1)
          WHERE (bucket_ms, worker) = (SELECT bucket_ms, worker FROM worker_summary ORDER BY bucket_ms DESC LIMIT 1)
          """)
    }
    let found = try test.store.auditAll(timeoutMs: timeoutMs)
    #expect(found.mismatches.count == 1)
    try test.store.recompute(found.mismatches, timeoutMs: timeoutMs)
    #expect(try test.store.auditAll(timeoutMs: timeoutMs).mismatches.isEmpty)
    var random = SplitMix64(seed: 1)
    let sample = try test.store.audit(pairs: 50, timeoutMs: timeoutMs, using: &random)
    #expect(sample.pairs == 50 && sample.mismatches.isEmpty)
  }

  @Test func aRangeCanBeRecomputedByHand() throws {
    let test = try filled()
    let timeoutMs = test.site.ingest.stateTimeoutMs
    try DatabaseQueue(path: test.store.path).write { db in
      try db.execute(sql: "UPDATE worker_summary SET summary = x'01' WHERE bucket_ms % 1800000 = 0")
    }
    let wrong = try test.store.auditAll(timeoutMs: timeoutMs).mismatches
    #expect(wrong.count > 100)
    let half = wrong.map(\.bucketMs).sorted()[wrong.count / 2]
    for bucketMs in try test.store.buckets(in: 0..<half) {
      try test.store.recompute(bucketMs: bucketMs, timeoutMs: timeoutMs)
    }
    let left = try test.store.auditAll(timeoutMs: timeoutMs).mismatches
    #expect(!left.isEmpty && left.allSatisfy { $0.bucketMs >= half })
  }

  @Test func aBackupIsWholeWhileTheWriterGoesOn() throws {
    let test = try filled()
    let target = test.folder + "/copy.sqlite"
    let before = try test.store.eventCount()
    try SiteStore.openForReading(path: test.store.path, siteID: "plant-a").backup(to: target)
    test.add(TestSite.event(nowMs))
    _ = try test.turn.commitAdded()
    let copy = try SiteStore.openForReading(path: target, siteID: "plant-a")
    #expect(try copy.eventCount() == before && copy.integrityProblems().isEmpty)
    #expect(try copy.auditAll(timeoutMs: test.site.ingest.stateTimeoutMs).mismatches.isEmpty)
    #expect(throws: StoreError.exists(path: target)) {
      try SiteStore.openForReading(path: test.store.path, siteID: "plant-a").backup(to: target)
    }
  }

  /// After every step of retention, figures from summaries equal a recompute from the remaining events.
  @Test func retentionKeepsSummariesAndEventsTogether() throws {
    let test = try filled()
    let cutoff = SummaryBucket.start(of: nowMs - 30 * Self.dayMs)
    let before = try test.store.eventCount()
    var steps = 0
    while try test.store.prune(before: cutoff) > 0 { steps += 1 }
    #expect(steps >= 1)
    let left = try test.store.eventCount()
    #expect(left < before && left > 0)
    var oldest = Int64.max
    try test.store.visitEvents(fromMs: .min, toMs: .max) { oldest = min(oldest, $0.event.timestampMs) }
    #expect(oldest >= cutoff)
    #expect(try test.store.auditAll(timeoutMs: test.site.ingest.stateTimeoutMs).mismatches.isEmpty)
    let window = Window(fromMs: cutoff - Self.dayMs, toMs: cutoff + 2 * Self.dayMs)
    try expectEqualFigures(test, window)
    // The engine in memory follows: an event before the worker's oldest remaining one is the worker's first
    // again.
    test.add(TestSite.event(cutoff + 1, worker: "W0"))
    _ = try test.turn.commitAdded()
    try expectEqualFigures(test, window)
    try expectEqualFigures(test, Window(fromMs: cutoff + 10, toMs: cutoff + 5_000_000))
    #expect(try test.store.prune(before: cutoff) == 0)
  }

  @Test func pruneGoesInSteps() throws {
    let test = try TestSite(", ingest: {max_age: 100d}")
    for index in 0..<12_000 {
      test.add(TestSite.event(nowMs - 50 * Self.dayMs + Int64(index) * 1000, worker: "W\(index % 3)"))
    }
    _ = try test.turn.commitAdded()
    let first = try test.store.prune(before: SummaryBucket.start(of: nowMs - 40 * Self.dayMs))
    #expect(first > 4000 && first < 7000)
    #expect(try test.store.eventCount() == 12_000 - Int64(first))
    #expect(try test.store.auditAll(timeoutMs: test.site.ingest.stateTimeoutMs).mismatches.isEmpty)
  }

  @Test func retentionMustBeLongerThanTheOldestEventThatIsAccepted() {
    let yaml = "store: {retention: 7d}\nsites: [{id: a, timezone: UTC}]"
    let error = #expect(throws: SettingsErrors.self) {
      _ = try SettingsLoader.parse(yaml: yaml, file: "x.yaml", environment: [:])
    }
    #expect(error?.description.contains("store.retention must be at least a day longer") == true)
  }

  private func expectEqualFigures(_ test: TestSite, _ window: Window) throws {
    let summed = try KPIQuery(site: test.site).records(test.store, windows: [window], nowMs: nowMs)
    let recomputed = try KPIQuery(site: test.site, recomputes: true)
      .records(test.store, windows: [window], nowMs: nowMs)
    #expect(
      !summed.isEmpty && summed.map { $0.json(revision: nil) } == recomputed.map { $0.json(revision: nil) })
  }
}
