import AndonCore
package import AndonHTTP
package import AndonIngest
package import AndonPublish
package import AndonRuntime
package import AndonStatus
import CoreMetrics

/// The observers of an ingest loop. None of them may block it.
package struct IngestObservers: Sendable {
  package var metrics: SiteMetrics
  package var hub: EventBroadcaster?
  package var alarms: (any AlarmObserver)?
  /// The log level, for `cmd/bridge/log_level`.
  package var threshold: LogThreshold?

  /// No observers.
  package static let none = IngestObservers(
    metrics: SiteMetrics(site: "", factory: NOOPMetricsHandler.instance), hub: nil)

  package func record(_ update: SiteEngine.Update, site: String, nowMs: Int64) {
    hub?.offer(update.samples, site: site, nowMs: nowMs)
    metrics.rejected(update.rejections.map(\.rejection.code))
  }
}
