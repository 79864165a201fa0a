import Foundation
import GRDB
import TestSupport
import Testing

@testable import AndonCore
@testable import AndonStore

/// Patches of the small tables, bases, and what a restore refuses.
@Suite(.ownThread) struct RestoreTests {
  private let history: ShipHistory
  private let path: String
  private var store: SiteStore { history.store }

  init() throws {
    history = try ShipHistory(seed: 5, keepsState: true)
    for _ in 0..<30 { try history.step() }
    try history.catchUp()
    path = try TemporaryFolder.make("restore").path + "/plant-a.sqlite"
  }

  private func commitGap(_ detail: String, to store: SiteStore? = nil) throws {
    try (store ?? self.store).commit { transaction in
      try transaction.add([
        GapRow(cause: .sequence, fromMs: 0, toMs: 1, notedAtMs: TestSite.nowMs, detail: detail)
      ])
    }
  }

  // MARK: Capture

  @Test func everyTableIsInThePatchesOrLeftOutByName() throws {
    try store.database.read { db in
      let out = Set(SmallTables.outside.map { "\($0)" })
      let all = try Set(
        String.fetchAll(
          db, sql: "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"))
      #expect(out.subtracting(all) == [], "left out, but no table")
      let small = try SmallTables.names(db)
      #expect(Set(small) == all.subtracting(out) && small.contains("name") && small.contains("progress"))
      for table in small {
        let keys = try Row.fetchAll(db, sql: "PRAGMA table_info(\"\(table)\")").filter {
          ($0["pk"] as Int64) > 0
        }
        #expect(!keys.isEmpty, "\(table) has no primary key: its changes are in no patch")
        #expect(table.withCString { !SmallTables.isOutside($0) })
      }
      for table in out { #expect(table.withCString { SmallTables.isOutside($0) }) }
    }
  }

  @Test func nothingIsRecordedWhileTheLogDoesNotKeepTheState() throws {
    let other = try ShipHistory(seed: 6)
    for _ in 0..<20 { try other.live() }
    let count = try other.store.database.read {
      try Int.fetchOne($0, sql: "SELECT count(*) FROM ship_patch")
    }
    #expect(count == 0)
    #expect(try other.store.workingState() == nil)
    var patches = 0
    while let batch = try other.store.nextLog() {
      patches += batch.patches.count
      _ = try other.store.acknowledgeLog(batch.last, epoch: 1, cluster: [1])
    }
    #expect(patches == 0)
  }

  @Test func aCommitHasOnePatchAndOneThatIsTakenBackHasNone() throws {
    struct Refused: Error {}
    let before = try #require(try store.shipState())
    try? store.commit { transaction in
      try transaction.db.execute(sql: "DELETE FROM gap")
      throw Refused()
    }
    #expect(try store.shipState() == before)
    try commitGap("one")
    let batch = try #require(try store.nextLog())
    #expect(batch.patches.count == 1 && batch.patches.first?.seq == batch.last.seq)
    // Taken back within the transaction.
    try store.commit { transaction in
      try transaction.trial { try transaction.db.execute(sql: "DELETE FROM gap") }
    }
    #expect(try store.shipState()?.committed == batch.last)
  }

  // MARK: Refusals

  private func expectRefusal(
    _ error: RestoreError, _ change: (inout ModelRestore) throws -> Void
  ) throws {
    var source = try ModelRestore(history.server, store)
    try change(&source)
    #expect(throws: error) { try RestoreFixture.run(source, history, to: path) }
    let left = try FileManager.default.contentsOfDirectory(
      atPath: (path as NSString).deletingLastPathComponent)
    #expect(left.filter { $0 != "plant-a.sqlite.lock" } == [], "a refused restore left files")
  }

  /// At least three patches behind the base.
  private func addPatches() throws {
    for number in 0..<4 { try commitGap("g\(number)") }
    var server = history.server
    while let batch = try store.nextLog(rows: 1) {
      server.apply(batch)
      _ = try store.acknowledgeLog(batch.last, epoch: 1, cluster: [1])
    }
    try history.catchUp(server)
  }

  @Test func fault270_damageInAPatchIsSaid() throws {
    try addPatches()
    let seqs = history.server.patches.keys.sorted()
    try #require(seqs.count >= 3)
    let (first, last) = (seqs[0], seqs[seqs.count - 1])
    for bit in [0, 3] {
      try expectRefusal(.damagedPatch(seq: first)) { source in
        var bytes = source.server.patches[first]?.bytes ?? []
        bytes[bytes.count / 2] ^= 1 << UInt8(bit)
        source.server.patches[first]?.bytes = bytes
      }
    }
    // A missing one is noticed at the next, or at the end.
    try expectRefusal(.damagedPatch(seq: seqs[1])) { $0.server.patches[first] = nil }
    try expectRefusal(.missingPatches(from: last, to: last)) { $0.server.patches[last] = nil }
    try expectRefusal(.leftOut(seq: first)) { $0.server.patches[first]?.bytes = nil }
    #expect(try RestoreFixture.restore(history, to: path).patches == seqs.count)
  }

  @Test func aBaseThatCannotBeUsedIsRefused() throws {
    try expectRefusal(.noBase) { $0.server.base = nil }
    try expectRefusal(.newerBase(migration: "9.0.0")) { $0.server.base?.migrations.append("9.0.0") }
    try expectRefusal(.damagedBase) { source in
      let middle = (source.server.base?.image.count ?? 0) / 2
      source.server.base?.image[middle] ^= 4
    }
    try expectRefusal(.damagedBase) { $0.server.base?.image = [] }
    try expectRefusal(.baseAhead) { $0.server.head.seq = 0 }
    let stored = try store.counters().stored
    try expectRefusal(.ledger(counter: "stored", file: stored, head: stored + 1)) {
      $0.counters["stored"] = stored + 1
    }
  }

  // MARK: The place of the file

  @Test func fault271_aRestoreThatEndsEarlyLeavesTheFileAsItIs() throws {
    try Data("old".utf8).write(to: URL(filePath: path))
    var source = try ModelRestore(history.server, store)
    source.pages = 1
    #expect(throws: ModelRestore.Ended.self) { try RestoreFixture.run(source, history, to: path) }
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "old")
    let names = try FileManager.default.contentsOfDirectory(
      atPath: (path as NSString).deletingLastPathComponent)
    #expect(Set(names) == ["plant-a.sqlite", "plant-a.sqlite.lock"])
    // What a killed one left is no obstacle.
    try Data("half".utf8).write(to: URL(filePath: path + ".restoring"))
    try Data("half".utf8).write(to: URL(filePath: path + ".restoring-wal"))
    try Data("log of the old one".utf8).write(to: URL(filePath: path + "-wal"))
    for _ in 0..<2 { _ = try RestoreFixture.restore(history, to: path) }
    let after = try FileManager.default.contentsOfDirectory(
      atPath: (path as NSString).deletingLastPathComponent)
    #expect(
      Set(after) == ["plant-a.sqlite", "plant-a.sqlite.lock", "plant-a.sqlite.stale-1"],
      "one older file is kept, and nothing else: \(after)")
    // The mark in the lock file is that of the new file: no gap says that a backup was put back.
    let restored = try SiteStore.openForWriting(path: path, siteID: "plant-a")
    #expect(try FileDump.differences(FileDump.smallTables(store), FileDump.smallTables(restored)) == [])
    try restored.close()
  }

  @Test func fault272_aFileThatABridgeHasIsNotRestored() throws {
    let open = try SiteStore.openForWriting(path: path, siteID: "plant-a")
    #expect(throws: StoreError.self) { try RestoreFixture.restore(history, to: path) }
    try commitGap("still writes", to: open)
    try open.close()
  }

  @Test func fault273_aFileThatAnotherBridgeLeftBehindIsStale() throws {
    _ = try RestoreFixture.restore(history, to: path)
    let restored = try SiteStore.openForWriting(path: path, siteID: "plant-a")
    #expect(try store.standing(at: history.server.head) == .current)
    // The copy continues; the first file does too, without the server.
    try commitGap("at the copy", to: restored)
    try commitGap("at the old one")
    let head = try #require(try restored.shipState()).committed
    #expect(try store.standing(at: head) == .stale && restored.standing(at: head) == .current)
    #expect(try store.standing(at: history.server.head) == .current, "it may still ship what is behind")
    try restored.close()
  }

  @Test func fault274_eventsThatTheServerLacksAreAGap() throws {
    var source = try ModelRestore(history.server, store)
    let events = source.server.rows.values.compactMap { if case .event(let row) = $0 { row } else { nil } }
    let firstMs = try history.firstEventMs()
    let newest = events.filter { $0.event.timestampMs >= firstMs }
      .max { $0.event.timestampMs < $1.event.timestampMs }
    let lost = try #require(newest)
    source.server.rows[ShipServer.key(.event(lost))] = nil
    let report = try RestoreFixture.run(source, history, to: path)
    let bucketMs = SummaryBucket.start(of: lost.event.timestampMs)
    #expect(report.differing == [bucketMs])
    let restored = try SiteStore.openForWriting(path: path, siteID: "plant-a")
    let gap = try #require(try restored.gaps(newest: 1).first)
    #expect(gap.cause == .storeRestored && gap.fromMs == bucketMs, "\(gap)")
    #expect(try FileDump.problems(restored, history.site) == [])
    try restored.close()
  }

  // MARK: Erasure

  @Test func anErasedWorkerIsInNoPatchAndNoBase() throws {
    let events = (0..<5).map { number in
      (
        text: TestSite.event(
          TestSite.nowMs - 5000 + Int64(number), worker: "Zacharias",
          more: #","event_id":"Zacharias-\#(number)""#),
        camera: "cam-1"
      )
    }
    try history.feed(events, to: store)
    try history.eraseNow("Zacharias")
    let bytes = Array("Zacharias".utf8)
    func isNamed(_ haystack: [UInt8]) -> Bool { ShipEraser("Zacharias").isMentioned(in: haystack) }
    #expect(isNamed([0] + bytes + [1]))
    let batch = try #require(try store.nextLog(rows: 1))
    let state = try #require(try store.shipState())
    #expect(batch.last == state.committed && batch.base != nil, "an erasure goes with a base")
    for (seq, patch) in batch.patches { #expect(!isNamed(patch.bytes ?? []), "patch \(seq)") }
    // The names of topics are needed until the broker has emptied them; then another base goes.
    #expect(try store.mentions(of: "Zacharias").keys.sorted() == ["erasure.topics"])
    var server = history.server
    server.apply(batch)
    _ = try store.acknowledgeLog(batch.last, epoch: 1, cluster: [1])
    try store.noteBase(try #require(batch.base), nowMs: TestSite.nowMs)
    #expect(try store.nextLog() == nil)
    try store.topicsAreEmpty(Array(try store.topicsToEmpty().keys))
    let next = try #require(try store.nextLog())
    let base = try #require(next.base)
    #expect(next.patches.allSatisfy { !isNamed($0.patch.bytes ?? []) })
    let image = try #require(WorkingImage(encoded: base.image))
    #expect(!isNamed(image.patchset))
    let resent = batch.bodies.flatMap(\.records).filter {
      if case .event(let row) = $0 { ErasedName.isErased(row.event.workerID) } else { false }
    }
    #expect(resent.count == 5, "its events come again under the random name")
    try history.catchUp(server)
    #expect(try RestoreFixture.restore(history, to: path).differing == [])
  }
}
