import AndonCore

/// All sites of all brokers in memory: the newest value of each retained topic, within bounds.
///
/// A broker keeps the order of the messages of one topic (MQTT 5, 4.6), so the newest value is the one that came last; the
/// order among topics does not matter. Not thread-safe: `FleetBoard` guards it.
package struct Fleet: Sendable {
  let limits: FleetLimits
  package internal(set) var brokers: [BrokerState]
  private let decoders: [FleetDecoder]
  /// With `{site}` in place of the site's id; nil: no link.
  let dashboards: [String?]
  package internal(set) var sites: [FleetKey: FleetSiteEntry] = [:]
  /// By broker and bridge id.
  var bridges: [FleetKey: FleetBridge] = [:]
  package private(set) var counters = FleetCounters()
  /// Estimated bytes of all sites, alerts, names, bridges and their claims.
  package private(set) var bytes = 0
  /// Sites whose tiles must be made again.
  var changed: Set<FleetKey> = []
  /// Alerts that changed since the last update; nil for one that is over.
  var changedAlerts: [FleetKey: [String: FleetAlert?]] = [:]
  var goneSites: [FleetKey] = []
  /// The last site that was told, of changed states and of mere figures: the next update begins behind it.
  var lastTold: (state: FleetKey?, figures: FleetKey?) = (nil, nil)
  /// Answers to commands that came since the last time.
  private var answers: [SiteAnswer] = []

  /// An answer to a command, with the site whose topic it came on.
  package typealias SiteAnswer = (key: FleetKey, answer: CommandAnswer)

  /// Estimated bytes of a site without its name and alerts: a value in a dictionary, its figures, its tile and its JSON.
  static let siteBytes = 2200

  /// - Parameter brokers: name, topic root and address of the sites' dashboards of each.
  package init(brokers: [(name: String, root: String, dashboard: String?)], limits: FleetLimits) {
    self.limits = limits
    self.brokers = brokers.map { BrokerState(name: $0.name) }
    decoders = brokers.map { FleetDecoder(root: $0.root) }
    dashboards = brokers.map(\.dashboard)
  }

  // MARK: Connections

  /// The broker accepted the connection; what it keeps comes next.
  package mutating func connected(broker: Int, nowMs: Int64) {
    brokers[broker].generation += 1
    (brokers[broker].isConnected, brokers[broker].isComplete) = (true, false)
    brokers[broker].isDoubtful = false
    (brokers[broker].trouble, brokers[broker].sinceMs) = (nil, nowMs)
  }

  /// What was read stays, and its sites are offline.
  package mutating func disconnected(broker: Int, trouble: String, nowMs: Int64) {
    if brokers[broker].isConnected { brokers[broker].sinceMs = nowMs }
    (brokers[broker].isConnected, brokers[broker].trouble) = (false, trouble)
  }

  /// A subscription was refused.
  package mutating func refused(broker: Int, trouble: String) { brokers[broker].trouble = trouble }

  /// The answers to commands, which leave here.
  package mutating func takeAnswers() -> [SiteAnswer] {
    defer { answers = [] }
    return answers
  }

  // MARK: Messages

  /// Applies one message. Cost: O(bytes).
  @discardableResult
  package mutating func apply(
    broker: Int, topic: String, payload: Span<UInt8>, isRetained: Bool, nowMs: Int64
  ) -> FleetOutcome {
    let outcome: FleetOutcome
    do throws(FleetDecoder.Refusal) {
      outcome = apply(
        try decoders[broker].decode(topic, payload), broker: broker, isRetained: isRetained, nowMs: nowMs)
    } catch {
      outcome =
        switch error {
        case .unreadable: .unreadable
        case .tooLarge: .tooLarge
        case .ignored: .ignored
        }
    }
    counters.count(outcome)
    return outcome
  }

  private mutating func apply(
    _ message: FleetMessage, broker: Int, isRetained: Bool, nowMs: Int64
  ) -> FleetOutcome {
    let generation = brokers[broker].generation
    func key(_ id: String) -> FleetKey { FleetKey(broker: broker, site: id) }
    switch message {
    case .figures(let id, let figures):
      // The clock of a bridge may be wrong; a message that comes now is of now.
      let seenMs = isRetained ? min(figures.timestampMs, nowMs) : nowMs
      return change(key(id)) { site in
        site.figures[figures.window] = Kept(value: figures, generation: generation)
        site.seenMs = max(site.seenMs ?? seenMs, seenMs)
        return .taken
      }
    case .noFigures(let id, let window):
      guard let kind = WindowKind(rawValue: window) else { return .ignored }
      return change(key(id), creates: false) { site in
        site.figures[kind] = nil
        if site.figures.isEmpty { site.seenMs = nil }
        return .taken
      }
    case .summary(let id, let summary):
      return change(key(id), creates: summary != nil) { site in
        site.summary = summary.map { Kept(value: $0, generation: generation) }
        return .taken
      }
    case .name(let id, let name):
      return change(key(id), creates: name != nil) { site in
        site.name = name.map { Kept(value: $0, generation: generation) }
        return .taken
      }
    case .alert(let id, let topic, let alert): return apply(alert, topic, key(id), generation)
    case .availability(let id, let isOnline):
      return changeBridge(key(id)) {
        $0.availability = isOnline.map { Kept(value: $0, generation: generation) }
      }
    case .heartbeat(let id, let heartbeat):
      let outcome = changeBridge(key(id)) {
        $0.heartbeat = heartbeat.map { Kept(value: $0, generation: generation) }
      }
      guard outcome == .taken else { return outcome }
      return claim(heartbeat?.sites ?? [], of: key(id)) ? .taken : .overLimit
    case .commandResult(let id, let answer):
      // Of other people's commands there may be many.
      if answers.count < 1000 { answers.append((key(id), answer)) }
      return .taken
    }
  }

  private mutating func apply(
    _ alert: OpenAlert?, _ topic: String, _ key: FleetKey, _ generation: Int
  ) -> FleetOutcome {
    guard let alert else {
      let wasOpen = sites[key]?.site.alerts[topic] != nil
      let outcome = change(key, creates: false) { site in
        site.alerts[topic] = nil
        return .taken
      }
      if wasOpen { record(nil, key, topic) }
      return outcome
    }
    let (limit, bytesLimit, bytes) = (limits.alerts, limits.bytes, bytes)
    // A broker that is asked again sends the same again: clients need not hear of it.
    let isKnown = sites[key]?.site.alerts[topic]?.value == alert
    let outcome = change(key) { site in
      if site.alerts[topic] == nil {
        guard bytes < bytesLimit, site.alerts.count < limit else { return .overLimit }
      }
      site.alerts[topic] = Kept(value: alert, generation: generation)
      return .taken
    }
    if outcome == .taken, !isKnown { record(sites[key]?.site.alert(topic), key, topic) }
    return outcome
  }

  mutating func record(_ alert: FleetAlert?, _ key: FleetKey, _ topic: String) {
    changedAlerts[key, default: [:]].updateValue(alert, forKey: topic)
  }

  /// Changes a site, makes it where it is missing and there is room, and removes it when nothing is left of it.
  private mutating func change(
    _ key: FleetKey, creates: Bool = true, _ body: (inout FleetSite) -> FleetOutcome
  ) -> FleetOutcome {
    if sites[key] == nil {
      // What takes something away from a site that is not known has nothing to do.
      guard creates else { return .taken }
      guard sites.count < limits.sites, bytes < limits.bytes else { return .overLimit }
      bytes += Self.siteBytes
    }
    let outcome = body(&sites[key, default: FleetSiteEntry(site: FleetSite(key: key))].site)
    touch(key)
    return outcome
  }

  /// Counts a site's bytes again, and removes it when nothing is left of it.
  mutating func touch(_ key: FleetKey) {
    guard let site = sites[key]?.site else { return }
    if site.isGone {
      sites[key] = nil
      bytes -= Self.siteBytes + site.bytes
      changed.remove(key)
      goneSites.append(key)
      return
    }
    let own =
      (site.name?.value.name.utf8.count ?? 0)
      + site.alerts.reduce(0) { $0 + $1.key.utf8.count + $1.value.value.bytes }
    bytes += own - site.bytes
    if own != site.bytes { sites[key]?.site.bytes = own }
    changed.insert(key)
  }

  private mutating func changeBridge(
    _ key: FleetKey, _ body: (inout FleetBridge) -> Void
  ) -> FleetOutcome {
    var bridge = bridges[key] ?? FleetBridge()
    body(&bridge)
    let before = bridges[key]
    guard before != nil || bridge.isGone || bridges.count < limits.bridges else { return .overLimit }
    // What takes something away needs no room.
    guard bytes < limits.bytes || bridge.bytes <= before?.bytes ?? 0 else { return .overLimit }
    set(bridge, key)
    return .taken
  }

  /// Keeps a bridge as it is now, or forgets it. Its claims stay as they are: one without a heartbeat must have none.
  mutating func set(_ bridge: FleetBridge, _ key: FleetKey) {
    bytes += bridge.bytes - (bridges[key]?.bytes ?? 0)
    // Without a heartbeat its claims are given up next.
    bridges[key] = bridge.isGone && bridge.claims.isEmpty ? nil : bridge
  }

  /// Records which sites a bridge serves; false when there is no room for one of them. O(sites of the bridge).
  @discardableResult
  mutating func claim(_ ids: [String], of bridge: FleetKey) -> Bool {
    guard let claims = bridges[bridge]?.claims else { return ids.isEmpty }
    let wanted = Set(ids)
    for id in claims.subtracting(wanted) {
      let key = FleetKey(broker: bridge.broker, site: id)
      bridges[bridge]?.claims.remove(id)
      bytes -= FleetBridge.claimBytes
      sites[key]?.site.bridges.remove(bridge.site)
      touch(key)
    }
    var hasRoom = true
    for id in wanted.subtracting(claims) {
      guard bytes < limits.bytes else { return false }
      let outcome = change(FleetKey(broker: bridge.broker, site: id)) { site in
        site.bridges.insert(bridge.site)
        return .taken
      }
      guard outcome == .taken else {
        hasRoom = false
        continue
      }
      bridges[bridge]?.claims.insert(id)
      bytes += FleetBridge.claimBytes
    }
    if let left = bridges[bridge], left.isGone { bridges[bridge] = nil }
    return hasRoom
  }
}
