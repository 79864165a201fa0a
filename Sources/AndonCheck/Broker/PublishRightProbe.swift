import AndonConfiguration
import AndonCore

/// Publishes to every kind of topic of the bridge, with names that no panel uses.
struct PublishRightProbe: BrokerProbe {
  let publisher: CheckClient

  func run(_ context: BrokerProbeContext) -> [Finding] {
    let topics = topics(context)
    guard !topics.isEmpty else { return [] }
    var refused: [String] = []
    do {
      for topic in topics where try publisher.publish(topic) >= 0x80 { refused.append(topic) }
    } catch {
      return [Finding(.error, "acl", "\(error)")]
    }
    guard refused.isEmpty else {
      let filters = Set(refused.map { Self.aclPattern($0, context.settings) }).sorted()
      return [
        Finding(
          .error, "acl", "the bridge may not publish to \(refused.joined(separator: ", "))",
          advice: filters.map { "topic write \($0)" }.joined(separator: "; ") + " in the broker's ACL file")
      ]
    }
    return [Finding(.ok, "acl", "may publish KPIs, alerts, stops, rejections, results and its own status")]
  }

  private func topics(_ context: BrokerProbeContext) -> [String] {
    let (names, settings, camera) = (context.topics, context.settings, BrokerProbeContext.camera)
    // Without a site there is nothing to publish.
    guard let site = settings.sites.first?.id else { return [] }
    var topics = [
      names.kpi(site: site, scope: "site", id: camera, window: "hour"),
      names.kpiFinal(site: site, scope: "site", id: camera, window: "hour"),
      names.alert(site: site, class: "check", source: camera),
      names.reject(site: site, camera: camera),
      "\(names.root)/\(site)/alert_event/check/\(camera)",
      names.stop(site: site, workstation: camera), names.stopEvent(site: site, workstation: camera),
      "\(names.root)/\(site)/cmd_result/check/\(camera)",
      "\(names.root)/_bridge/\(settings.bridge.id)/check",
    ]
    if settings.topics.scalarTags {
      topics.append(names.tag(site: site, scope: "site", id: camera, window: "hour", metric: "units"))
    }
    if let enterprise = settings.enterprise { topics.append("\(enterprise)/\(site)/_kpi/check") }
    if let prefix = settings.discovery.homeAssistantPrefix {
      // An empty message about a device that Home Assistant does not know: it ignores that.
      topics.append("\(HomeAssistantDiscovery.devices(prefix: prefix))\(camera)/\(camera)/config")
    }
    return topics
  }

  /// The pattern that an ACL file needs for a topic of Andon.
  private static func aclPattern(_ topic: String, _ settings: Settings) -> String {
    let root = settings.topics.root
    if let prefix = settings.discovery.homeAssistantPrefix, topic.hasPrefix("\(prefix)/device/") {
      return "\(prefix)/device/#"
    }
    if let enterprise = settings.enterprise, topic.hasPrefix("\(enterprise)/") { return "\(enterprise)/#" }
    let rest = topic.dropFirst(root.count + 1).split(separator: "/")
    if rest.first == "_bridge" { return "\(root)/_bridge/\(settings.bridge.id)/#" }
    if rest.count > 3, rest[1] == "camera" { return "\(root)/+/camera/+/reject" }
    return "\(root)/+/\(rest.count > 1 ? rest[1] : "+")/#"
  }
}
