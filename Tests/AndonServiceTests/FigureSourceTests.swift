import AndonCore
import GRDB
import TestSupport
import Testing

@testable import AndonConfiguration
@testable import AndonIngest
@testable import AndonStore

/// What figures are read from: sums of whole quarters, lists at an edge inside one. Neither may be stale, and none may
/// need more than it says.
@Suite(.ownThread) struct FigureSourceTests {
  private static let startMs = SummaryBucket.start(of: TestSite.nowMs) - 6 * 3_600_000

  /// Two hours of three workers, all of it written and compacted.
  private func filled() throws -> TestSite {
    let test = try TestSite(", ingest: {max_age: 30d}")
    for index in 0..<720 {
      let kind = ["working", "idle", "working", "absent", "product_count"][index * 7 % 5]
      test.add(
        TestSite.event(
          Self.startMs + Int64(index) * 10_000, kind, worker: "W\(index % 3)",
          more: kind == "product_count" ? #","count":2"# : ""))
      if index % 100 == 99 { _ = try test.turn.commitAdded() }
    }
    _ = try test.turn.commitAdded()
    try test.turn.flush(closesAll: true)
    try compact(test)
    return test
  }

  private func compact(_ test: TestSite) throws {
    while try test.store.compactBucket(before: TestSite.nowMs, timeoutMs: 600_000) {}
  }

  private func figures(
    _ test: TestSite, _ site: SiteSettings? = nil, fromMs: Int64 = 0, toMs: Int64 = 7_200_000,
    recomputes: Bool = false,
    scopes: Set<KPIScope> = [.site, .worker]
  ) throws -> [[UInt8]] {
    try KPIQuery(site: site ?? test.site, recomputes: recomputes, scopes: scopes)
      .records(
        test.store, windows: [Window(fromMs: Self.startMs + fromMs, toMs: Self.startMs + toMs)],
        nowMs: TestSite.nowMs
      ).map { $0.json(revision: nil) }
  }

  private func execute(_ sql: String, _ test: TestSite) throws {
    try DatabaseQueue(path: test.store.path).write { try $0.execute(sql: sql) }
  }

  @Test func fault46_figuresOfWholeQuartersNeedTheSumsOnly() throws {
    let test = try filled()
    let expected = try figures(test, recomputes: true)
    try execute("UPDATE compacted_bucket SET summaries = zeroblob(200)", test)
    try execute("DROP TRIGGER summary_removed; DELETE FROM worker_summary", test)
    #expect(try figures(test) == expected)
    #expect(test.store.damage.counts.found == 0, "the copies of summaries were not read")
  }

  @Test func fault46_damagedSumsGiveNoWrongFigureAndAreFound() throws {
    let test = try filled()
    let expected = try figures(test, recomputes: true)
    try execute(
      "UPDATE compacted_bucket SET sums = CAST(substr(sums, 1, 48) || substr(sums, 1, 56) AS BLOB)", test)
    #expect(try figures(test) == expected)
    let found = test.store.damage.dequeueNew()
    #expect(found.count == 8, "a quarter each")
    for part in found { try test.store.repair(part, timeoutMs: 600_000) }
    try compact(test)
    #expect(try test.store.scanSummaries(before: .max, count: 1000) == nil)
    #expect(try figures(test) == expected && test.store.damage.counts.found == 8)
  }

  /// Sound bytes of wrong sums, as a defect would write them.
  @Test func theScanFindsSumsThatAreNotThoseOfTheirSummaries() throws {
    let test = try filled()
    try test.store.commit { transaction in
      let db = transaction.db
      let sums = BlobKey.sums(bucketMs: Self.startMs, timeoutMs: 600_000)
      let row = try #require(
        try Row.fetchOne(
          db, sql: "SELECT sums FROM compacted_bucket WHERE bucket_ms = ?", arguments: [Self.startMs]))
      var bytes = try #require(sums.opened(row[0]))
      bytes[12] ^= 1
      try db.execute(
        sql: "UPDATE compacted_bucket SET sums = ? WHERE bucket_ms = ?",
        arguments: [sums.sealed(bytes), Self.startMs])
    }
    _ = try test.store.scanSummaries(before: .max, count: 1000)
    #expect(test.store.damage.dequeueNew() == [.compactedBucket(bucketMs: Self.startMs)])
  }

  @Test(arguments: [0, 1000]) func aLateEventMakesTheSumsStaleInItsTransaction(flushIntervalMs: Int64) throws
  {
    let test = try filled()
    try test.restart(flushIntervalMs: flushIntervalMs)
    let before = try figures(test)
    for number in 0..<8 {
      test.add(
        TestSite.event(
          Self.startMs + Int64(number) * 900_000 + 5_555, "product_count", worker: "W1", more: #","count":3"#)
      )
    }
    _ = try test.turn.commitAdded()
    try test.turn.flush()
    let (after, recomputed) = (try figures(test), try figures(test, recomputes: true))
    #expect(after != before && after == recomputed)
    try compact(test)
    #expect(try figures(test) == after)
  }

  @Test func anotherTimeoutDoesNotReadSumsOfTheOldOne() throws {
    let test = try filled()
    var site = test.site
    site.ingest.stateTimeoutMs = 20_000
    let expected = try figures(test, site, recomputes: true)
    let old = try figures(test)
    #expect(try figures(test, site) == expected && expected != old)
    let buckets = try test.store.buckets(in: Self.startMs..<Self.startMs + 7_200_000)
    for bucketMs in buckets { try test.store.recompute(bucketMs: bucketMs, timeoutMs: 20_000) }
    #expect(try figures(test, site) == expected)
    while try test.store.compactBucket(before: TestSite.nowMs, timeoutMs: 20_000) {}
    #expect(try figures(test, site) == expected)
    #expect(test.store.damage.counts.found == 0)
  }

  /// A quarter of a worker has a row for each event: to look each up took most of the time of such a query.
  @Test func anEdgeInsideAQuarterReadsTheListsAndNoRow() throws {
    let test = try filled()
    let scopes = Set(KPIScope.allCases)
    let expected = try figures(test, fromMs: 123_457, toMs: 6_543_210, recomputes: true, scopes: scopes)
    // Of the rows only one stays that says what the store's newest event is.
    try execute("DELETE FROM event WHERE timestamp_ms < (SELECT max(timestamp_ms) FROM event)", test)
    #expect(try figures(test, fromMs: 123_457, toMs: 6_543_210, scopes: scopes) == expected)
  }

  @Test func aLateEventJoinsTheListAndReadsNoOtherRow() throws {
    let test = try filled()
    let expected = try figures(test)
    try execute("DELETE FROM event WHERE timestamp_ms < \(Self.startMs + 900_000)", test)
    // A count of nothing, beside the rows that are gone: only the time of the last sign of life could change.
    test.add(TestSite.event(Self.startMs + 5_555, "product_count", worker: "W1", more: #","count":0"#))
    _ = try test.turn.commitAdded()
    try test.turn.flush()
    #expect(try figures(test) == expected)
  }

  /// The order of events of one time follows from their rows, not from their arrival.
  @Test func lateEventsOfOneTimeAreInTheOrderOfTheRows() throws {
    for order in [
      ["idle", "working", "absent"], ["working", "absent", "idle"], ["absent", "idle", "working"],
    ] {
      let test = try filled()
      for kind in order {
        test.add(TestSite.event(Self.startMs + 5_555, kind, worker: "W1", confidence: "0.8"))
        _ = try test.turn.commitAdded()
      }
      try test.turn.flush(closesAll: true)
      #expect(try figures(test) == figures(test, recomputes: true))
      #expect(try test.store.auditAll(timeoutMs: 600_000).mismatches.isEmpty)
    }
  }
}
