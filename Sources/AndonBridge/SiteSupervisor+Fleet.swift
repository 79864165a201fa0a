import AndonConfiguration
import AndonCore
import AndonRuntime
import AndonStatus
import AndonStore
import Synchronization

/// Sites that come to this bridge, and leave it for another one, while a fleet runs. Their retained topics stay: they are
/// the next bridge's.
extension SiteSupervisor {
  /// Starts a site whose file is in place.
  func begin(_ site: SiteSettings) throws {
    try SiteStore.checkBeforeStart(
      path: parts.settings.databasePath(site: site.id), siteID: site.id)
    let unit = try SiteServices(site, parts)
    parts.board.add(site.id, nowMs: parts.clock.nowMs)
    publish(
      units.withLock { units in
        units.append(unit)
        units.sort { $0.settings.id < $1.settings.id }
        return units
      })
    start.yield(unit)
  }

  /// Stops a site: what was read is committed, shipped and acknowledged, and its file is closed.
  func end(_ id: String) async {
    guard let unit = remove(id) else { return }
    await unit.stop()
    parts.board.remove(id)
  }

  /// Another bridge has the site: nothing more is acknowledged, published or answered for it here.
  func drop(_ id: String, because reason: NotShipped) async {
    unit(id)?.refuse(reason)
    await end(id)
  }

  /// Starts a site again with other settings.
  func change(_ site: SiteSettings) async throws {
    await end(site.id)
    try begin(site)
  }

  /// Whether the site was begun and not ended.
  func runs(_ id: String) -> Bool { unit(id) != nil }

  private func unit(_ id: String) -> SiteServices? { units.withLock { $0.first { $0.settings.id == id } } }

  private func remove(_ id: String) -> SiteServices? {
    let (leaving, left) = units.withLock { units in
      let leaving = units.first { $0.settings.id == id }
      units.removeAll { $0.settings.id == id }
      return (leaving, units)
    }
    if leaving != nil { publish(left) }
    return leaving
  }
}
