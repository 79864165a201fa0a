import AndonCore

/// What is known of one site: the newest value of each of its topics.
struct FleetSite: Sendable {
  let key: FleetKey
  var figures: [WindowKind: Kept<FleetFigures>] = [:]
  var summary: Kept<FleetSummary>?
  var name: Kept<FleetMessage.SiteName>?
  /// By `{class}/{source}`; only open ones.
  var alerts: [String: Kept<OpenAlert>] = [:]
  /// The bridges that say that they serve it, by id.
  var bridges: Set<String> = []
  /// When the newest figures came, epoch milliseconds of this machine; of retained ones, when they were computed. Nil
  /// before the first.
  var seenMs: Int64?
  /// How often the broker was asked again for it, with its connection.
  var asked: Kept<Int>?
  /// Estimated, of its alerts and its name.
  var bytes = 0

  init(key: FleetKey) { self.key = key }

  /// Nothing says any more that it exists.
  var isGone: Bool {
    figures.isEmpty && summary == nil && name == nil && alerts.isEmpty && bridges.isEmpty
  }

  /// Whether a retained topic says something of it, beside bridges' heartbeats.
  var hasValues: Bool { !figures.isEmpty || summary != nil || name != nil || !alerts.isEmpty }

  /// Whether a connection or a later one brought something of it.
  func hasValue(of generation: Int) -> Bool {
    figures.values.contains { $0.generation >= generation } || (summary?.generation ?? -1) >= generation
      || (name?.generation ?? -1) >= generation || alerts.values.contains { $0.generation >= generation }
  }

  /// Whether something of it was brought by an earlier connection only.
  func isStale(before generation: Int) -> Bool {
    figures.values.contains { $0.generation < generation } || (summary?.generation ?? .max) < generation
      || (name?.generation ?? .max) < generation || alerts.values.contains { $0.generation < generation }
  }

  /// The figures that the tile shows: of the open shift, else of the day, else of the hour.
  func shown(nowMs: Int64) -> FleetFigures? {
    if let shift = figures[.shift]?.value, nowMs < shift.endMs { return shift }
    return figures[.day]?.value ?? figures[.hour]?.value ?? figures[.shift]?.value
  }

  /// Forgets what the connection before brought, and this one did not. Returns the topics of the alerts that are gone.
  mutating func sweep(before generation: Int) -> [String] {
    figures = figures.filter { $0.value.generation >= generation }
    if figures.isEmpty { seenMs = nil }
    if let kept = summary, kept.generation < generation { summary = nil }
    if let kept = name, kept.generation < generation { name = nil }
    let gone = alerts.filter { $0.value.generation < generation }.keys
    for topic in gone { alerts[topic] = nil }
    return Array(gone)
  }

  func alert(_ topic: String) -> FleetAlert? {
    alerts[topic].map { FleetAlert(key: key, topic: topic, open: $0.value) }
  }
}
