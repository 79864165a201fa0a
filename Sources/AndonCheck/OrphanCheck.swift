package import AndonConfiguration
import AndonCore
import AndonStatus
import Mosquitto

/// Finds retained topics of sites that are not in the configuration: a broker keeps them for ever, and panels
/// keep showing them. They may belong to another bridge, so only the topics of named sites are emptied.
package struct OrphanCheck {
  private let settings: Settings
  private let password: String?
  private let topics: TopicNames
  private static let limitSeconds = 30

  package init(_ settings: Settings, password: String?) {
    self.settings = settings
    self.password = password
    topics = TopicNames(root: settings.topics.root)
  }

  /// Lists what is retained, and empties it for the named sites.
  ///
  /// - Parameters:
  ///   - emptied: sites whose retained topics are removed; a site of the configuration is refused.
  ///   - quietMilliseconds: how long to wait for another retained message.
  package func run(emptying emptied: Set<String> = [], quietMilliseconds: Int = 1000) -> [Finding] {
    let own = Set(settings.sites.map(\.id))
    var findings = emptied.intersection(own).sorted().map {
      Finding(.error, "orphans", site: $0, "is in the configuration: its topics are in use")
    }
    do {
      let client = try CheckClient(
        ConnectionSettings(
          settings.broker, password: password, clientID: "andon-\(settings.bridge.id)-orphans"))
      let (_, reason) = try client.connect()
      guard reason == 0 else { throw RefusedConnection(reason: reason) }
      let bySite = try retained(client, quietMilliseconds: quietMilliseconds).filter { !own.contains($0.key) }
      for site in emptied.subtracting(own).subtracting(bySite.keys).sorted() {
        findings.append(Finding(.ok, "orphans", site: site, "nothing of it is retained"))
      }
      for (site, found) in bySite.sorted(by: { $0.key < $1.key }) {
        findings.append(
          emptied.contains(site) ? try empty(site, found, client) : Self.listed(site, found))
      }
      if bySite.isEmpty { findings.append(Finding(.ok, "orphans", "no retained topics of other sites")) }
      client.connection.disconnect()
    } catch {
      findings.append(
        Finding(
          .error, "orphans", "\(error)", advice: "check broker.url and the right to read \(topics.root)/#"))
    }
    return findings
  }

  /// Retained topics below the root by site, without those of bridges.
  private func retained(_ client: CheckClient, quietMilliseconds: Int) throws -> [String: [String]] {
    let filter = "\(topics.root)/+/#"
    let code = try client.subscribe(filter, retainHandling: .always)
    if let refusal = RefusedSubscription([filter], asked: 0, granted: [code]) { throw refusal }
    // Nothing marks the last retained message: a quiet time does. Live messages do not count.
    let deadline = ContinuousClock.now + .seconds(Self.limitSeconds)
    var seen: Int
    repeat {
      seen = client.messages.count(where: \.isRetained)
      try client.listen(milliseconds: quietMilliseconds)
    } while client.messages.count(where: \.isRetained) > seen && ContinuousClock.now < deadline
    var bySite: [String: [String]] = [:]
    for message in client.messages where message.isRetained && !message.payload.isEmpty {
      let rest = message.topic.dropFirst(topics.root.count + 1)
      guard let site = rest.split(separator: "/", omittingEmptySubsequences: false).first.map(String.init),
        Identifier.isValid(site)
      else { continue }
      bySite[site, default: []].append(message.topic)
    }
    client.forgetMessages()
    return bySite
  }

  /// Topics that cameras and panels retain are not the bridge's: a camera's status returns with its will
  /// anyway.
  private func isBridges(_ topic: String, _ site: String) -> Bool {
    let kind = topic.dropFirst("\(topics.root)/\(site)/".count).split(separator: "/").first ?? ""
    return kind != "camera" && kind != "cmd"
  }

  private func empty(_ site: String, _ found: [String], _ client: CheckClient) throws -> Finding {
    let own = found.filter { isBridges($0, site) }
    var refused = 0
    for topic in own where try client.publish(topic, isRetained: true) >= 0x80 { refused += 1 }
    let left = found.count - own.count
    let text =
      "emptied \(own.count - refused) retained topics"
      + (left == 0 ? "" : "; \(left) of cameras and commands stay")
    return refused == 0
      ? Finding(.ok, "orphans", site: site, text)
      : Finding(
        .error, "orphans", site: site, "\(text); the broker refused \(refused)",
        advice: "check the broker's ACL: the bridge needs to write \(topics.root)/\(site)/#")
  }

  private static func listed(_ site: String, _ found: [String]) -> Finding {
    Finding(
      .warning, "orphans", site: site,
      "\(found.count) retained topics of a site that is not in the configuration, e.g. \(found.min() ?? "")",
      advice: "if no other bridge has this site: andon check --config FILE --empty-orphans \(site)")
  }
}
