import AndonStatus

/// How shipping to the central database goes, in the text format of Prometheus.
struct CentralMetrics {
  let link: CentralLinkStatus?
  let sites: [SiteStatus]
  let nowMs: Int64

  func render(into text: inout PrometheusText) {
    guard let link else { return }
    text.gauge(
      "andon_central_connected", "1 while every connection to the central database stands.",
      [([], link.connected == link.connections ? 1 : 0)])
    text.gauge(
      "andon_central_shipped_rows_total", "Rows that the central database has taken, repeated ones included.",
      type: "counter", [([], Double(link.shippedRows))])
    text.gauge(
      "andon_central_unknown_outcomes_total", "Statements whose answer was not certain.", type: "counter",
      [([], Double(link.unknownOutcomes))])
    text.gauge(
      "andon_central_lag_seconds", "How long the oldest commit waits that the database does not have.",
      samples { $0.lag(nowMs: nowMs) })
    text.gauge(
      "andon_central_backlog_bytes", "What waits in the site's file for the central database.",
      samples { Double($0.backlogBytes) })
    text.gauge(
      "andon_central_backlog_limit_bytes", "At most so much waits; more is read from the tables later.",
      samples { Double($0.backlogLimitBytes) })
    text.gauge(
      "andon_central_backfills", "Ranges that are read from the tables for the central database.",
      samples { Double($0.backfills) })
    text.gauge(
      "andon_central_refused_rows_total", "Rows that the central database refused.", type: "counter",
      samples { Double($0.refusedRows) })
    text.gauge(
      "andon_central_regressed_timestamp_seconds",
      "When the central database last knew less than it had acknowledged.",
      samples { $0.regressedMs.map { Double($0) / 1000 } })
    text.gauge(
      "andon_central_epoch", "Under which number this bridge holds the site: it grows with each take-over.",
      samples { $0.epoch.map(Double.init) })
    text.gauge(
      "andon_central_site_state", "1 for what became of the last attempt, else 0.",
      sites.flatMap { site in
        site.central.map { central in
          SiteCentralStatus.State.allCases.map { state in
            ([("site", site.siteID), ("state", state.rawValue)], state == central.state ? 1 : 0)
          }
        } ?? []
      })
  }

  private func samples(_ value: (SiteCentralStatus) -> Double?) -> [([(String, String)], Double)] {
    sites.compactMap { site in
      site.central.flatMap(value).map { ([("site", site.siteID)], $0) }
    }
  }
}
