import AndonConfiguration
import AndonCore
import Mosquitto

/// The topics of a site's mappings: whether the broker lets the bridge read them, and what arrived.
struct MappingProbe: BrokerProbe {
  let site: SiteSettings

  func run(_ context: BrokerProbeContext) -> [Finding] {
    let filters = MappingTable(site.mappings).filters
    guard !filters.isEmpty else { return [] }
    do { return try listen(to: filters, context) } catch {
      return [Finding(.error, "mapping", site: site.id, "\(error)", advice: "see what the broker logs")]
    }
  }

  private func listen(to filters: [String], _ context: BrokerProbeContext) throws -> [Finding] {
    var findings: [Finding] = []
    let reader = try CheckClient(context.connection("\(site.id)-check-mappings"))
    _ = try reader.connect()
    var granted: [String] = []
    for filter in filters {
      let code = try reader.subscribe(filter)
      if let refusal = Finding.refusal(filter, granted: code, site: site.id) {
        findings.append(refusal)
      } else {
        granted.append(filter)
      }
    }
    try reader.listen(milliseconds: context.plan.listenSeconds * 1000)
    for filter in granted {
      let pattern = try TopicPattern(filter)
      findings += found(reader.messages.filter { pattern.match($0.topic) != nil }, filter, context)
    }
    reader.connection.disconnect()
    return findings
  }

  private func found(
    _ messages: [CheckClient.Message], _ filter: String, _ context: BrokerProbeContext
  ) -> [Finding] {
    let seconds = context.plan.listenSeconds
    guard !messages.isEmpty else {
      return [
        Finding(
          .warning, "acl", site: site.id,
          "reading \(filter) was granted, but nothing came in \(seconds) s to prove it (mosquitto grants what "
            + "its ACL forbids)", advice: "let the camera send; topic read \(filter) in the broker's ACL file"
        )
      ]
    }
    var decoder = SampleDecoder(site: site, root: context.settings.topics.root, nowMs: context.nowMs)
    for message in messages where !message.isRetained && !message.payload.isEmpty { decoder.add(message) }
    let rejected = decoder.firstRejection.map { ", \(decoder.rejected) rejected, the first: \($0)" } ?? ""
    let finding = Finding(
      decoder.rejected == 0 ? .ok : .warning, "mapping", site: site.id,
      "\(filter): \(messages.count) messages in \(seconds) s, \(decoder.events) events good\(rejected)",
      advice: decoder.rejected == 0 ? "" : "andon check --sample shows what a payload becomes")
    return [finding] + [Finding.atMostOnce(decoder.atMostOnce, site: site.id)].compactMap(\.self)
  }
}
