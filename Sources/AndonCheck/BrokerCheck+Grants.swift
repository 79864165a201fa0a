package import AndonConfiguration
import AndonCore
import AndonIngest
import AndonStatus
import AndonStore
import Mosquitto

/// What the broker grants of a site's subscriptions, and what the site's file knows about its cameras.
extension BrokerCheck {
  /// The same subscriptions as the bridge's, on a temporary connection.
  func grants(_ site: SiteSettings) -> [Finding] {
    var findings: [Finding] = []
    do {
      let reader = try CheckClient(connection("\(site.id)-check-grants"))
      _ = try reader.connect()
      let wanted = [
        topics.eventFilter(site: site.id), topics.cameraStatusFilter(site: site.id),
        topics.commandFilter(site: site.id),
      ]
      for filter in wanted {
        findings += [refusal(filter, granted: try reader.subscribe(filter), site: site)].compactMap(\.self)
      }
      let counter = try reader.subscribe(IngestBatch.brokerDroppedTopic, qos: 0)
      if counter >= 0x80 {
        findings.append(
          Finding(
            .warning, "acl", site: site.id,
            "the broker refuses to let the bridge read \(IngestBatch.brokerDroppedTopic): messages that it drops because a "
              + "queue is full stay unseen",
            advice: "topic read $SYS/broker/# where the broker counts its drops, or watch its queues yourself"
          ))
      }
      reader.connection.disconnect()
    } catch {
      findings.append(
        Finding(.error, "acl", site: site.id, "\(error)", advice: "see what the broker logs"))
    }
    return findings + [atMostOnce(site)].compactMap(\.self)
  }

  /// Nil when the broker granted what was asked.
  package func refusal(_ filter: String, granted: UInt8, site: SiteSettings) -> Finding? {
    guard let refusal = RefusedSubscription([filter], asked: 1, granted: [granted]) else { return nil }
    return Finding(
      .error, "acl", site: site.id, "\(refusal): the bridge holds the site",
      advice: granted < 0x80
        ? "max_qos 1 or 2 for this listener" : "topic read \(filter) in the broker's ACL file")
  }

  /// What a bridge has seen within a day: longer than a check listens.
  private func atMostOnce(_ site: SiteSettings) -> Finding? {
    let path = settings.databasePath(site: site.id)
    guard let rows = try? SiteStore.openForReading(path: path, siteID: site.id).cameras() else { return nil }
    let now = nowMs()
    return Finding.atMostOnce(
      Set(rows.filter { $0.isAtMostOnce(atMs: now) }.map(\.cameraID)), site: site.id)
  }
}
