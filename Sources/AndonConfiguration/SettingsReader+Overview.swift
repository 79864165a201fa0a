import AndonCore
import Yams

/// Reads a configuration of `andon overview`.
extension SettingsReader {
  /// Nil when there are mistakes.
  mutating func readOverview(_ root: Node) -> OverviewSettings? {
    var values = SettingValues()
    var brokersNode: Node?
    for member in members(of: root, "") {
      if SettingKey.overviewSections.contains(member.name) {
        readSection(member.value, path: member.name, prefix: "", into: &values)
        if member.name == "overview" { brokersNode = member.value.mapping?["brokers"] }
      } else if SettingKey.sections.contains(member.name)
        || ["sites", "mappings", "notify"].contains(member.name)
      {
        report(
          member.key, member.name,
          "is of a bridge; a configuration of andon overview has \(SettingKey.overviewSections.joined(separator: ", "))"
        )
      } else {
        recordUnknown(member, "", among: SettingKey.overviewSections)
      }
    }
    overlayEnvironment(&values, SettingKey.ofOverview)
    let brokers = readOverviewBrokers(brokersNode)
    let http = readHTTP(values)
    let central = readCentral(values)
    guard let http, errors.isEmpty else { return nil }
    return OverviewSettings(
      brokers: brokers, http: http, central: central, isWritable: values.flag("overview.write"),
      staleAfterMs: values.number("overview.stale_after"),
      siteLimit: Int(values.number("overview.max_sites")),
      alertLimit: Int(values.number("overview.max_alerts")),
      byteLimit: Int(values.number("overview.max_bytes")))
  }

  private mutating func readOverviewBrokers(_ node: Node?) -> [OverviewSettings.Broker] {
    let path = "overview.brokers"
    let nodes = list(node, path, of: "brokers, each after a dash")
    if nodes.isEmpty { report(node, path, "must list at least one broker") }
    if nodes.count > OverviewSettings.brokerLimit {
      report(node, path, "must be at most \(OverviewSettings.brokerLimit) brokers")
    }
    var brokers: [OverviewSettings.Broker] = []
    for (index, child) in nodes.prefix(OverviewSettings.brokerLimit).enumerated() {
      guard let broker = readOverviewBroker(child, "\(path)[\(index)]") else { continue }
      recordTwin(of: broker.name, in: brokers.map(\.name), child.mapping?["name"], "\(path)[\(index)].name")
      brokers.append(broker)
    }
    return brokers
  }

  private mutating func readOverviewBroker(_ node: Node, _ path: String) -> OverviewSettings.Broker? {
    let parts = parts(of: node, path, among: OverviewKey.all.names(below: ""))
    let name = readID(parts["name"], in: node, "\(path).name")
    var values = SettingValues()
    if let section = parts["broker"] {
      readSection(section, path: "broker", prefix: "\(path).", into: &values)
    } else if node.mapping != nil {
      report(node, "\(path).broker", "is missing: how to reach the broker, at least url")
    }
    let connection = readBroker(values)
    guard let name, let connection else { return nil }
    var broker = OverviewSettings.Broker(name: name, connection: connection)
    if let child = parts["root"], let text = readText(child, "\(path).root") {
      do { _ = try SettingValue(text, kind: .topic) } catch {
        report(child, "\(path).root", error.message(found: text))
      }
      broker.root = text
    }
    if let child = parts["dashboard"], let text = readText(child, "\(path).dashboard") {
      let host = ["https://", "http://"].first(where: text.hasPrefix).map { text.dropFirst($0.count) } ?? ""
      let isAddress = host.utf8.first.map { $0 != UInt8(ascii: "/") } ?? false
      if !isAddress || !text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) {
        report(child, "\(path).dashboard", "must be an address such as https://andon.example/#/{site}")
      }
      broker.dashboard = text
    }
    return broker
  }
}
