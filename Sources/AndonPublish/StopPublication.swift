package import AndonConfiguration
package import AndonCore
package import AndonIngest
package import AndonStore

/// Publishes the retained topic of each workstation: its open stop, or the last one until the next. A workstation whose
/// stops were all retracted has an empty topic, and one that the configuration does not list a week after its last stop
/// began: it may be gone.
package final class StopPublication {
  private let siteID: String
  private let topics: TopicNames
  private let listed: Set<String>
  private var isDue = true
  /// When the next topic is to be emptied.
  private var nextGoneMs = Int64.max
  /// Emptied since the last connect: once is enough, however many workstations there ever were.
  private var emptied: Set<String> = []
  package static let keptMs = 7 * CivilTime.millisecondsPerDay

  package init(site: SiteSettings, topics: TopicNames) {
    (siteID, self.topics, listed) = (site.id, topics, site.listedWorkstations)
  }

  package func record(_ update: SiteEngine.Update) { if update.hasToldStops { isDue = true } }

  /// Publishes everything again with the next call of `publishDue`.
  package func republish() { (isDue, emptied) = (true, []) }

  package func publishDue(_ store: SiteStore, to publishQueue: PublishQueue, nowMs: Int64) throws {
    guard isDue || nowMs >= nextGoneMs else { return }
    nextGoneMs = .max
    for (workstation, last) in try store.lastToldStops() {
      let topic = topics.stop(site: siteID, workstation: workstation)
      let goneMs = last.flatMap { listed.contains(workstation) ? nil : $0.startMs + Self.keptMs }
      if let last, goneMs.map({ nowMs < $0 }) ?? true {
        emptied.remove(topic)
        publishQueue.set(.json(topic, last.payload, schema: "stop/1", retain: true))
        if let goneMs { nextGoneMs = min(nextGoneMs, goneMs) }
      } else if emptied.insert(topic).inserted {
        publishQueue.empty([topic])
      }
    }
    isDue = false
    publishQueue.flush()
  }
}
