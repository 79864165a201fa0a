import AndonConfiguration
import AndonCore
import Mosquitto

/// Topics below the root that no site of this configuration reads.
struct UnreadTopicProbe: BrokerProbe {
  /// Subscribes to everything below the root, as far as the broker allows. The bridge itself only looks at the topics
  /// of cameras now and then (`UnlistedSiteWatch`).
  func run(_ context: BrokerProbeContext) -> [Finding] {
    let (root, sites) = (context.topics.root, context.settings.sites)
    let filter = "\(root)/#"
    do {
      let reader = try CheckClient(context.connection("check-topics"))
      _ = try reader.connect()
      guard try reader.subscribe(filter, qos: 0) < 0x80 else { return [] }
      try reader.listen(milliseconds: context.plan.listenSeconds * 1000)
      reader.connection.disconnect()
      return Self.unread(
        in: reader.messages.map(\.topic), root: root, sites: sites.map(\.id),
        isMapped: { topic in sites.contains { MappingTable($0.mappings).route(topic) != nil } })
    } catch {
      return [Finding(.warning, "topics", "\(filter) was not looked at: \(error)")]
    }
  }

  /// Topics that bridges publish below a site.
  private static let ours: Set<String> = [
    "kpi", "kpi_final", "tag", "alert", "alert_event", "alert_summary", "stop", "stop_event", "report",
    "meta", "cmd_result",
  ]

  /// One finding for each site that is not listed, and one for all topics of listed sites that are not read.
  static func unread(
    in seen: [String], root: String, sites: [String], isMapped: (String) -> Bool
  ) -> [Finding] {
    var unlisted: [String: String] = [:]
    var unread: Set<String> = []
    for topic in Set(seen) where topic.utf8.starts(with: "\(root)/".utf8) && !isMapped(topic) {
      let levels = topic.dropFirst(root.count + 1).split(separator: "/", omittingEmptySubsequences: false)
      guard let site = levels.first.map(String.init), site != "_bridge" else { continue }
      let second = levels.count > 1 ? String(levels[1]) : ""
      if !sites.contains(site) {
        if second == "camera" { unlisted[site] = min(unlisted[site] ?? topic, topic) }
      } else if !ours.contains(second), InboundTopic(topic: topic, root: root) == nil,
        !(second == "camera" && levels.count == 4 && levels[3] == "reject")
      {
        unread.insert(topic)
      }
    }
    var findings = unlisted.sorted { $0.key < $1.key }.map { site, topic in
      let near = Suggestion.nearest(to: site, among: sites).map { " (\($0)?)" } ?? ""
      return Finding(
        .warning, "topics",
        "\(topic) came in, and this configuration lists no site \(site): nobody here stores it",
        advice:
          "correct the site in the camera's topic\(near), or add "
          + "\"- {id: \(site), timezone: …}\" to sites; nothing when another bridge has that site")
    }
    if !unread.isEmpty {
      findings.append(
        Finding(
          .warning, "topics",
          "\(unread.sorted().prefix(5).joined(separator: ", ")) came in and nobody reads it (\(unread.count) such topics)",
          advice: "cameras publish to \(root)/{site}/camera/{camera}/event and …/status; see docs/mqtt.md"))
    }
    return findings
  }
}
