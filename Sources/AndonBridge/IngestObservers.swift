import AndonCore
package import AndonHTTP
package import AndonIngest
package import AndonPublish
package import AndonRuntime
package import AndonStatus
import CoreMetrics

/// Who looks on while a ingestLoop works. None of them may make it wait.
package struct IngestObservers: Sendable {
  package var metrics: SiteMetrics
  package var hub: EventBroadcaster?
  package var alerts: (any AlertObserver)?
  /// What `cmd/bridge/log_level` sets.
  package var threshold: LogThreshold?

  /// Nobody.
  package static let none = IngestObservers(
    metrics: SiteMetrics(site: "", factory: NOOPMetricsHandler.instance), hub: nil)

  package func see(_ update: SiteEngine.Update, site: String, nowMs: Int64) {
    hub?.offer(update.samples, site: site, nowMs: nowMs)
    metrics.rejected(update.rejections.map(\.rejection.code))
  }
}
