import AndonCore
import Foundation
import GRDB
import TestSupport
import Testing

@testable import AndonConfiguration
@testable import AndonStatus
@testable import AndonStore

/// Rows 1–3 and 18 of docs/reliability.md: the process or the machine stops at every step of a commit.
@Suite(.ownThread) struct CrashFaultTests {
  private let nowMs = TestSite.nowMs

  private func events(_ names: String...) -> [String] {
    names.map { TestSite.event(nowMs, worker: $0) } + [TestSite.event(nowMs, worker: "bad", confidence: "95")]
  }

  /// Stops at step 1, 2, 3 … of the second commit, until the commit has no further step.
  private func atEveryStep(
    _ die: (CrashSite) -> Void, _ check: (CrashSite, _ step: Int64, _ hasReturned: Bool) throws -> Void
  ) throws -> Int64 {
    for step in Int64(1)...500 {
      let site = try CrashSite()
      try site.commit(events("A1", "A2"))
      let steps = site.disk.steps
      site.disk.stop(atStep: step)
      var hasReturned = true
      do { try site.commit(events("B1", "B2")) } catch { hasReturned = false }
      let isOver = hasReturned && site.disk.steps - steps < step
      die(site)
      try site.start()
      try check(site, step, hasReturned)
      // No message was acknowledged, so the broker delivers all again: one row each.
      try site.commit(events("B1", "B2"))
      #expect(try site.workers() == ["A1", "A2", "B1", "B2"], "step \(step)")
      #expect(try site.store.counters().isBalanced, "step \(step)")
      #expect(try site.store.gaps(fromMs: .min, toMs: .max).isEmpty, "step \(step)")
      if isOver { return step }
    }
    Issue.record("a commit has no end")
    return 0
  }

  @Test func fault01_killedAtAnyStepOfABatchNothingOrAllOfItIsStored() throws {
    let steps = try atEveryStep({ $0.die() }) { site, step, hasReturned in
      let stored = try site.workers()
      let isWhole = stored == ["A1", "A2", "B1", "B2"]
      #expect(isWhole || stored == ["A1", "A2"], "step \(step): \(stored)")
      #expect(isWhole || !hasReturned, "step \(step): a commit that returned is gone")
      // The quarantine belongs to the same transaction.
      #expect(try site.store.quarantine(limit: 9).count == (isWhole ? 2 : 1), "step \(step)")
    }
    #expect(steps > 3, "a commit has steps")
  }

  @Test func fault02_killedAfterTheCommitTheRepeatIsADuplicate() throws {
    let site = try CrashSite()
    try site.commit(events("A1", "A2"))
    let before = try KPIQuery(site: site.settings.sites[0]).openWindows(site.store, nowMs: nowMs + 60_000)
      .map { $0.json(revision: nil) }
    site.die()
    try site.start()
    try site.commit(events("A1", "A2"))
    let counters = try site.store.counters()
    #expect(counters.stored == 2 && counters.duplicate == 2 && counters.rejected == 2 && counters.isBalanced)
    let after = try KPIQuery(site: site.settings.sites[0]).openWindows(site.store, nowMs: nowMs + 60_000)
      .map { $0.json(revision: nil) }
    #expect(before == after && !before.isEmpty)
  }

  @Test(arguments: [0, 1, 2, 3] as [UInt64])
  func fault03_afterAPowerCutACommitThatReturnedIsThere(seed: UInt64) throws {
    _ = try atEveryStep({ $0.die(powerCut: seed) }) { site, step, hasReturned in
      let stored = try site.workers()
      let isWhole = stored == ["A1", "A2", "B1", "B2"]
      #expect(isWhole || stored == ["A1", "A2"], "step \(step): \(stored)")
      #expect(isWhole || !hasReturned, "step \(step): a commit that returned is gone")
    }
  }

  /// Proves that the simulated disk reverts writes: data that was never synced is lost.
  @Test func fault03_aWriteThatWasNeverSyncedDoesNotSurvive() throws {
    let site = try CrashSite()
    try site.store.close()
    let path = site.disk.folder.appending(path: "unsynced.sqlite").path
    let database = try DatabaseQueue(path: path)
    try database.writeWithoutTransaction { db in
      try db.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE t (x)")
      try db.execute(sql: "PRAGMA synchronous = OFF; INSERT INTO t VALUES (1)")
    }
    site.disk.stop()
    try? database.close()
    site.disk.cutPower()
    site.disk.restart()
    #expect(try DatabaseQueue(path: path).read { try Int.fetchOne($0, sql: "SELECT count(*) FROM t") } == 0)
  }

  @Test(arguments: FaultyDisk.Answer.allCases, [false, true])
  func fault18_anInputOutputErrorAtAnyStepLosesAndDoublesNothing(_ answer: FaultyDisk.Answer, isTorn: Bool)
    throws
  {
    for step in Int64(1)...60 {
      let site = try CrashSite()
      try site.commit(events("A1", "A2"))
      site.disk.fail([.write, .sync], atStep: step, answer, isTorn: isTorn)
      do {
        try site.commit(events("B1", "B2"))
        if step > 20 { return }
        continue
      } catch {
        let trouble = SiteFailure(error, path: site.path)
        switch answer {
        case .full, .busy: #expect(trouble.kind == .held, "\(error)")
        default: #expect(trouble.kind == .failed(closesStore: true), "\(error)")
        }
        #expect(trouble.words.contains(site.path), "\(trouble.words)")
        // Like the ingest loop: a file that may be damaged is closed and opened again.
        if trouble.kind == .failed(closesStore: true) {
          try? site.store.close()
          try site.start()
        }
      }
      try site.commit(events("B1", "B2"))
      #expect(try site.workers() == ["A1", "A2", "B1", "B2"], "step \(step)")
      #expect(try site.store.counters().isBalanced, "step \(step)")
    }
  }
}
