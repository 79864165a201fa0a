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

  let leases: FleetLeases
  let queues: PublishQueues
  /// Asks the central database whether this bridge still holds the site under its epoch.
  let isHeld: @Sendable (_ site: String) throws -> Bool
  /// Has the log of a site shipped now.
  let wake: @Sendable (_ site: String) -> Void

  /// Before each CONNECT of a site: its own clock says whether the lease is over, and the server whether the site was
  /// taken. A virtual machine that was paused finds out by the second one.
  func connectCheck(of site: String) -> @Sendable () throws -> Void {
    { [leases, isHeld] in
      guard leases.epoch(of: site) != nil, leases.isCurrent(monotonicMs: MonotonicClock.system.nowMs) else {
        throw NotShipped.released
      }
      guard try isHeld(site) else { throw NotShipped.fenced(by: nil) }
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
    publisher.publishQueue.listen { [hub = parts.hub] in hub.offer($0) }
    queues.add(publisher.publishQueue)
    return publisher
  }
}
