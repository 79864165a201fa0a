import AndonConfiguration
import AndonCore
import AndonStore
import Mosquitto

/// What the site's file says of its cameras: a bridge has seen a day, a check listens for seconds.
struct StoredCameraProbe: BrokerProbe {
  let site: SiteSettings
  /// What is retained comes at once.
  private static let listenMs = 500

  func run(_ context: BrokerProbeContext) -> [Finding] {
    let path = context.settings.databasePath(site: site.id)
    guard let rows = try? SiteStore.openForReading(path: path, siteID: site.id).cameras() else { return [] }
    let nowMs = context.nowMs
    let cameras = Set(rows.filter { $0.isAtMostOnce(atMs: nowMs) }.map(\.cameraID))
    let online = rows.filter { $0.status == .online }.map(\.cameraID)
    return [Finding.atMostOnce(cameras, site: site.id), notRetained(online, context)].compactMap(\.self)
  }

  /// Cameras that said that they are there, and whose status the broker did not keep.
  private func notRetained(_ online: [String], _ context: BrokerProbeContext) -> Finding? {
    guard !online.isEmpty else { return nil }
    let topics = context.topics
    do {
      let reader = try CheckClient(context.connection("\(site.id)-check-status"))
      _ = try reader.connect()
      let filter = topics.cameraStatusFilter(site: site.id)
      // A refusal is reported by `SubscriptionProbe`.
      guard try reader.subscribe(filter, qos: 0, retainHandling: .always) < 0x80 else { return nil }
      try reader.listen(milliseconds: Self.listenMs)
      reader.connection.disconnect()
      let kept = Set(reader.messages.filter { $0.isRetained && !$0.payload.isEmpty }.map(\.topic))
      let missing = online.filter { !kept.contains(filter.replacing("+", with: $0)) }.sorted()
      guard let first = missing.first else { return nil }
      return Finding(
        .warning, "status", site: site.id,
        "the broker keeps no status of \(NameList.text(missing))"
          + ": after the next connect it is not known whether the camera is there",
        advice:
          "let it publish online to \(filter.replacing("+", with: first)) with the retain flag, and offline as its "
          + "retained last will")
    } catch {
      return Finding(
        .warning, "status", site: site.id, "what cameras say of themselves was not looked at: \(error)")
    }
  }
}
