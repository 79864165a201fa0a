import AndonCore
package import AndonRuntime
import AndonStore
import Synchronization

/// The current state of all sites and of the bridge, written by the services and read by all others. Its
/// locks are held only for a copy.
package final class StatusBoard: Sendable {
  private let sites: Mutex<[String: SiteStatus]>
  package let startedAtMs: Int64
  package let bridgeID: String
  private let port = Mutex<Int?>(nil)
  private let configStatus: Mutex<ConfigStatus>
  private let clock: WallClock
  private let monotonic: MonotonicClock
  private let publisherStatus: Mutex<ConnectionStatus>
  private let queue = Mutex<(any PublishQueueStatus)?>(nil)
  private let fleetStatus = Mutex<FleetStatus?>(nil)
  private let heartbeatStatus = Mutex<NotifyHeartbeatStatus?>(nil)
  private let providerStatus = Mutex<IdentityProviderStatus?>(nil)
  private let centralStatus = Mutex<[Int: CentralLinkStatus]>([:])
  private let unlisted = Mutex<[String: UnlistedSite]>([:])

  /// The port of the HTTP listener; nil until it listens.
  package var httpPort: Int? { port.withLock { $0 } }
  package func setHTTPPort(_ value: Int) { port.withLock { $0 = value } }

  package init(
    bridgeID: String, siteIDs: [String], startedAtMs: Int64, clock: WallClock = .system,
    monotonic: MonotonicClock = .system
  ) {
    self.bridgeID = bridgeID
    self.startedAtMs = startedAtMs
    self.clock = clock
    self.monotonic = monotonic
    publisherStatus = Mutex(ConnectionStatus(nowMs: startedAtMs, monotonicMs: monotonic.nowMs))
    configStatus = Mutex(ConfigStatus(loadedAtMs: startedAtMs))
    sites = Mutex(
      Dictionary(
        uniqueKeysWithValues: siteIDs.map { id in
          var status = SiteStatus(siteID: id)
          status.health = SiteHealth(nowMs: startedAtMs)
          return (id, status)
        }))
  }

  /// Changes the status of a site; ignored for a site that was removed.
  package func update(_ siteID: String, _ change: @Sendable (inout SiteStatus) -> Void) {
    sites.withLock { sites in
      guard var status = sites.removeValue(forKey: siteID) else { return }
      change(&status)
      sites[siteID] = status
    }
  }

  package func add(_ siteID: String, nowMs: Int64) {
    var status = SiteStatus(siteID: siteID)
    status.health = SiteHealth(nowMs: nowMs)
    set(status)
  }

  package func remove(_ siteID: String) { sites.withLock { $0[siteID] = nil } }

  package var config: ConfigStatus { configStatus.withLock { $0 } }
  package func updateConfig(_ change: (inout ConfigStatus) -> Void) { configStatus.withLock { change(&$0) } }

  /// The dead-man's switch; nil where none is configured.
  package var heartbeat: NotifyHeartbeatStatus? {
    get { heartbeatStatus.withLock { $0 } }
    set { heartbeatStatus.withLock { $0 = newValue } }
  }

  /// The identity provider; nil where none is configured.
  package var identityProvider: IdentityProviderStatus? {
    get { providerStatus.withLock { $0 } }
    set { providerStatus.withLock { $0 = newValue } }
  }

  /// The central database; nil where none is configured.
  package var central: CentralLinkStatus? {
    let parts = centralStatus.withLock { $0.sorted { $0.key < $1.key }.map(\.value) }
    return parts.first.map { CentralLinkStatus(place: $0.place, parts) }
  }

  /// Notes how one of several connections to the central database is.
  package func updateCentral(_ part: Int, _ status: CentralLinkStatus) {
    centralStatus.withLock { $0[part] = status }
  }

  package func set(_ status: SiteStatus) {
    sites.withLock { $0[status.siteID] = status }
  }

  /// All sites, by id.
  package var snapshot: [SiteStatus] {
    sites.withLock { Array($0.values) }.map(Self.complete).sorted { $0.siteID < $1.siteID }
  }

  /// One site; nil when it does not run here.
  package func site(_ siteID: String) -> SiteStatus? { sites.withLock { $0[siteID] }.map(Self.complete) }

  /// Computes outside of the lock what only a reader needs.
  private static func complete(_ status: SiteStatus) -> SiteStatus {
    guard let completion = status.completion else { return status }
    var status = status
    completion(&status)
    return status
  }

  /// The health state of each site: cheap enough to poll.
  package var states: [String: SiteHealth.State] { sites.withLock { $0.mapValues(\.health.state) } }

  /// The ids of all sites that run here.
  package var siteIDs: Set<String> { sites.withLock { Set($0.keys) } }

  /// Whether some site has received nothing yet: cheap enough to poll.
  package var hasSilentSite: Bool {
    sites.withLock { $0.values.contains { $0.counters.received == 0 } }
  }

  // MARK: Sites that nothing reads

  /// Remembers a site that cameras publish to and that is not configured. Returns whether it is new. At most
  /// `UnlistedSite.limit` are remembered.
  package func record(_ site: UnlistedSite) -> Bool {
    unlisted.withLock { unlisted in
      if let known = unlisted[site.siteID] {
        unlisted[site.siteID]?.lastMs = max(known.lastMs, site.lastMs)
        return false
      }
      guard unlisted.count < UnlistedSite.limit else { return false }
      unlisted[site.siteID] = site
      return true
    }
  }

  /// Those that are still not configured, by id.
  package var unlistedSites: [UnlistedSite] {
    let listed = siteIDs
    return unlisted.withLock { Array($0.values) }.filter { !listed.contains($0.siteID) }
      .sorted { $0.siteID < $1.siteID }
  }

  // MARK: The bridge's own connections

  /// Reports the depth and the refusals of this queue from now on.
  package func observe(_ queue: any PublishQueueStatus) { self.queue.withLock { $0 = queue } }

  /// The bridge's part in its fleet; nil: it is in none.
  package var fleet: FleetStatus? {
    get { fleetStatus.withLock { $0 } }
    set { fleetStatus.withLock { $0 = newValue } }
  }

  package func updatePublisher(_ health: ConnectionHealth) {
    publisherStatus.withLock { $0.record(health, nowMs: clock.nowMs, monotonicMs: monotonic.nowMs) }
  }

  /// Updates a site's own publisher, in a fleet.
  package func updatePublisher(of siteID: String, _ health: ConnectionHealth) {
    update(siteID) { [clock, monotonic] status in
      let now = (clock.nowMs, monotonic.nowMs)
      if status.publisher == nil { status.publisher = ConnectionStatus(nowMs: now.0, monotonicMs: now.1) }
      status.publisher?.record(health, nowMs: now.0, monotonicMs: now.1)
    }
  }

  /// Updates a site's Sparkplug connection.
  package func updateSparkplug(_ siteID: String, _ health: ConnectionHealth) {
    update(siteID) { [clock, monotonic] status in
      let now = (clock.nowMs, monotonic.nowMs)
      if status.sparkplug == nil { status.sparkplug = ConnectionStatus(nowMs: now.0, monotonicMs: now.1) }
      status.sparkplug?.record(health, nowMs: now.0, monotonicMs: now.1)
    }
  }

  package var publisher: PublisherStatus {
    let queue = queue.withLock { $0 }
    return PublisherStatus(
      connection: publisherStatus.withLock { $0 }, queue: queue?.depth ?? 0,
      refused: queue?.refusedCount ?? 0, refusal: queue?.refusalWords(nowMs: monotonic.nowMs))
  }

  // MARK: Readiness

  /// Whether every site has its session and the bridge can publish.
  package var isReady: Bool { whyNotReady.isEmpty }

  /// Why the bridge is not ready, a line each; empty when it is.
  package var whyNotReady: [String] {
    let monotonicMs = monotonic.nowMs
    let publisher = publisherStatus.withLock { $0.whyNotReady("publisher", monotonicMs: monotonicMs) }
    let lines = sites.withLock { sites in
      sites.values.flatMap { site -> [String] in
        let others = [
          site.sparkplug?.whyNotReady("\(site.siteID): Sparkplug", monotonicMs: monotonicMs),
          site.publisher?.whyNotReady("\(site.siteID): publisher", monotonicMs: monotonicMs),
        ].compactMap(\.self)
        guard !site.isConnected || site.trouble != nil else { return others }
        let since = CivilTime.text(epochMs: site.health.sinceMs)
        let own =
          "\(site.siteID): \(site.health.state.rawValue) since \(since): \(site.trouble ?? "no session yet")"
        return [own] + others
      }
    }
    let fleet = fleet?.trouble.map { "fleet: \($0)" }
    return lines.sorted() + [publisher, fleet].compactMap(\.self)
  }
}
