import AndonCore
import CoreMetrics

/// Who looks on while a lane works. None of them may make it wait.
package struct LaneWatchers: Sendable {
  var metrics: SiteMetrics
  var hub: StreamHub?
  var alerts: (any AlertObserver)?
  /// What `cmd/bridge/log_level` sets.
  var threshold: LogThreshold?

  /// Nobody.
  package static let none = LaneWatchers(
    metrics: SiteMetrics(site: "", factory: NOOPMetricsHandler.instance), hub: nil)

  func see(_ update: SiteEngine.Update, site: String, nowMs: Int64) {
    hub?.offer(update.samples, site: site, nowMs: nowMs)
    metrics.rejected(update.rejections.map(\.rejection.code))
  }
}
