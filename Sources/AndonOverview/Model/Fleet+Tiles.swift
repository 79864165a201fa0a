package import AndonCore

extension Fleet {
  /// Makes the tiles again whose site or state changed, and returns what clients must be told: a state at once, figures at
  /// most every `figuresEveryMs`. At most `limit` sites at once; the others come with the next update. O(sites).
  package mutating func update(nowMs: Int64, limit: Int = .max) -> FleetChange {
    var change = FleetChange()
    for key in Array(sites.keys) where change.sites.count < limit {
      guard var entry = sites[key] else { continue }
      let (state, reason, detail) = condition(entry.site, nowMs: nowMs)
      let before = entry.tile
      let isSame = before?.state == state && before?.reason == reason && before?.detail == detail
      guard changed.contains(key) || !isSame else { continue }
      // A clock that was set back must not hold the figures for long.
      let isDue = nowMs - entry.toldMs >= limits.figuresEveryMs || nowMs < entry.toldMs
      if isSame, !isDue, before?.pressing == pressing(entry.site, state, reason, detail) { continue }
      let tile = tile(entry.site, state, reason, detail, nowMs: nowMs)
      changed.remove(key)
      guard tile != before else { continue }
      entry.tile = tile
      entry.json = SiteTile.payload.json(tile, capacity: 640)
      entry.toldMs = nowMs
      sites[key] = entry
      change.sites.append(.init(key: key, json: entry.json))
    }
    change.alerts = takeAlerts()
    change.gone = goneSites.filter { sites[$0] == nil }.map { key in
      .init(key: key, json: Self.gonePayload.json((key, brokers[key.broker].name), capacity: 64))
    }
    goneSites = []
    return change
  }

  /// A site that is gone, on the stream.
  package static let gonePayload = PayloadTable<(key: FleetKey, broker: String)>(
    "A site that is gone, on the stream.",
    [
      .required("site_id", .identifier("The site")) { $0.key.site },
      .required("broker", .identifier("The broker")) { $0.broker },
    ])

  private mutating func takeAlerts() -> [FleetChange.Alert] {
    defer { changedAlerts = [:] }
    var told: [FleetChange.Alert] = []
    for (key, alerts) in changedAlerts {
      for (topic, alert) in alerts {
        let view =
          alert.map { self.view($0) }
          ?? AlertView(
            alert: FleetAlert(
              key: key, topic: topic, alertID: "\(key.site)/\(topic)", state: .returned, severity: 0),
            broker: brokers[key.broker].name, siteName: siteName(key), isOpen: false)
        told.append(.init(key: key, json: AlertView.payload.json(view)))
      }
    }
    return told
  }

  private func siteName(_ key: FleetKey) -> String { sites[key]?.site.name?.value.name ?? key.site }

  private func view(_ alert: FleetAlert) -> AlertView {
    AlertView(alert: alert, broker: brokers[alert.key.broker].name, siteName: siteName(alert.key))
  }

  /// All open alerts of the sites that `isShown` accepts, the worst first, at most `limit`; and how many there are.
  package func openAlerts(limit: Int, where isShown: (FleetKey, String) -> Bool) -> (
    views: [AlertView], count: Int
  ) {
    var all: [FleetAlert] = []
    for (key, entry) in sites where isShown(key, entry.site.name?.value.name ?? key.site) {
      for topic in entry.site.alerts.keys {
        if let alert = entry.site.alert(topic) { all.append(alert) }
      }
    }
    all.sort(by: FleetAlert.isWorse)
    return (all.prefix(limit).map(view), all.count)
  }

  /// Whether the alert is open here.
  package func hasAlert(_ id: String, _ key: FleetKey) -> Bool {
    sites[key]?.site.alerts.values.contains { $0.value.alertID == id } ?? false
  }

  private func pressing(
    _ site: FleetSite, _ state: SiteState, _ reason: StateReason, _ detail: String?
  ) -> SiteTile.Pressing {
    let counts = counts(site)
    return SiteTile.Pressing(
      state: state, reason: reason, detail: detail, name: site.name?.value.name ?? site.key.site,
      counts: [counts.active, counts.unacked, Int(counts.severity), counts.missing])
  }

  /// The summary knows best how many there are; the list says what they are.
  private func counts(_ site: FleetSite) -> (active: Int, unacked: Int, severity: Int64, missing: Int) {
    var (active, unacked, severity) = (0, 0, Int64(0))
    for alert in site.alerts.values {
      if alert.value.state != .returned { active += 1 }
      if alert.value.state != .ackedActive { unacked += 1 }
      severity = max(severity, alert.value.severity)
    }
    let summary = site.summary?.value
    let told = (active: Int(clamping: summary?.active ?? 0), unacked: Int(clamping: summary?.unacked ?? 0))
    let missing = max(0, told.active - active, told.unacked - unacked)
    return (
      max(active, told.active), max(unacked, told.unacked), max(severity, summary?.highestSeverity ?? 0),
      missing
    )
  }

  private func tile(
    _ site: FleetSite, _ state: SiteState, _ reason: StateReason, _ detail: String?, nowMs: Int64
  ) -> SiteTile {
    let counts = counts(site)
    return SiteTile(
      key: site.key, broker: brokers[site.key.broker].name, state: state, reason: reason, detail: detail,
      name: site.name?.value.name ?? site.key.site, timeZone: site.name?.value.timeZone,
      bridge: site.bridges.min(), seenMs: site.seenMs, figures: site.shown(nowMs: nowMs),
      active: counts.active,
      unacked: counts.unacked, severity: counts.severity, alertsMissing: counts.missing,
      dashboard: dashboards[site.key.broker]?.replacing("{site}", with: site.key.site))
  }

  // MARK: State

  private typealias Condition = (state: SiteState, reason: StateReason, detail: String?)

  /// The worst that is true of a site now.
  private func condition(_ site: FleetSite, nowMs: Int64) -> Condition {
    if let absence = absence(site, nowMs: nowMs) { return absence }
    let unacked = site.alerts.values.filter { $0.value.state != .ackedActive }
    let severity = unacked.map(\.value.severity).max() ?? 0
    if severity >= 700 { return (.critical, .alerts, nil) }
    let figures = site.shown(nowMs: nowMs)
    if nowMs - (site.seenMs ?? nowMs) > limits.staleAfterMs || figures?.quality == 500 {
      return (.stale, .old, nil)
    }
    if !unacked.isEmpty { return (.alert, .alerts, nil) }
    guard let figures else { return (.incomplete, .noData, nil) }
    if !isWhole(site), brokers[site.key.broker].isComplete {
      return (.incomplete, .alertsMissing, nil)
    }
    guard !figures.isWithheld else { return (.ok, .none, nil) }
    if figures.quality == 0 { return (.incomplete, .noData, nil) }
    if figures.quality == 64 { return (.incomplete, .coverage, nil) }
    if let gap = figures.gapUnits, gap < 0 { return (.behind, .target, nil) }
    return (.ok, .none, nil)
  }

  /// Whether all open alerts of a site are known. Bridges keep a summary for each site: without one, nothing is known of
  /// its alerts.
  private func isWhole(_ site: FleetSite) -> Bool { site.summary != nil && counts(site).missing == 0 }

  /// Sites of a broker whose alerts are not all known, in the order of their ids, at most `limit`, after `last`.
  package func incompleteSites(broker: Int, after last: String, limit: Int) -> [String] {
    guard brokers[broker].isComplete else { return [] }
    let all = sites.values.filter { $0.key.broker == broker && $0.key.site > last && !isWhole($0.site) }
    return Array(all.map(\.key.site).sorted().prefix(limit))
  }

  /// Why a site says nothing; nil when it does.
  private func absence(_ site: FleetSite, nowMs: Int64) -> Condition? {
    let broker = brokers[site.key.broker]
    guard broker.isConnected else { return (.offline, .broker, broker.trouble) }
    let own = site.bridges.sorted().map { FleetKey(broker: site.key.broker, site: $0) }
    let known = own.compactMap { key in bridges[key].map { (key.site, $0) } }
    if !known.isEmpty, known.allSatisfy({ $0.1.isOffline }) { return (.offline, .bridge, known[0].0) }
    for (_, bridge) in known where !bridge.isOffline {
      if let reason = bridge.heartbeat?.value.troubles[site.key.site] { return (.offline, .held, reason) }
    }
    guard let seenMs = site.seenMs else { return (.offline, .noFigures, nil) }
    let silentMs = nowMs - seenMs
    return silentMs > limits.staleAfterMs * FleetLimits.offlineFactor ? (.offline, .silent, nil) : nil
  }
}
