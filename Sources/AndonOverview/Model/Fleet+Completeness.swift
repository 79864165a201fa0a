extension Fleet {
  /// A site is taken away, and its summary is doubted, only after it was asked for so often.
  static let askings = 2
  /// The same after a connection that brought far fewer sites than were known: its broker may still be loading.
  static let doubtfulAskings = 6
  /// Below so many sites no connection is doubtful.
  static let fewSites = 20

  /// No retained message came for a while: what did not come again is asked for, then it is gone.
  package mutating func complete(broker: Int) {
    brokers[broker].isComplete = true
    let generation = brokers[broker].generation
    var (known, came) = (0, 0)
    for (key, entry) in sites where key.broker == broker {
      guard entry.site.hasValues else { continue }
      known += 1
      if entry.site.hasValue(of: generation) { came += 1 }
      changed.insert(key)
    }
    brokers[broker].isDoubtful = known >= Self.fewSites && came * 2 < known
    sweepBridges(broker)
  }

  /// Sites of a broker that are to be asked for again: something of them did not come with this connection, or their open
  /// alerts are not all known. Not those that are at a bound. In no order; O(sites).
  package func sitesToAsk(broker: Int) -> [String] {
    guard brokers[broker].isComplete else { return [] }
    let generation = brokers[broker].generation
    let hasRoom = bytes < limits.bytes
    return sites.values.lazy.map(\.site).filter { site in
      guard site.key.broker == broker else { return false }
      if site.isStale(before: generation) { return true }
      return hasRoom && site.alerts.count < self.limits.alerts && !self.hasAllAlerts(site)
    }.map(\.key.site)
  }

  /// All that the broker keeps of these sites has come: what it did not bring no longer exists, and what the summary of
  /// their alerts counts beyond them are no topics.
  package mutating func asked(broker: Int, sites ids: [String]) {
    let generation = brokers[broker].generation
    for id in ids {
      let key = FleetKey(broker: broker, site: id)
      guard let site = sites[key]?.site else { continue }
      let count = (site.asked.map { $0.generation == generation ? $0.value : 0 } ?? 0) + 1
      sites[key]?.site.asked = Kept(value: count, generation: generation)
      if count >= (brokers[broker].isDoubtful ? Self.doubtfulAskings : Self.askings) {
        for topic in sites[key]?.site.sweep(before: generation) ?? [] { record(nil, key, topic) }
      }
      touch(key)
    }
    guard brokers[broker].isDoubtful else { return }
    let isOpen = sites.values.contains { $0.key.broker == broker && $0.site.isStale(before: generation) }
    if isOpen { return }
    brokers[broker].isDoubtful = false
    sweepBridges(broker)
  }

  /// Forgets the bridges that this connection did not bring.
  private mutating func sweepBridges(_ broker: Int) {
    guard !brokers[broker].isDoubtful else { return }
    let generation = brokers[broker].generation
    for key in bridges.keys where key.broker == broker {
      guard var bridge = bridges[key] else { continue }
      if let kept = bridge.availability, kept.generation < generation { bridge.availability = nil }
      if let kept = bridge.heartbeat, kept.generation < generation { bridge.heartbeat = nil }
      set(bridge, key)
      if bridge.heartbeat == nil { claim([], of: key) }
    }
  }

  /// Whether a site's alerts are all known, as far as its summary tells. A summary counts two model versions of a camera
  /// twice, and an old bridge has none: after the site was asked for in vain, nothing is missing.
  func isWhole(_ site: FleetSite) -> Bool {
    hasAllAlerts(site) || (wasAsked(site) && site.alerts.count < limits.alerts)
  }

  func hasAllAlerts(_ site: FleetSite) -> Bool {
    guard let summary = site.summary?.value else { return false }
    let known = known(site)
    return summary.active <= known.active && summary.unacked <= known.unacked
  }

  private func wasAsked(_ site: FleetSite) -> Bool {
    guard let asked = site.asked else { return false }
    return asked.generation == brokers[site.key.broker].generation && asked.value >= Self.askings
  }

  /// What the alerts of a site's list are.
  func known(_ site: FleetSite) -> (active: Int, unacked: Int, severity: Int64) {
    var (active, unacked, severity) = (0, 0, Int64(0))
    for alert in site.alerts.values {
      if alert.value.state != .returned { active += 1 }
      if alert.value.isUnacked { unacked += 1 }
      severity = max(severity, alert.value.severity)
    }
    return (active, unacked, severity)
  }
}
