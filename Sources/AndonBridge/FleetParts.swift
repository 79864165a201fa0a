import AndonCentral
import AndonConfiguration
import AndonCore
import AndonHTTP
import AndonPublish
import AndonRuntime
import AndonStatus
import AndonStore

/// What the sites of a bridge in a fleet share: who may connect, and what their commits wait for.
struct FleetParts: Sendable {
  /// A third of the keep-alive is longer; a server that takes longer is taken for away.
  private static let commitLimitMs = 10_000

  let queues: PublishQueues
  /// Whether the lease stands, by this bridge's clock and by the central database.
  let mayConnect: @Sendable (_ site: String) -> Bool
  /// Has the log of a site shipped now.
  let wake: @Sendable (_ site: String) -> Void

  /// Before each CONNECT of a site, of either kind: a machine that stood still does not know that its lease is over.
  func connectCheck(of site: String) -> @Sendable () throws -> Void {
    { [mayConnect] in
      guard mayConnect(site) else { throw NotShipped.unconfirmed }
    }
  }

  func gate(of site: String) -> @Sendable () -> CommitGate {
    { [wake] in CommitGate(limitMs: Self.commitLimitMs) { wake(site) } }
  }

  /// A site's own publisher.
  func publisher(of site: String, _ parts: SiteParts) throws -> Publisher {
    let central = parts.settings.central
    let publisher = try Publisher(
      settings: parts.settings.broker, password: parts.password,
      identity: .site(site, cluster: central.cluster, ttlMs: central.ttlMs, parts.topics),
      host: parts.settings.discovery.homeAssistantPrefix.map { DiscoveryHost(homeAssistant: $0) },
      mayConnect: connectCheck(of: site),
      report: { [board = parts.board] health in board.updatePublisher(of: site, health) },
      logger: parts.logger)
    // Other bridges said that no bridge had it.
    publisher.publishQueue.empty([UnownedSites.topic(site, parts.topics)])
    publisher.publishQueue.listen { [hub = parts.hub] in hub.offer($0) }
    queues.add(publisher.publishQueue)
    return publisher
  }
}
