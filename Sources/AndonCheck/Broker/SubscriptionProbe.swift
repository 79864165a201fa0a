import AndonConfiguration
import AndonCore
import AndonIngest
import Mosquitto

/// The same subscriptions as the bridge's for a site, on a temporary connection: what the broker grants.
struct SubscriptionProbe: BrokerProbe {
  let site: SiteSettings

  func run(_ context: BrokerProbeContext) -> [Finding] {
    let topics = context.topics
    var findings: [Finding] = []
    do {
      let reader = try CheckClient(context.connection("\(site.id)-check-grants"))
      _ = try reader.connect()
      let wanted = [
        topics.eventFilter(site: site.id), topics.cameraStatusFilter(site: site.id),
        topics.commandFilter(site: site.id),
      ]
      for filter in wanted {
        let granted = try reader.subscribe(filter)
        if let refusal = Finding.refusal(filter, granted: granted, site: site.id) { findings.append(refusal) }
      }
      if try reader.subscribe(IngestBatch.brokerDroppedTopic, qos: 0) >= 0x80 {
        findings.append(unseenDrops)
      }
      reader.connection.disconnect()
    } catch {
      findings.append(
        Finding(.error, "acl", site: site.id, "\(error)", advice: "see what the broker logs"))
    }
    return findings
  }

  private var unseenDrops: Finding {
    Finding(
      .warning, "acl", site: site.id,
      "the broker refuses to let the bridge read \(IngestBatch.brokerDroppedTopic): messages that it drops because a "
        + "queue is full stay unseen",
      advice: "topic read $SYS/broker/# where the broker counts its drops, or watch its queues yourself")
  }
}
