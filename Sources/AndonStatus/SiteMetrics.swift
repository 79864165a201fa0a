package import AndonCore
package import CoreMetrics
import Metrics

/// The measurements of a site's ingest loop. Cheap: a batch costs a few atomic additions.
package struct SiteMetrics: Sendable {
  private let commit: Timer
  private let batch: Recorder
  private let reconnects: Counter
  private let rejections: [RejectionCode: Counter]
  private let tick: Timer

  package init(site: String, factory: any MetricsFactory) {
    let labels = [("site", site)]
    commit = Timer(label: "andon_commit_duration_seconds", dimensions: labels, factory: factory)
    batch = Recorder(label: "andon_batch_entries", dimensions: labels, aggregate: true, factory: factory)
    reconnects = Counter(label: "andon_session_retries_total", dimensions: labels, factory: factory)
    tick = Timer(label: "andon_kpi_tick_duration_seconds", dimensions: labels, factory: factory)
    rejections = Dictionary(
      uniqueKeysWithValues: RejectionCode.allCases.map { code in
        let dimensions = labels + [("code", code.rawValue)]
        return (code, Counter(label: "andon_rejections_total", dimensions: dimensions, factory: factory))
      })
  }

  package func committed(entries: Int64, took: Duration) {
    commit.recordNanoseconds(Int64(took / .nanoseconds(1)))
    batch.record(entries)
  }

  package func reconnected() { reconnects.increment() }

  package func rejected(_ codes: [RejectionCode]) { for code in codes { rejections[code]?.increment() } }

  /// Records one KPI publish cycle.
  package func ticked(_ took: Duration) { tick.recordNanoseconds(Int64(took / .nanoseconds(1))) }
}
