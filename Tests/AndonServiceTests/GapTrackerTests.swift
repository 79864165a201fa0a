import AndonCore
import TestSupport
import Testing

@testable import AndonIngest
@testable import AndonStore

@Suite(.ownThread) struct GapTrackerTests {
  /// A tracker that expectations may change.
  private final class Site {
    var tracker: GapTracker

    init(_ progress: StoreProgress = GapTrackerTests.progress()) { tracker = GapTracker(progress) }

    func apply(_ change: SessionChange, _ cameras: [CameraRow] = []) -> [GapRow] {
      tracker.apply(change, cameras: cameras)
    }

    func dropped(_ count: Int64, brokerStartedAtMs: Int64? = nil, nowMs: Int64) -> [GapRow] {
      tracker.recordDropped(count, brokerStartedAtMs: brokerStartedAtMs, nowMs: nowMs)
    }
  }

  private static func progress() -> StoreProgress {
    var progress = StoreProgress()
    progress.sessionSinceMs = 10_000
    progress.newestEventMs = 200_000
    progress.committedAtMs = 210_000
    progress.brokerDropped = 3
    progress.brokerDroppedAtMs = 100_000
    return progress
  }

  /// The events that the broker kept arrive before its report: they do not prove that it dropped none of them.
  @Test func aDropBeforeTheFirstReportOfARunMayLieBeforeTheEventsThatCameAfterTheStart() throws {
    let site = Site()
    site.tracker.recordDelivered(timestampMs: 900_000, nowMs: 905_000)
    let first = try #require(site.dropped(5, nowMs: 910_000).first)
    #expect(first.cause == .queueOverflow && first.fromMs == 200_000 - 60_000 && first.toMs == 910_000)
    #expect(first.detail.contains("dropped 2 messages"))
    site.tracker.recordDelivered(timestampMs: 990_000, nowMs: 995_000)
    let second = try #require(site.dropped(6, nowMs: 1_000_000).first)
    #expect(second.fromMs == 990_000 - 60_000 && second.detail.contains("dropped 1 messages"))
    #expect(site.dropped(6, nowMs: 1_010_000).isEmpty)
  }

  /// A smaller count or a later start says that the broker counts from 0 again; the first report of all is no rise.
  @Test func aBrokerThatRestartedCountsFromZero() throws {
    let site = Site()
    let smaller = try #require(site.dropped(2, nowMs: 300_000).first)
    #expect(smaller.detail.contains("dropped 2 messages"))
    let later = try #require(site.dropped(7, brokerStartedAtMs: 310_000, nowMs: 320_000).first)
    #expect(later.detail.contains("dropped 7 messages"))
    let fresh = Site(StoreProgress())
    #expect(fresh.dropped(7, nowMs: 300_000).isEmpty)
  }

  /// Only what lies between the last known count and the restart, and only when that is longer than a restart takes.
  @Test func aRestartWhileTheSiteIsAwayLeavesTheDropsBeforeItUnknown() throws {
    let site = Site()
    let gap = try #require(site.dropped(0, brokerStartedAtMs: 106_000, nowMs: 120_000).first)
    #expect(gap.cause == .dropsUnknown && gap.fromMs == 100_000 - 60_000 && gap.toMs == 107_000)
    #expect(Site().dropped(0, brokerStartedAtMs: 105_000, nowMs: 120_000).isEmpty, "the restart itself")
    #expect(Site().dropped(3, brokerStartedAtMs: 90_000, nowMs: 120_000).isEmpty, "no restart")
    #expect(Site(StoreProgress()).dropped(0, brokerStartedAtMs: 106_000, nowMs: 120_000).isEmpty)
    let both = Site().dropped(2, brokerStartedAtMs: 106_000, nowMs: 120_000)
    #expect(both.map(\.cause) == [.dropsUnknown, .queueOverflow])
  }

  /// A connection that ended before the broker's report says nothing about what was dropped before it.
  @Test func contactCountsOnlyAfterTheReportOfTheCount() throws {
    let site = Site()
    #expect(site.apply(.contactEnded(atMs: 130_000)).isEmpty)
    site.tracker.recordReceived(nowMs: 131_000)
    #expect(site.tracker.progress.brokerDroppedAtMs == 100_000)
    #expect(site.dropped(3, brokerStartedAtMs: 1, nowMs: 140_000).isEmpty)
    #expect(site.apply(.contactEnded(atMs: 150_000)).isEmpty)
    #expect(site.tracker.progress.brokerDroppedAtMs == 150_000)
    site.tracker.recordReceived(nowMs: 160_000)
    #expect(site.tracker.progress.brokerDroppedAtMs == 160_000)
    let next = Site(site.tracker.progress)
    #expect(next.dropped(0, brokerStartedAtMs: 164_000, nowMs: 170_000).isEmpty)
  }

  /// A network that flaps must not cost a write each time.
  @Test func contactThatChangesNothingIsNotWritten() throws {
    let test = try TestSite()
    let before = try test.store.progress().sequence
    try test.turn.recordContact(untilMs: TestSite.nowMs)
    #expect(try test.store.progress().sequence == before, "the broker reported no count")
    test.turn.addMessage(topic: IngestBatch.brokerDroppedTopic, payload: Array("0".utf8), isRetained: true)
    _ = try test.turn.commitAdded()
    let counted = try test.store.progress()
    let knownMs = try #require(counted.brokerDroppedAtMs)
    try test.turn.recordContact(untilMs: knownMs + 999)
    #expect(try test.store.progress().sequence == counted.sequence)
    try test.turn.recordContact(untilMs: knownMs + 1_000)
    #expect(try test.store.progress().brokerDroppedAtMs == knownMs + 1_000)
  }

  /// From the last moment of which nothing is missing to the subscriptions, also over several attempts.
  @Test func aLostSessionIsOneGapUntilTheSubscriptionsStand() throws {
    let site = Site()
    #expect(site.apply(.connecting).isEmpty && site.tracker.progress.isConnecting)
    #expect(site.apply(.missing(.sessionDoubtful)).isEmpty)
    site.tracker.recordDelivered(timestampMs: 400_000, nowMs: 400_000)
    #expect(site.apply(.missing(.sessionLost)).isEmpty && site.tracker.progress.sessionSinceMs == nil)
    let gap = try #require(site.apply(.subscribed(atMs: 500_000)).first)
    #expect(gap.cause == .sessionLost && gap.fromMs == 200_000 && gap.toMs == 500_000)
    #expect(site.tracker.progress.sessionSinceMs == 500_000 && !site.tracker.progress.isConnecting)
    #expect(site.apply(.subscribed(atMs: 600_000)).isEmpty)
    #expect(site.tracker.progress.sessionSinceMs == 500_000)
  }

  @Test func onlyCamerasWithQoS0MissWhatCameWhileTheBridgeWasAway() {
    let site = Site()
    site.tracker.recordReceived(nowMs: 300_000)
    func camera(_ id: String, lastQoS0Ms: Int64?) -> CameraRow {
      CameraRow(
        cameraID: id, events: 1, lastEventMs: 1, lastReceivedMs: 1, status: .online, lastQoS0Ms: lastQoS0Ms)
    }
    let cameras = [
      camera("b", lastQoS0Ms: 299_000), camera("c", lastQoS0Ms: nil), camera("a", lastQoS0Ms: 1),
    ]
    let gaps = site.apply(.subscribed(atMs: 500_000), cameras)
    #expect(gaps.map(\.cameraID) == ["a", "b"], "in order")
    #expect(gaps.allSatisfy { $0.cause == .atMostOnce && $0.fromMs == 300_000 && $0.toMs == 500_000 })
  }

  /// The next start compares the clock with the last commit: it must not find the same step again.
  @Test func aClockThatSteppedBackTakesTheProgressAlong() throws {
    let site = Site()
    let gap = try #require(site.apply(.clockStepped(fromMs: 210_000, toMs: 150_000)).first)
    #expect(gap.cause == .clockStep && gap.fromMs == 150_000 && gap.toMs == 210_000)
    #expect(site.tracker.progress.committedAtMs == 150_000 && site.tracker.progress.newestEventMs == 150_000)
  }
}
