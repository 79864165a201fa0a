import AndonAccess
import AndonCore
package import AndonPublish
import AndonRuntime
package import AndonStatus
import AndonStore
import CoreMetrics
import Metrics

/// Everything in `/metrics`: what ingest loops and the listener measured as it happened, and snapshots taken
/// at the scrape.
package final class BridgeMetrics: Sendable {
  package let registry = PrometheusRegistry()
  /// The current figures of all sites.
  package let gauges = KPIGauges()
  private let publishQueue: PublishQueues
  private let startedAtMs: Int64

  package init(publishQueue: PublishQueues, startedAtMs: Int64) {
    self.publishQueue = publishQueue
    self.startedAtMs = startedAtMs
    let helps = [
      "andon_commit_duration_seconds": "Time from a batch's first byte to its commit on disk.",
      "andon_batch_entries": "Events and notices in one commit.",
      "andon_session_retries_total": "Times a site had to begin its broker session anew.",
      "andon_rejections_total": "Rejected events by reason since the start.",
      "andon_kpi_tick_duration_seconds": "Time to compute and hand over a site's KPIs.",
      "andon_http_requests_total": "Answered HTTP requests.",
      "andon_http_request_duration_seconds": "Time to answer, streams left out.",
    ]
    for (name, help) in helps { registry.describe(name, help) }
  }

  package func site(_ id: String) -> SiteMetrics { SiteMetrics(site: id, factory: registry) }

  package func answered(_ endpoint: String, status: Int, took: Duration?) {
    Counter(
      label: "andon_http_requests_total", dimensions: [("endpoint", endpoint), ("status", "\(status)")],
      factory: registry
    ).increment()
    guard let took else { return }
    Timer(
      label: "andon_http_request_duration_seconds", dimensions: [("endpoint", endpoint)], factory: registry
    ).recordNanoseconds(Int64(took / .nanoseconds(1)))
  }

  func render(_ services: APIServices, for caller: Caller) -> String {
    var text = PrometheusText()
    if let fleet = services.fleet { return render(fleet, services, for: caller) }
    text.gauge(
      "andon_build_info", "Always 1; the labels say what runs.",
      [([("version", AndonVersion.text), ("bridge", services.board.bridgeID)], 1)])
    config(services.board.config, into: &text)
    let snapshot = services.board.snapshot.filter { caller.sees($0.siteID) }
    sites(snapshot, nowMs: services.clock.nowMs, into: &text)
    gauges.keep(only: services.board.siteIDs)
    figures(Set(snapshot.map(\.siteID)), nowMs: services.clock.nowMs, into: &text)
    notify(snapshot, services.board.heartbeat, nowMs: services.clock.nowMs, into: &text)
    if caller.sites == nil { MembershipMetrics.render(services.board.fleet, into: &text) }
    CentralMetrics(link: services.board.central, sites: snapshot, nowMs: services.clock.nowMs).render(
      into: &text)
    text.gauge(
      "andon_publisher_connected", "1 while the connection stands that publishes KPIs and alerts.",
      [([], services.board.publisher.connection.isConnected ? 1 : 0)])
    text.gauge(
      "andon_publish_queue_depth", "Publications that wait to be sent.", [([], Double(publishQueue.depth))])
    text.gauge(
      "andon_publish_dropped_total", "Notices dropped because the queue was full.", type: "counter",
      [([], Double(publishQueue.droppedNotices))])
    text.gauge(
      "andon_publish_refused_total", "Publications that the broker or the client library refused.",
      type: "counter", [([], Double(publishQueue.refusedCount))])
    text.gauge(
      "andon_unlisted_sites", "Sites that cameras publish to and that are not configured.",
      [([], Double(services.board.unlistedSites.count))])
    listener(services, into: &text)
    process(services.process.sample(), into: &text)
    registry.render(into: &text) { $0.map(caller.sees) ?? true }
    return text.text
  }

  /// Of `andon overview`.
  private func render(_ fleet: FleetServices, _ services: APIServices, for caller: Caller) -> String {
    var text = PrometheusText()
    text.gauge(
      "andon_build_info", "Always 1; the labels say what runs.",
      [([("version", AndonVersion.text), ("bridge", services.board.bridgeID)], 1)])
    FleetMetrics.render(fleet, for: caller, into: &text)
    listener(services, into: &text)
    let sample = services.process.sample()
    text.gauge(
      "process_cpu_seconds_total", "User and system time.", type: "counter",
      [([], Double(sample.cpuMs) / 1000)])
    text.gauge("process_resident_memory_bytes", "Resident memory.", [([], Double(sample.residentBytes))])
    registry.render(into: &text)
    return text.text
  }

  private func listener(_ services: APIServices, into text: inout PrometheusText) {
    text.gauge("andon_stream_clients", "Open event streams.", [([], Double(services.hub.clientCount))])
    text.gauge(
      "andon_stream_slow_clients_total", "Streams cut because their reader did not keep up.", type: "counter",
      [([], Double(services.hub.slowClients))])
    text.gauge(
      "andon_http_refused_total", "Requests and connections that were refused, by reason.", type: "counter",
      services.refusals.totals.map { ([("reason", $0.reason)], Double($0.count)) })
  }

  /// Each received event has exactly one of these outcomes.
  private static let outcomes: [(String, @Sendable (OutcomeCounters) -> Int64)] = [
    ("stored", { $0.stored }), ("low_confidence", { $0.lowConfidence }), ("duplicate", { $0.duplicate }),
    ("rejected", { $0.rejected }),
  ]
  private static let statistics: [(String, String, @Sendable (OutcomeCounters) -> Int64)] = [
    ("andon_events_received_total", "Received events: the sum of their outcomes.", { $0.received }),
    ("andon_event_conflicts_total", "Duplicates that differ from the stored event.", { $0.conflict }),
    ("andon_messages_ignored_total", "Empty and retained messages, which are no events.", { $0.ignored }),
    ("andon_quarantine_dropped_total", "Quarantine rows that made room.", { $0.quarantineDropped }),
    ("andon_quarantine_replayed_total", "Quarantine rows that were replayed.", { $0.quarantineReplayed }),
    ("andon_quarantine_purged_total", "Quarantine rows that a person deleted.", { $0.quarantinePurged }),
  ]

  private func sites(_ sites: [SiteStatus], nowMs: Int64, into text: inout PrometheusText) {
    ingest(sites, nowMs: nowMs, into: &text)
    delivery(sites, into: &text)
    store(sites, into: &text)
    cameras(sites, nowMs: nowMs, into: &text)
  }

  private func ingest(_ sites: [SiteStatus], nowMs: Int64, into text: inout PrometheusText) {
    text.gauge(
      "andon_events_total", "Outcomes of received events since the site's file was made.", type: "counter",
      sites.flatMap { site in
        Self.outcomes.map { name, value in
          ([("site", site.siteID), ("outcome", name)], Double(value(site.counters)))
        }
      })
    for (name, help, value) in Self.statistics {
      text.gauge(name, help, type: "counter", sites.samples { Double(value($0.counters)) })
    }
    text.gauge(
      "andon_session_connected", "1 while the site has its broker session.",
      sites.samples { $0.isConnected ? 1 : 0 })
    text.gauge(
      "andon_session_present", "1 when the broker had kept the session at the last connect.",
      sites.samples { $0.sessionPresent ? 1 : 0 })
    text.gauge(
      "andon_site_held", "1 while trouble keeps the site from working.",
      sites.samples { $0.trouble == nil ? 0 : 1 }
    )
    text.gauge(
      "andon_last_commit_timestamp_seconds", "When the site last committed.",
      sites.samples { $0.lastCommitMs.map { Double($0) / 1000 } })
    text.gauge(
      "andon_last_commit_age_seconds", "Time since the site last committed.",
      sites.samples { $0.lastCommitMs.map { Double(nowMs - $0) / 1000 } })
    text.gauge(
      "andon_ingest_lag_seconds", "Received minus timestamp of the newest event of the last batch.",
      sites.samples { $0.lagMs.map { Double($0) / 1000 } })
  }

  private func delivery(_ sites: [SiteStatus], into text: inout PrometheusText) {
    text.gauge(
      "andon_sparkplug_connected", "1 while the site's Sparkplug connection stands.",
      sites.samples { $0.sparkplug.map { $0.isConnected ? 1 : 0 } })
    text.gauge(
      "andon_sparkplug_unreadable_total", "Sparkplug commands and states that could not be read.",
      type: "counter", sites.samples { $0.sparkplug == nil ? nil : Double($0.sparkplugUnreadable) })
    text.gauge(
      "andon_outbox_rows", "Rows of alert_event that wait for the broker.",
      sites.samples { Double($0.outbox.rows) })
    text.gauge(
      "andon_outbox_refused_total", "Rows of alert_event that the broker refused, repeated ones included.",
      type: "counter", sites.samples { Double($0.outbox.refused) })
    text.gauge(
      "andon_outbox_dropped_total", "Rows of alert_event that made room: the broker took none for too long.",
      type: "counter", sites.samples { Double($0.outbox.dropped) })
  }

  private func notify(
    _ sites: [SiteStatus], _ heartbeat: NotifyHeartbeatStatus?, nowMs: Int64, into text: inout PrometheusText
  ) {
    func samples(_ value: (NotifyStatus.Route) -> Double?) -> [([(String, String)], Double)] {
      sites.flatMap { site in
        site.notify.routes.compactMap { route in
          value(route).map { ([("site", site.siteID), ("route", route.id)], $0) }
        }
      }
    }
    text.gauge(
      "andon_notify_waiting", "Notifications that are due, by route.", samples { Double($0.waiting) })
    text.gauge(
      "andon_notify_oldest_age_seconds", "Age of the oldest notification that is due; 0 without one.",
      samples { $0.oldestMs.map { Double(max(0, nowMs - $0)) / 1000 } ?? 0 })
    text.gauge(
      "andon_notify_failing", "1 while a receiver takes nothing.", samples { $0.error == nil ? 0 : 1 })
    text.gauge(
      "andon_notify_delivered_total", "Notifications that the receiver took since the start.",
      type: "counter",
      samples { Double($0.delivered) })
    text.gauge(
      "andon_notify_failures_total", "Attempts that failed since the start.", type: "counter",
      samples { Double($0.failures) })
    text.gauge(
      "andon_notify_refused_total", "Notifications that the receiver refused for a day.", type: "counter",
      samples { Double($0.refused) })
    text.gauge(
      "andon_notify_dropped_total", "Notifications that were deleted unsent since the start.",
      type: "counter",
      sites.samples { $0.notify.routes.isEmpty ? nil : Double($0.notify.dropped) })
    guard let heartbeat else { return }
    text.gauge(
      "andon_heartbeat_timestamp_seconds", "When the dead-man's switch last answered well.",
      heartbeat.sentMs.map { [([], Double($0) / 1000)] } ?? [])
    text.gauge(
      "andon_heartbeat_failures_total", "Calls of the dead-man's switch that failed.", type: "counter",
      [([], Double(heartbeat.failures))])
  }

  private func store(_ sites: [SiteStatus], into text: inout PrometheusText) {
    text.gauge(
      "andon_clock_doubted", "1 while the bridge's clock is in doubt, after a step.",
      sites.samples { $0.clockWarning == nil ? 0 : 1 })
    text.gauge(
      "andon_retention_held", "1 while nothing is deleted, because the clock is in doubt.",
      sites.samples { $0.retention.heldForMs > 0 ? 1 : 0 })
    text.gauge(
      "andon_retention_deleted_total", "Events deleted because of their age since the start.",
      type: "counter", sites.samples { Double($0.retention.deleted) })
    text.gauge(
      "andon_store_damage_found_total", "Stored summaries and states that did not match their checksum.",
      type: "counter", sites.samples { Double($0.damage.found) })
    text.gauge(
      "andon_store_damage_repaired_total", "Those that were computed again from the events.",
      type: "counter", sites.samples { Double($0.damage.repaired) })
    text.gauge(
      "andon_store_damaged_quarters", "Quarters of an hour with damaged rows of events, by the last audit.",
      sites.samples { Double($0.damage.quarters.count) })
  }

  /// What is missing of the cameras that number their events.
  private func numbers(_ sites: [SiteStatus], into text: inout PrometheusText) {
    func samples(_ value: (CameraSequence) -> Int64) -> [([(String, String)], Double)] {
      sites.flatMap { site in
        site.cameras.compactMap { camera in
          camera.sequence.map { ([("site", site.siteID), ("camera", camera.cameraID)], Double(value($0))) }
        }
      }
    }
    text.gauge(
      "andon_camera_events_missing", "Events that did not arrive, by their numbers, and still may.",
      samples(\.missing))
    text.gauge(
      "andon_camera_events_lost_total", "Events that did not arrive and were given up.", type: "counter",
      samples(\.lost))
  }

  private func cameras(_ sites: [SiteStatus], nowMs: Int64, into text: inout PrometheusText) {
    text.gauge(
      "andon_cameras", "Cameras by the word of their status topic.",
      sites.flatMap { site in
        CameraStatus.allCases.map { status in
          (
            [("site", site.siteID), ("status", status.rawValue)],
            Double(site.cameras.count { $0.status == status })
          )
        }
      })
    text.gauge(
      "andon_camera_at_most_once",
      "1 for a camera that sent with QoS 0 within a day, 0 for one that used to.",
      sites.flatMap { site in
        site.cameras.filter { $0.qos0Received > 0 }.map {
          ([("site", site.siteID), ("camera", $0.cameraID)], $0.isAtMostOnce(atMs: nowMs) ? 1 : 0)
        }
      })
    numbers(sites, into: &text)
    text.gauge(
      "andon_cameras_out_of_service", "Cameras that a person took out of service: they have no alerts.",
      sites.samples { Double($0.cameras.count { $0.outOfService != nil }) })
    text.gauge(
      "andon_cameras_without_events", "Cameras of which there is a status and never was an event.",
      sites.samples { Double($0.cameras.count(where: \.isGhost)) })
    text.gauge(
      "andon_alerts", "Alerts by state.",
      sites.flatMap { site in
        [
          ([("site", site.siteID), ("state", "active")], Double(site.alarmsActive)),
          ([("site", site.siteID), ("state", "pending")], Double(site.alarmsPending)),
        ]
      })
  }

  /// The figures of the open windows; never of workers.
  private func figures(_ sites: Set<String>, nowMs: Int64, into text: inout PrometheusText) {
    for definition in KPIDefinition.all where KPIGauges.metrics.contains(definition.metric) {
      // Prometheus writes units out.
      let name = definition.metric.rawValue
      let word = name.hasSuffix("_s") ? name.dropLast(2) + "_seconds" : name
      text.gauge(
        "andon_kpi_\(word)", "Of the open window: \(definition.formula).",
        gauges.samples(definition.metric, of: sites, nowMs: nowMs))
    }
    text.gauge(
      "andon_kpi_quality", "Of these figures: 192 good, 64 uncertain, 500 stale, 0 no data.",
      gauges.qualities(of: sites, nowMs: nowMs))
    text.gauge(
      "andon_kpi_left_out", "Records that are too many for this page: it shows 1000 a site.",
      gauges.leftOut(of: sites))
  }

  private func config(_ status: ConfigStatus, into text: inout PrometheusText) {
    text.gauge(
      "andon_config_last_reload_successful", "0 while the configuration file holds a mistake that was seen.",
      [([], status.error == nil ? 1 : 0)])
    text.gauge(
      "andon_config_last_reload_success_timestamp_seconds", "When the configuration in force was read.",
      [([], Double(status.loadedAtMs) / 1000)])
    text.gauge(
      "andon_config_reloads_total", "Times the configuration was read again, by what came of it.",
      type: "counter",
      [([("result", "ok")], Double(status.reloads)), ([("result", "failed")], Double(status.failedReloads))])
    text.gauge(
      "andon_config_needs_restart", "Changed keys that wait for the next start of the process.",
      [([], Double(status.needsRestart.count))])
  }

  private func process(_ sample: ProcessUse.Sample, into text: inout PrometheusText) {
    text.gauge(
      "andon_disk_free_bytes", "Free on the file system of the data folder.",
      [([], Double(sample.diskFreeBytes))])
    text.gauge("andon_store_bytes", "Size of all sites' files.", [([], Double(sample.storeBytes))])
    text.gauge(
      "process_cpu_seconds_total", "User and system time.", type: "counter",
      [([], Double(sample.cpuMs) / 1000)])
    text.gauge("process_resident_memory_bytes", "Resident memory.", [([], Double(sample.residentBytes))])
    text.gauge("process_open_fds", "Open file descriptors.", [([], Double(sample.openFiles))])
    text.gauge(
      "process_start_time_seconds", "When the bridge started.", [([], Double(startedAtMs) / 1000)])
  }
}

extension [SiteStatus] {
  /// One sample a site, labelled with the site, without the sites that have no value.
  fileprivate func samples(_ value: (SiteStatus) -> Double?) -> [([(String, String)], Double)] {
    compactMap { site in value(site).map { ([("site", site.siteID)], $0) } }
  }
}
