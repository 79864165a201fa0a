import AndonConfiguration
import AndonStore

/// What the site's file says of its cameras: a bridge has seen a day, a check listens for seconds.
struct StoredCameraProbe: BrokerProbe {
  let site: SiteSettings

  func run(_ context: BrokerProbeContext) -> [Finding] {
    let path = context.settings.databasePath(site: site.id)
    guard let rows = try? SiteStore.openForReading(path: path, siteID: site.id).cameras() else { return [] }
    let nowMs = context.nowMs
    let cameras = Set(rows.filter { $0.isAtMostOnce(atMs: nowMs) }.map(\.cameraID))
    return [Finding.atMostOnce(cameras, site: site.id)].compactMap(\.self)
  }
}
