import AndonCore
import Mosquitto
import TestSupport
import Testing

@testable import AndonConfiguration
@testable import AndonIngest
@testable import AndonPublish
@testable import AndonStore

/// The retained topics of stops.
@Suite(.ownThread) struct StopTopicTests {
  private static let dayMs: Int64 = 86_400_000

  private func tell(_ site: AlarmSite, _ stations: [String], atMs: Int64) throws {
    let records = stations.map { station in
      let stop = Stop(
        workstationID: station, shiftID: "early", startMs: atMs, endMs: atMs + 600_000, isOpen: false,
        durationMs: 600_000, kind: .idle, isMicro: false)
      return StopRecord(StopPart(stop, insideMs: 600_000), of: site.base.site)
    }
    site.clock.nowMs = atMs + 600_000
    _ = try site.turn.perform(
      SiteCommandQueue.PendingCommand(work: .stops(StopFinding(fromMs: atMs - Self.dayMs, records: records)))
      { _ in })
  }

  /// One that the configuration does not list is emptied a week after its last stop began, also when nothing else is told;
  /// a listed one stays.
  @Test func theTopicOfAWorkstationThatIsGoneIsEmptied() throws {
    let site = try AlarmSite(
      #", shifts: [{id: early, start: "06:00", end: "14:00"}], workstations: {S1: {name: Press}}"#)
    let topics = TopicNames(root: "andon/v1")
    let publication = StopPublication(site: site.base.site, topics: topics)
    let queue = PublishQueue(wakeup: try Wakeup())
    let startMs = TestSite.nowMs
    try tell(site, ["S1", "S9"], atMs: startMs)
    func value(_ station: String) -> [UInt8]? {
      queue.retainedValues(prefix: topics.stop(site: "plant-a", workstation: station)).first?.payload
    }
    let lastMs = startMs + StopPublication.keptMs
    try publication.publishDue(site.store, to: queue, nowMs: lastMs - 1)
    #expect(value("S1")?.isEmpty == false && value("S9")?.isEmpty == false)
    try publication.publishDue(site.store, to: queue, nowMs: lastMs)
    #expect(value("S1")?.isEmpty == false && value("S9")?.isEmpty == true)
    // After a restart it is emptied, not published again.
    let next = PublishQueue(wakeup: try Wakeup())
    try StopPublication(site: site.base.site, topics: topics).publishDue(
      site.store, to: next, nowMs: lastMs + 1)
    #expect(next.retainedValues(prefix: "andon/v1/plant-a/stop/S9").first?.payload.isEmpty == true)
    // It stops again: its topic has a value again.
    try tell(site, ["S9"], atMs: lastMs + Self.dayMs)
    publication.republish()
    try publication.publishDue(site.store, to: queue, nowMs: lastMs + Self.dayMs)
    #expect(value("S9")?.isEmpty == false)
  }
}
