package import AndonCore

extension Fleet {
  /// Makes the tiles again whose site or state changed, and returns what clients must be told: a state at once, figures at
  /// most every `figuresEveryMs`. At most `limit` sites, changed states before figures; the others come with the next
  /// updates, each in its turn. O(sites).
  package mutating func update(nowMs: Int64, limit: Int = .max) -> FleetChange {
    var change = FleetChange()
    let due = due(nowMs)
    // Figures keep a share: without it a plant whose states never rest would hold them for ever.
    let share = min(due.figures.count, limit / 4)
    lastTold.state = tell(due.states, after: lastTold.state, limit - share, nowMs, &change)
    lastTold.figures = tell(due.figures, after: lastTold.figures, limit, nowMs, &change)
    change.alerts = takeAlerts()
    change.gone = goneSites.filter { sites[$0] == nil }.map { key in
      .init(key: key, json: Self.gonePayload.json((key, brokers[key.broker].name), capacity: 64))
    }
    goneSites = []
    return change
  }

  /// The sites whose tiles must be made again: for what must be shown at once, and for their figures only.
  private func due(_ nowMs: Int64) -> (states: [FleetKey], figures: [FleetKey]) {
    var due: (states: [FleetKey], figures: [FleetKey]) = ([], [])
    for (key, entry) in sites {
      let (state, reason, detail) = condition(entry.site, nowMs: nowMs)
      let before = entry.tile
      let isSame = before?.state == state && before?.reason == reason && before?.detail == detail
      guard changed.contains(key) || !isSame else { continue }
      if !isSame || before?.pressing != pressing(entry.site, state, reason, detail) {
        due.states.append(key)
        continue
      }
      // A clock that was set back must not hold the figures for long.
      let isTime = nowMs - entry.toldMs >= limits.figuresEveryMs || nowMs < entry.toldMs
      if isTime { due.figures.append(key) }
    }
    return due
  }

  /// Makes the tiles of these sites, as long as `change` has fewer than `limit`; where there are more, first those behind
  /// `last`. Returns the last one.
  private mutating func tell(
    _ keys: [FleetKey], after last: FleetKey?, _ limit: Int, _ nowMs: Int64, _ change: inout FleetChange
  ) -> FleetKey? {
    var keys = keys
    if keys.count > limit - change.sites.count {
      keys.sort()
      let start = last.flatMap { last in keys.firstIndex { last < $0 } } ?? 0
      keys = Array(keys[start...] + keys[..<start])
    }
    var last = last
    for key in keys where change.sites.count < limit {
      guard var entry = sites[key] else { continue }
      last = key
      let (state, reason, detail) = condition(entry.site, nowMs: nowMs)
      let tile = tile(entry.site, state, reason, detail, nowMs: nowMs)
      changed.remove(key)
      guard tile != entry.tile else { continue }
      entry.tile = tile
      entry.json = SiteTile.payload.json(tile, capacity: 640)
      entry.toldMs = nowMs
      sites[key] = entry
      change.sites.append(.init(key: key, json: entry.json))
    }
    return last
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
              key: key, topic: topic,
              open: OpenAlert(alertID: "\(key.site)/\(topic)", state: .returned, severity: 0)),
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
    let (active, unacked, severity) = known(site)
    let summary = site.summary?.value
    let told = (active: Int(clamping: summary?.active ?? 0), unacked: Int(clamping: summary?.unacked ?? 0))
    let missing = isWhole(site) ? 0 : max(0, told.active - active, told.unacked - unacked)
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
    if site.alerts.values.contains(where: \.value.isCritical) { return (.critical, .alerts, nil) }
    let figures = site.shown(nowMs: nowMs)
    if nowMs - (site.seenMs ?? nowMs) > limits.staleAfterMs || figures?.quality == 500 {
      return (.stale, .old, nil)
    }
    if site.alerts.values.contains(where: \.value.isUnacked) { return (.alert, .alerts, nil) }
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
