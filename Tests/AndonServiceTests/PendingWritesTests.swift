import AndonCore
import Foundation
import GRDB
import TestSupport
import Testing

@testable import AndonConfiguration
@testable import AndonIngest
@testable import AndonStore

/// What commits leave to the next flush: nothing of it is lost, whenever the process ends, and readers of the file
/// see every event.
@Suite struct PendingWritesTests {
  private static let timeoutMs: Int64 = 600_000
  private let seed =
    ProcessInfo.processInfo.environment["SEED"].flatMap(UInt64.init) ?? .random(in: 0...UInt64.max)
  private let window = Window(fromMs: TestSite.nowMs - 5 * 3_600_000, toMs: TestSite.nowMs)

  private func figures(_ test: TestSite, _ store: SiteStore, recomputes: Bool = false) throws -> [[UInt8]] {
    try KPIQuery(site: test.site, recomputes: recomputes)
      .records(store, windows: [window], nowMs: TestSite.nowMs).map { $0.json(revision: nil) }
  }

  /// Adds events of four hours, most of them in order, in commits of random length.
  private func fill(_ test: TestSite, _ random: inout SeededRandom, events: Int = 400) throws {
    for number in 0..<events {
      var atMs = window.startMs + Int64(number) * 4 * 3_600_000 / Int64(events)
      if random.next() % 8 == 0 { atMs -= Int64(random.next() % 3_600_000) }
      test.add(
        TestSite.event(
          atMs, random.next() % 3 == 0 ? "idle" : "working", worker: "W\(random.next() % 4)",
          confidence: random.next() % 9 == 0 ? "0.5" : "0.9", more: #","event_id":"e\#(random.next())""#),
        camera: "cam-0\(random.next() % 3)")
      if random.next() % 12 == 0 { _ = try test.turn.commitAdded() }
      if random.next() % 80 == 0 { try test.turn.flush() }
    }
    _ = try test.turn.commitAdded()
  }

  private func pending(_ store: SiteStore) throws -> PendingWrites {
    try store.database.read { try StoreTransaction(reading: $0).pendingWrites() }
  }

  @Test func fault102_aProcessThatEndsBeforeItsFlushLosesNoFigure() throws {
    var random = SeededRandom(state: seed)
    for _ in 0..<12 {
      let test = try TestSite()
      try test.restart(flushIntervalMs: 1000)
      try fill(test, &random)
      test.add(TestSite.event(TestSite.nowMs - 1, more: #","event_id":"last""#))
      _ = try test.turn.commitAdded()
      #expect(try !pending(test.store).isEmpty, "seed \(seed)")
      // Another process reads the file as it is.
      let reader = try SiteStore.openForReading(path: test.store.path, siteID: "plant-a")
      #expect(try figures(test, reader) == figures(test, reader, recomputes: true), "seed \(seed)")
      #expect(try reader.cameras() == test.turn.engine.cameraRows, "seed \(seed)")
      #expect(try reader.counters() == test.turn.engine.counters)
      #expect(try reader.damagedQuarters().isEmpty)
      // The bridge is started again.
      let rows = test.turn.engine.cameraRows
      try test.restart(flushIntervalMs: 1000)
      #expect(try pending(test.store).isEmpty && test.turn.engine.cameraRows == rows, "seed \(seed)")
      #expect(try figures(test, test.store) == figures(test, test.store, recomputes: true), "seed \(seed)")
      #expect(try test.store.auditAll(timeoutMs: Self.timeoutMs).mismatches.isEmpty)
      #expect(try test.store.damagedQuarters().isEmpty)
    }
  }

  @Test func fault102_damagedPendingWritesAreComputedFromTheEvents() throws {
    var random = SeededRandom(state: seed)
    let test = try TestSite()
    try test.restart(flushIntervalMs: 1000)
    try fill(test, &random)
    test.add(TestSite.event(TestSite.nowMs - 1, more: #","event_id":"last""#))
    _ = try test.turn.commitAdded()
    let database = try DatabaseQueue(path: test.store.path)
    try database.write { db in
      var bytes = Array(try Data.fetchOne(db, sql: "SELECT pending FROM progress") ?? Data())
      try #require(bytes.count > 8)
      bytes[Int(random.next() % UInt64(bytes.count))] ^= 1 << UInt8(random.next() % 8)
      try db.execute(sql: "UPDATE progress SET pending = ?", arguments: [Data(bytes)])
    }
    try test.restart(flushIntervalMs: 1000)
    #expect(try pending(test.store).isEmpty)
    #expect(test.store.damage.counts == DamageLog.Counts(found: 1, repaired: 1), "seed \(seed)")
    #expect(try figures(test, test.store) == figures(test, test.store, recomputes: true), "seed \(seed)")
    #expect(try test.store.damagedQuarters().isEmpty)
  }

  /// Retention deletes buckets while the ingest loop has something of them in memory.
  @Test func retentionBetweenTwoFlushesLeavesNothingOfWhatItDeleted() throws {
    var random = SeededRandom(state: seed)
    for round in 0..<10 {
      let test = try TestSite()
      try test.restart(flushIntervalMs: 1000)
      try fill(test, &random)
      let cutoff = SummaryBucket.start(of: window.startMs + Int64(random.next() % 12_000_000))
      while try test.store.prune(before: cutoff) > 0 {}
      test.add(TestSite.event(TestSite.nowMs - 1, more: #","event_id":"last""#))
      _ = try test.turn.commitAdded()
      if round % 2 == 0 { try test.restart(flushIntervalMs: 1000) } else { try test.turn.flush() }
      #expect(try test.store.damagedQuarters().isEmpty, "seed \(seed)")
      #expect(try test.store.auditAll(timeoutMs: Self.timeoutMs).mismatches.isEmpty, "seed \(seed)")
      #expect(try test.store.buckets(in: window.startMs..<cutoff).isEmpty)
      let ghosts = try test.store.database.read {
        try Int.fetchOne(
          $0, sql: "SELECT count(*) FROM worker_summary WHERE bucket_ms < ?", arguments: [cutoff])
      }
      #expect(ghosts == 0, "seed \(seed)")
    }
  }

  /// Late events of many buckets are computed in several turns, and a reader is told which are not yet.
  @Test func lateEventsOfManyBucketsAreComputedInTurns() throws {
    let test = try TestSite(", ingest: {max_age: 30d}")
    try test.restart(flushIntervalMs: 1000)
    test.add(TestSite.event(TestSite.nowMs - 1))
    _ = try test.turn.commitAdded()
    try test.turn.flush()
    for number in 0..<Int64(1000) {
      test.add(TestSite.event(TestSite.nowMs - 20 * 86_400_000 + number * SummaryBucket.lengthMs))
    }
    _ = try test.turn.commitAdded()
    var left = [try pending(test.store).buckets.count]
    while test.turn.engine.hasPendingWrites {
      try test.turn.flush()
      left.append(try pending(test.store).buckets.count)
    }
    #expect(left == [1000, 600, 200, 0])
    #expect(try test.store.auditAll(timeoutMs: Self.timeoutMs).mismatches.isEmpty)
  }

  @Test func theStoredBytesAreReadBackOrRefused() {
    var random = SeededRandom(state: seed)
    for _ in 0..<2000 {
      var pending = PendingWrites()
      for _ in 0..<random.next() % 4 { pending.buckets.insert(Int64(random.next() % 1_000_000) * 900_000) }
      for _ in 0..<random.next() % 4 {
        let id = "cam-\(random.next() % 100)"
        pending.cameras[id] = CameraRow(
          cameraID: id, events: Int64(random.next() % 1000), lastEventMs: random.next() % 2 == 0 ? nil : 17,
          lastReceivedMs: 18, status: CameraStatus.allCases[Int(random.next() % 3)], qos0Received: 3,
          lastQoS0Ms: nil)
      }
      for _ in 0..<random.next() % 4 {
        pending.checksums[Int64(random.next() % 100) * 900_000] = EventChecksums.Quarter(
          events: Int64(random.next() % 1000), sum: random.next() & EventChecksums.mask)
      }
      var bytes = pending.encoded()
      #expect(PendingWrites(encoded: bytes) == pending, "seed \(seed)")
      guard !bytes.isEmpty else { continue }
      bytes[Int(random.next() % UInt64(bytes.count))] ^= UInt8(1 + random.next() % 255)
      if random.next() % 3 == 0 { bytes.removeLast(Int(random.next() % UInt64(bytes.count))) }
      _ = PendingWrites(encoded: bytes)
    }
  }
}
