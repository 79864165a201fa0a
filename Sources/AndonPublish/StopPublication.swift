package import AndonConfiguration
package import AndonCore
package import AndonIngest
package import AndonStore

/// Publishes the retained topic of each workstation: its open stop, or the last one until the next. A workstation whose
/// stops were all retracted has an empty topic.
package final class StopPublication {
  private let siteID: String
  private let topics: TopicNames
  private var isDue = true

  package init(site: SiteSettings, topics: TopicNames) { (siteID, self.topics) = (site.id, topics) }

  package func record(_ update: SiteEngine.Update) { if update.hasToldStops { isDue = true } }

  /// Publishes everything again with the next call of `publishDue`.
  package func republish() { isDue = true }

  package func publishDue(_ store: SiteStore, to publishQueue: PublishQueue) throws {
    guard isDue else { return }
    for (workstation, payload) in try store.lastToldStops() {
      let topic = topics.stop(site: siteID, workstation: workstation)
      if let payload {
        publishQueue.set(.json(topic, payload, schema: "stop/1", retain: true))
      } else {
        publishQueue.empty([topic])
      }
    }
    isDue = false
    publishQueue.flush()
  }
}
