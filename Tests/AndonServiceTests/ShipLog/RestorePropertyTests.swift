import Foundation
import TestSupport
import Testing

@testable import AndonCore
@testable import AndonStore

/// Random lives of a site whose working state is at a server: a file that is made from it is the one that was lost.
@Suite(.ownThread) struct RestorePropertyTests {
  private static let count =
    1 + (ProcessInfo.processInfo.environment["ANDON_SIMULATION_SEEDS"].flatMap { UInt64($0) } ?? 6)

  @Test func aRestoredFileIsTheOneThatWasLost() throws {
    var (patches, events, bases) = (0, Int64(0), Set<Int64>())
    for seed in Seed.many(1..<Self.count) {
      let history = try ShipHistory(seed: seed, keepsState: true)
      for point in 0..<3 {
        for _ in 0..<20 { try history.step() }
        try history.catchUp()
        bases.insert(history.server.base?.position.seq ?? -1)
        let folder = try TemporaryFolder.make("restore")
        let path = folder.path + "/sites/plant-a.sqlite"
        let report = try RestoreFixture.restore(history, to: path)
        let words = "SEED=\(seed) brings it back, at point \(point)"
        #expect(report.differing == [] && report.foreign == 0, "\(words)")
        (patches, events) = (patches + report.patches, events + report.events)
        let restored = try SiteStore.openForWriting(path: path, siteID: "plant-a")
        try Self.compare(restored, history, words)
        if point == 2 { try Self.continueBoth(restored, history, words) }
        try restored.close()
      }
    }
    #expect(
      Seed.given != nil || patches > 60 && events > 500 && bases.count > 5,
      "\(patches) \(events) \(bases.count)")
  }

  private static func compare(_ restored: SiteStore, _ history: ShipHistory, _ words: String) throws {
    let (one, other) = (try FileDump.smallTables(history.store), try FileDump.smallTables(restored))
    #expect(FileDump.differences(one, other) == [], "\(words)")
    #expect(try FileDump.events(restored) == FileDump.events(history.store), "\(words)")
    #expect(try FileDump.problems(restored, history.site) == [], "\(words)")
    let fromMs = TestSite.nowMs - 10_800_000
    let figures = try FileDump.figures(history.store, history.site, fromMs: fromMs)
    #expect(!figures.isEmpty)
    let others = try FileDump.figures(restored, history.site, fromMs: fromMs)
    #expect(Set(figures).symmetricDifference(others).sorted().prefix(4) == [], "\(words)")
    let state = try #require(try restored.shipState())
    #expect(state.committed == history.server.head && state.acked == state.committed, "\(words)")
    #expect(state.selection == history.selection && state.epoch == 2)
    #expect(try restored.standing(at: history.server.head) == .current)
  }

  /// Both files are given the same events, many of them again.
  private static func continueBoth(_ restored: SiteStore, _ history: ShipHistory, _ words: String) throws {
    let more = history.moreEvents()
    try history.feed(more, to: history.store)
    try history.feed(more, to: restored)
    #expect(try restored.counters() == history.store.counters(), "\(words): an event had another outcome")
    #expect(try FileDump.events(restored) == FileDump.events(history.store), "\(words)")
    #expect(try FileDump.problems(restored, history.site) == [], "\(words)")
    let fromMs = TestSite.nowMs - 10_800_000
    #expect(
      try FileDump.figures(restored, history.site, fromMs: fromMs)
        == FileDump.figures(history.store, history.site, fromMs: fromMs), "\(words)")
    // The log continues behind the head, and its patches are of the same chain.
    let (one, other) = (
      try FileDump.smallTables(history.store, without: ["progress"]),
      try FileDump.smallTables(restored, without: ["progress"])
    )
    #expect(FileDump.differences(one, other) == [], "\(words)")
    var server = history.server
    while let batch = try restored.nextLog() {
      server.apply(batch)
      _ = try restored.acknowledgeLog(batch.last, epoch: 2, cluster: [1])
      if let base = batch.base { try restored.noteBase(base, nowMs: 0) }
    }
    let committed = try restored.shipState()?.committed
    #expect(server.fenced == 0 && server.head == committed, "\(words)")
    let folder = try TemporaryFolder.make("restore")
    let report = try RestoreFixture.run(
      ModelRestore(server, restored), history, to: folder.path + "/again.sqlite")
    #expect(report.differing == [], "\(words)")
  }
}
