import Synchronization

/// Where lanes leave their status and readers find it; never held for longer than a copy takes.
package final class StatusBoard: Sendable {
  private let sites: Mutex<[String: SiteStatus]>
  package let startedAtMs: Int64
  package let bridgeID: String
  private let port = Mutex<Int?>(nil)
  private let configStatus: Mutex<ConfigStatus>

  /// Where the HTTP listener is, once it is.
  package var httpPort: Int? { port.withLock { $0 } }
  package func setHTTPPort(_ value: Int) { port.withLock { $0 = value } }

  package init(bridgeID: String, siteIDs: [String], startedAtMs: Int64) {
    self.bridgeID = bridgeID
    self.startedAtMs = startedAtMs
    configStatus = Mutex(ConfigStatus(loadedAtMs: startedAtMs))
    sites = Mutex(
      Dictionary(
        uniqueKeysWithValues: siteIDs.map { id in
          var status = SiteStatus(siteID: id)
          status.health = SiteHealth(nowMs: startedAtMs)
          return (id, status)
        }))
  }

  /// What is told of a site that is not there any more is forgotten.
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

  package func set(_ status: SiteStatus) {
    sites.withLock { $0[status.siteID] = status }
  }

  /// All sites, by id.
  package var snapshot: [SiteStatus] {
    sites.withLock { $0.values.sorted { $0.siteID < $1.siteID } }
  }

  /// Every site has its session.
  package var isReady: Bool {
    sites.withLock { $0.values.allSatisfy { $0.isConnected && $0.trouble == nil } }
  }
}
