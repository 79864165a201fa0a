import AndonCore

/// Who looks on while a lane works. None of them may make it wait.
struct LaneWatchers: Sendable {
  var metrics: SiteMetrics
  var hub: StreamHub?

  func see(_ update: SiteEngine.Update, site: String, nowMs: Int64) {
    hub?.offer(update.samples, site: site, nowMs: nowMs)
    metrics.rejected(update.rejections.map(\.rejection.code))
  }
}
