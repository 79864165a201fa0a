import AndonCore
import Foundation
import Mosquitto
import TestSupport
import Testing

@testable import AndonConfiguration
@testable import AndonIngest
@testable import AndonRuntime
@testable import AndonStatus
@testable import AndonStore

/// Row 45 of docs/reliability.md: a wrong clock does not cause events to be rejected.
@Suite(.ownThread) struct ClockDoubtTests {
  private static let hourMs: Int64 = 3_600_000
  private static let nowMs = TestSite.nowMs

  // MARK: The verdict

  private func turn(
    _ site: TestSite, atMs: Int64, _ state: ClockTrust.State = .trusted
  ) throws {
    try site.turnTo(atMs)
    site.turn.clockState = state
  }

  private func codes(_ site: TestSite) throws -> [String] {
    try site.store.quarantine(limit: 100).map(\.code)
  }

  @Test(arguments: [-2, 9 * 24] as [Int64])
  func fault45_aDoubtfulClockRefusesNothingForGoodAndReplayJudgesByTheClockOfNow(hours: Int64) throws {
    let site = try TestSite()
    try turn(site, atMs: Self.nowMs + hours * Self.hourMs, .doubted)
    site.add("[\(TestSite.event(Self.nowMs)),\(TestSite.event(Self.nowMs - 5000, worker: "W2"))]")
    let update = try #require(try site.turn.commitAdded())
    #expect(update.rejections.map(\.rejection.code) == [.bridgeClock, .bridgeClock])
    #expect(try codes(site) == ["bridge_clock", "bridge_clock"])
    let gap = try #require(try site.store.gaps(newest: 9).first)
    #expect(gap.cause == .bridgeClock && gap.cause.mayMissEvents)
    #expect(gap.fromMs == Self.nowMs - 5000 && gap.toMs == Self.nowMs + 1)
    // A further event under the same doubt widens the gap.
    site.add(TestSite.event(Self.nowMs + 10_000))
    _ = try site.turn.commitAdded()
    #expect(try site.store.gaps(newest: 9).map(\.toMs) == [Self.nowMs + 10_001])

    // Replayed while the clock is still wrong, they stay: no rejection is final.
    let early = try site.turn.perform(QuarantineCommand(.replay))
    #expect(early.taken == 0 && early.kept == 3)
    // The same holds for the command without a bridge, which sees that the clock is before the last commit.
    try turn(site, atMs: Self.nowMs + hours * Self.hourMs - 10_000)
    #expect(try site.turn.perform(QuarantineCommand(.replay)).kept == 3)
    try turn(site, atMs: Self.nowMs + 20_000)
    let report = try site.turn.perform(QuarantineCommand(.replay))
    #expect(report.taken == 3 && report.outcomes == [.stored: 3])
    #expect(try site.store.counters().isBalanced && codes(site).isEmpty)
  }

  @Test func fault45_aTimeThatIsWrongByAnyClockIsTheCamerasFault() throws {
    let site = try TestSite()
    try turn(site, atMs: Self.nowMs, .doubted)
    site.add(TestSite.event(60_000))
    site.add(TestSite.event(253_402_300_799_000))
    _ = try site.turn.commitAdded()
    #expect(try codes(site).sorted() == ["too_future", "too_old"])
    #expect(try site.store.gaps(newest: 9).isEmpty)
  }

  /// After a start the clock is not yet proven; that is no gap and no alarm.
  @Test func fault45_beforeTheFirstProofNothingIsRefusedForGoodAndNobodyIsCalled() throws {
    let site = try TestSite()
    try turn(site, atMs: Self.nowMs, .unproven)
    site.add(TestSite.event(Self.nowMs + Self.hourMs))
    let update = try #require(try site.turn.commitAdded())
    #expect(try codes(site) == ["bridge_clock"])
    #expect(update.gaps.isEmpty && update.changedAlarms.isEmpty)
  }

  @Test func fault45_theCamerasClockIsNotAskedWhileOursIsInDoubt() throws {
    for (state, isAsked) in [(ClockTrust.State.doubted, false), (.trusted, true)] {
      let site = try TestSite()
      let clock = SharedNumber(Self.nowMs + Self.hourMs)
      let rules = IngestRules(site: site.site, root: site.settings.topics.root)
      site.turn = IngestPipeline(
        rules: rules, store: site.store,
        engine: try SiteEngine(store: site.store, rules: rules, drift: DriftSettings(site.site.drift)),
        clock: WallClock { clock.value })
      site.turn.clockState = state
      for _ in 0..<120 {
        clock.value += 1000
        site.add(TestSite.event(clock.value - Self.hourMs))
        _ = try site.turn.commitAdded()
      }
      let isOn = site.turn.engine.machines.contains { $0.key.rule == .clockSkew }
      #expect(isOn == isAsked, "\(state)")
    }
  }

  // MARK: How doubt ends

  private func words(_ agreeing: [String], _ contradicting: [String] = []) -> ClockEvidence {
    var evidence = ClockEvidence()
    for camera in agreeing { evidence.record(accepted: 1_768_472_100_500, camera: camera, nowMs: Self.nowMs) }
    for camera in contradicting {
      var rejection = Rejection(code: .tooFuture, field: nil, detail: "")
      rejection.timestampMs = Self.nowMs + Self.hourMs
      _ = evidence.judge(rejection, camera: camera, state: .doubted)
    }
    return evidence
  }

  @Test func fault45_theMajorityOfCamerasEndsTheDoubt() {
    var trust = ClockTrust()
    trust.doubt("a step", monotonicMs: 0)
    #expect(trust.words?.contains("a step") == true)
    #expect(trust.apply(words(["a", "b"]), monotonicMs: 100) == nil, "a backlog passes by")
    #expect(trust.apply(words(["a"], ["b", "c"]), monotonicMs: 5100) == nil, "one against two")
    #expect(trust.apply(words(["b", "c"]), monotonicMs: 6000) == .proven, "one, and nobody is against it")
    #expect(trust.state == .trusted && trust.words == nil)
  }

  @Test func fault45_doubtIsBounded() {
    var trust = ClockTrust()
    trust.doubt("a step", monotonicMs: 0)
    #expect(trust.pass(monotonicMs: ClockTrust.limitMs - 1) == nil)
    #expect(trust.pass(monotonicMs: ClockTrust.limitMs) == .timeIsUp && trust.state == .trusted)
    // One camera is not sufficient evidence; two are.
    trust.start(monotonicMs: 0)
    #expect(trust.apply(words([], ["a"]), monotonicMs: 10) == nil && trust.state == .unproven)
    #expect(trust.apply(words([], ["b"]), monotonicMs: 20) == .contradicted && trust.state == .doubted)
    #expect(trust.pass(monotonicMs: ClockTrust.limitMs) == nil)
    #expect(trust.pass(monotonicMs: ClockTrust.contradictedLimitMs) == .timeIsUp)
  }

  /// The bridge saw the step and restarts while the clock is still wrong.
  @Test func fault45_aRestartWithinADayOfAStepProvesNothing() throws {
    let site = try TestSite()
    _ = try site.turn.recordClockStep(fromMs: Self.nowMs, toMs: Self.nowMs - 2 * Self.hourMs)
    let steppedAtMs = try site.store.lastClockStepMs()
    #expect(steppedAtMs == Self.nowMs - 2 * Self.hourMs)
    for (laterMs, state) in [(1000, ClockTrust.State.unproven), (30 * Self.hourMs, .trusted)] {
      var clock = IngestClock()
      let nowMs = Self.nowMs - 2 * Self.hourMs + laterMs
      _ = try clock.check(wallMs: nowMs, monotonicMs: 0)
      clock.compare(committedAtMs: nowMs - 500, steppedAtMs: steppedAtMs, nowMs: nowMs, monotonicMs: 0)
      #expect(clock.trust.state == state)
    }
  }

  @Test func fault45_anEventThatCarriesTheBridgesOwnTimeProvesNothing() {
    var trust = ClockTrust()
    trust.doubt("a step", monotonicMs: 0)
    for second in 0..<20 {
      var evidence = ClockEvidence()
      evidence.record(accepted: Self.nowMs, camera: "a", nowMs: Self.nowMs)
      #expect(trust.apply(evidence, monotonicMs: Int64(second) * 1000) == nil)
    }
  }

  // MARK: The running bridge

  /// The clock steps and events arrive in the same moment: none is judged before the step is detected.
  @Test(arguments: [-2, 9 * 24] as [Int64])
  func fault45_aStepWhileItRunsLosesNoEvent(hours: Int64) async throws {
    let broker = try Broker()
    let bridge = try TestBridge(broker)
    let offset = SharedNumber(0)
    let clock = WallClock { WallClock.system.nowMs + offset.value }
    try await bridge.run(clock: clock) { board in
      try await TestBridge.until("ready") { board.isReady }
      let camera = try SyncClient(broker)
      try camera.publish(TestBridge.events(0..<5))
      try await TestBridge.until("five") { board.site().counters.stored == 5 }
      offset.value = hours * Self.hourMs
      try camera.publish(TestBridge.events(5..<15))
      try await TestBridge.until("ten more") { board.site().counters.received == 15 }
      #expect(board.site().counters.rejected == 10)
      #expect(board.site().warning?.contains("the clock stepped") == true)
      try await TestBridge.until("the gap") { board.site().gaps.contains { $0.cause == .bridgeClock } }
      offset.value = 0
      try await TestBridge.until("the step back") {
        board.site().gaps.count { $0.cause == .clockStep } == 2
      }
      try camera.publish(TestBridge.events(15..<20))
      try await TestBridge.until("five more") { board.site().counters.stored == 10 }
    }
    let store = try SiteStore.openForWriting(path: bridge.path(), siteID: "plant-a")
    defer { try? store.close() }
    #expect(try Set(store.quarantine(limit: 99).map(\.code)) == ["bridge_clock"])
    let site = bridge.settings.sites[0]
    let rules = IngestRules(site: site, root: bridge.settings.topics.root)
    var turn = IngestPipeline(
      rules: rules, store: store,
      engine: try SiteEngine(store: store, rules: rules, drift: DriftSettings(site.drift)), clock: .system)
    #expect(try turn.perform(QuarantineCommand(.replay)).outcomes == [.stored: 10])
    #expect(try store.eventCount() == 20)
  }
}
