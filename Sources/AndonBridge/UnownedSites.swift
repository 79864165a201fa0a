import AndonCentral
import AndonCore
import AndonPublish
import AndonRuntime
import Logging
import Mosquitto

/// Tells panels of sites that no bridge of the fleet has: the retained topic `alert/site_unowned/{site}`. Every bridge that
/// sees it says the same. It is empty again when a bridge has the site.
///
/// For one thread at a time. At most a thousand sites; the topics of more are left out.
struct UnownedSites {
  private let topics: TopicNames
  private let publishQueue: PublishQueue
  private let clock: WallClock
  private let logger: Logger
  private var told: Set<String> = []

  init(_ topics: TopicNames, _ publishQueue: PublishQueue, _ clock: WallClock, _ logger: Logger) {
    (self.topics, self.publishQueue, self.clock, self.logger) = (topics, publishQueue, clock, logger)
  }

  static func topic(_ site: String, _ topics: TopicNames) -> String {
    topics.alert(site: site, class: AlarmRule.siteUnowned.alertClass, source: site)
  }

  mutating func tell(_ watch: FleetWatch) {
    let now = Set(watch.unowned.map(\.siteID))
    let gone = told.subtracting(now).sorted()
    for site in gone {
      logger.notice("fleet: a bridge has the site again", metadata: ["site": "\(site)"])
    }
    if !gone.isEmpty { publishQueue.empty(gone.map { Self.topic($0, topics) }) }
    let fresh = watch.unowned.filter { !told.contains($0.siteID) }
    told = now
    for site in fresh {
      publishQueue.set(publication(site))
      logger.error(
        "fleet: no bridge has the site",
        metadata: ["site": "\(site.siteID)", "seconds": "\(site.forMs / 1000)"])
    }
    if !fresh.isEmpty { publishQueue.flush() }
  }

  private func publication(_ site: FleetWatch.Unowned) -> Publication {
    let (nowMs, key) = (clock.nowMs, AlarmKey(rule: .siteUnowned, sourceID: site.siteID))
    let measure = AlarmMeasure(
      metric: "unowned_s", value: site.forMs / 1000, limit: FleetWatch.unownedMs / 1000, digits: 0)
    let episode = Episode(
      key: key, sinceMs: nowMs - site.forMs, raisedMs: nowMs, valuePpm: nil, after: nil)
    var machine = AlarmStateMachine(key: key, measure: measure)
    _ = machine.raise(episode, site: site.siteID, as: .page, measure: measure, nowMs: nowMs)
    let record = AlarmRecord(siteID: site.siteID, machine: machine, nowMs: nowMs)
    return .json(Self.topic(site.siteID, topics), record.json(), schema: "alert/1", retain: true)
  }
}
