import AndonCore
import Foundation
import Logging
import TestSupport
import Testing

@testable import AndonBridge
@testable import AndonConfiguration
@testable import AndonIngest
@testable import AndonRuntime
@testable import AndonStatus
@testable import AndonStore

/// Row 41 of docs/reliability.md: a clock that is ahead must not delete the history.
@Suite(.ownThread) struct RetentionFaultTests {
  private static let dayMs: Int64 = 86_400_000
  private static let hourMs: Int64 = 3_600_000
  private static let nowMs = TestSite.nowMs

  /// A site with 20 days of events, one every half an hour, a retention of 10 days, and its maintenance.
  private final class Kept {
    let test: TestSite
    let log = LogRecorder()
    let board = StatusBoard(bridgeID: "b", siteIDs: ["plant-a"], startedAtMs: 0)
    var keeper: RetentionKeeper
    var wallMs: Int64
    var monotonicMs: Int64 = 0

    init(days: Int64 = 20, retention: String = "21d", wallMs: Int64 = nowMs) throws {
      test = try TestSite(", ingest: {max_age: 20d}, store: {retention: \(retention)}")
      for index in 0..<days * 48 {
        test.add(TestSite.event(nowMs - index * hourMs / 2, worker: "W\(index % 3)"))
      }
      _ = try test.turn.commitAdded()
      self.wallMs = wallMs
      keeper = Self.keeper(wallMs, 0, board, log)
    }

    private static func keeper(
      _ wallMs: Int64, _ monotonicMs: Int64, _ board: StatusBoard, _ log: LogRecorder
    ) -> RetentionKeeper {
      RetentionKeeper(
        wallMs: wallMs, monotonicMs: monotonicMs, status: board, logger: Logger(label: "t") { _ in log })
    }

    /// As after a restart of the bridge.
    func restart() { keeper = Self.keeper(wallMs, monotonicMs, board, log) }

    /// Runs maintenance once a minute for this duration, in milliseconds.
    func run(_ durationMs: Int64, retention: Int64? = nil) throws {
      var site = test.site
      if let retention { site.retention = RetentionSettings(retention) }
      for pass in 0...durationMs / RetentionKeeper.intervalMs {
        if pass > 0 {
          wallMs += RetentionKeeper.intervalMs
          monotonicMs += RetentionKeeper.intervalMs
        }
        keeper.check(wallMs: wallMs, monotonicMs: monotonicMs)
        try keeper.work(site, test.store, wallMs: wallMs, monotonicMs: monotonicMs) { step in
          while try step() {}
        }
      }
    }

    /// Adds current events from cameras with a correct clock, judged by a bridge with a correct clock.
    func add(_ count: Int, aheadMs: Int64 = 0) throws {
      var turn = test.turn
      for index in 0..<count {
        turn.add(payload: Array(TestSite.event(nowMs + aheadMs + Int64(index)).utf8), camera: "cam-01")
      }
      _ = try turn.commitAdded()
      test.turn = turn
    }

    var events: Int64 { get throws { try test.store.eventCount() } }
    var oldestMs: Int64 { get throws { try test.store.oldestEventMs() ?? .max } }
  }

  @Test func fault41_aClockAheadByMoreThanRetentionWhileItRunsDeletesNothing() throws {
    let kept = try Kept()
    try kept.run(0)
    let before = try kept.events
    kept.wallMs += 410 * Self.dayMs
    try kept.run(3 * Self.hourMs)
    #expect(try kept.events == before)
    #expect(kept.board.site().retention.heldForMs > 20 * Self.hourMs)
    #expect(kept.board.site().retention.reason.contains("stepped by 35424000 s"))
    #expect(kept.log.lines.count { $0.contains("retention is held") } == 1, "said once")
    // The same if the clock is never corrected: the events do not become older.
    try kept.run(30 * Self.dayMs)
    #expect(try kept.events == before)
  }

  @Test func fault41_aStartWithAClockAheadDeletesNothingAndTheHoldOutlivesARestart() throws {
    let kept = try Kept(wallMs: Self.nowMs + 410 * Self.dayMs)
    let before = try kept.events
    try kept.run(2 * Self.hourMs)
    #expect(try kept.events == before && kept.board.site().retention.reason.contains("412 days after"))
    kept.restart()
    kept.wallMs -= 410 * Self.dayMs
    kept.restart()
    try kept.run(0)
    let leftMs = try #require(try kept.test.store.retentionMark()).heldForMs
    #expect(leftMs > 0 && leftMs <= 22 * Self.hourMs, "only time of running counts")
    try kept.run(leftMs + Self.hourMs)
    #expect(kept.board.site().retention.heldForMs == 0)
    #expect(kept.log.lines.contains { $0.contains("retention goes on") })
  }

  /// The bridge's clock is wrong for days, and posted events take their time from it.
  @Test func fault41_aWrongClockThatMakesWrongEventsDeletesAtMostFourDaysADay() throws {
    let kept = try Kept()
    try kept.run(0)
    try kept.test.turnTo(Self.nowMs + 15 * Self.dayMs)
    try kept.add(50, aheadMs: 15 * Self.dayMs)
    kept.wallMs += 15 * Self.dayMs
    // A few such events do not move the mark.
    let before = try kept.events
    try kept.run(4 * Self.dayMs)
    #expect(try kept.events == before)
    try kept.add(500, aheadMs: 15 * Self.dayMs + 1000)
    try kept.run(Self.dayMs)
    let cutoffMs = try kept.oldestMs
    #expect(cutoffMs > Self.nowMs - 20 * Self.dayMs + Self.hourMs)
    #expect(cutoffMs <= Self.nowMs - 20 * Self.dayMs + 4 * Self.dayMs + Self.hourMs)
    // The clock is correct again, and so is the retention limit.
    kept.wallMs -= 20 * Self.dayMs
    try kept.run(2 * Self.dayMs)
    #expect(try kept.oldestMs == cutoffMs)
    #expect(try kept.test.store.retentionMark()?.referenceMs ?? .max <= Self.nowMs + 2 * Self.dayMs)
  }

  @Test func fault41_whatIsDueGoesAndIsLoggedWithRowsAndCutoff() throws {
    let kept = try Kept()
    try kept.run(0)
    #expect(try kept.events == 960)
    try kept.run(RetentionKeeper.intervalMs, retention: 10 * Self.dayMs)
    // A person asked for the shorter retention, so it takes effect at once. The newest hundred events do not
    // count.
    let referenceMs = try #require(try kept.test.store.retentionMark()).referenceMs
    #expect(referenceMs == Self.nowMs - 99 * Self.hourMs / 2)
    let cutoffMs = SummaryBucket.start(of: referenceMs - 10 * Self.dayMs)
    #expect(try kept.oldestMs >= cutoffMs)
    #expect(try kept.oldestMs < cutoffMs + Self.hourMs)
    let line = try #require(kept.log.lines.first { $0.contains("retention deleted events") })
    let deleted = try 960 - kept.events
    #expect(line.contains("\(deleted)") && line.contains(CivilTime.text(epochMs: cutoffMs)), "\(line)")
    #expect(kept.board.site().retention.deleted == deleted)
    #expect(kept.board.site().retention.cutoffMs == cutoffMs)
    #expect(try kept.test.store.auditAll(timeoutMs: kept.test.site.ingest.stateTimeoutMs).mismatches.isEmpty)
  }

  @Test func fault41_aSiteThatStoppedSendingKeepsItsLastHistory() throws {
    let kept = try Kept(retention: "22d")
    try kept.run(0)
    let before = try kept.events
    try kept.run(60 * Self.dayMs)
    #expect(try kept.events == before)
    #expect(kept.board.site().retention.heldForMs == 0)
  }

  /// A machine that is switched off every night and gets its time from the network in the morning.
  @Test func fault41_stepsEveryDayDoNotKeepEventsForEver() {
    var rule = RetentionGuard()
    var isFree = 0
    for _ in 0..<40 {
      _ = rule.hold("a step")
      for _ in 0..<10 {
        _ = rule.pass(milliseconds: Self.hourMs)
        if !rule.isHeld { isFree += 1 }
      }
    }
    #expect(isFree > 60)
  }
}

extension TestSite {
  /// From now on the bridge's clock shows this time.
  func turnTo(_ nowMs: Int64) throws {
    let rules = IngestRules(site: settings.sites[0], root: settings.topics.root)
    let engine = try SiteEngine(store: store, rules: rules, drift: DriftSettings(settings.sites[0].drift))
    turn = IngestPipeline(rules: rules, store: store, engine: engine, clock: WallClock { nowMs })
  }
}
