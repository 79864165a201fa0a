import AndonCore
import Mosquitto
import TestSupport
import Testing

@testable import AndonConfiguration
@testable import AndonIngest
@testable import AndonStore

/// Events posted over HTTP while there is no broker.
@Suite(.ownThread) struct PostedGapTests {
  /// Posted events tell nothing about the broker's session: the gap begins at the last event from the broker.
  @Test func fault100_aPostedEventDoesNotShortenTheGapOfALostSession() throws {
    let site = try TestSite()
    let clock = VirtualClock(startMs: TestSite.nowMs)
    let rules = IngestRules(site: site.site, root: site.settings.topics.root)
    let engine = try SiteEngine(store: site.store, rules: rules, drift: DriftSettings(site.site.drift))
    var turn = IngestPipeline(rules: rules, store: site.store, engine: engine, clock: clock.wall)
    _ = try turn.recordSubscribed()
    clock.advance(milliseconds: 60_000)
    let deliveredMs = clock.wallMs
    let batch = MessageBatch()
    batch.append(
      topic: "andon/v1/plant-a/camera/cam-01/event", payload: Array(TestSite.event(deliveredMs).utf8))
    _ = try turn.commit(batch)
    // The broker is away, and a device posts.
    clock.advance(milliseconds: 60_000)
    let posted = PostedEvents(cameraID: "cam-02", payload: Array(TestSite.event(clock.wallMs).utf8))
    _ = try turn.commit(MessageBatch(), posted: [posted])
    clock.advance(milliseconds: 60_000)
    try turn.recordSessionMissing(.sessionLost)
    let gaps = try turn.recordSubscribed()
    #expect(gaps.map(\.cause) == [.sessionLost])
    #expect(gaps.first?.fromMs == deliveredMs && gaps.first?.toMs == clock.wallMs)
  }
}
