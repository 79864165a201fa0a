package import AndonCore

/// All figures of a window, computed for every piece of time between two instants at which anything could
/// change, directly by the rules. O(n²) and simple: written from the text of the rules, without any of the
/// code under test. The oracle that summaries are compared with.
package struct NaiveKPI {
  package struct Sighting: Sendable {
    package var event: Event
    package var cameraID: String

    package init(_ event: Event, _ cameraID: String) {
      self.event = event
      self.cameraID = cameraID
    }
  }

  /// A line of the site. Workstations without a line are planned as the window.
  package struct Line: Sendable {
    package var id: String
    package var area: String
    package var workstations: [String]
    /// Nil for a line without shifts.
    package var planned: [Range<Int64>]?
    /// Whether the line and its workstations have figures in this window.
    package var isIncluded: Bool

    package init(
      id: String, area: String, workstations: [String], planned: [Range<Int64>]?, isIncluded: Bool = true
    ) {
      (self.id, self.area, self.workstations) = (id, area, workstations)
      (self.planned, self.isIncluded) = (planned, isIncluded)
    }
  }

  /// `scope/id` and its figures; seconds in milliseconds, percentages and rates in hundredths.
  package private(set) var figures: [String: [String: Int64]] = [:]
  /// `scope/id` and everything that is not a figure.
  package private(set) var notes: [String: String] = [:]

  /// Figures with less coverage are uncertain, hundredths of a per cent: the default of `kpi.min_coverage`.
  private static let minCoverage: Int64 = 5000

  private let sightings: [Sighting]
  private let window: Window
  private let limitMs: Int64
  private let timeoutMs: Int64
  private let offline: Set<String>
  private let isFinal: Bool
  private let lines: [Line]
  private let targets: NaiveTargets
  private let siteID: String

  package init(
    _ sightings: [Sighting], window: Window, nowMs: Int64, timeoutMs: Int64, offline: Set<String> = [],
    lines: [Line] = [], isOfSite: Bool = true, targets: NaiveTargets = NaiveTargets([]), siteID: String = ""
  ) {
    (self.lines, self.targets, self.siteID) = (lines, targets, siteID)
    limitMs = max(window.startMs, min(nowMs, window.endMs))
    isFinal = nowMs >= window.endMs
    self.sightings = sightings
    self.window = window
    self.timeoutMs = timeoutMs
    self.offline = offline
    compute()
    let owned = Dictionary(
      uniqueKeysWithValues: lines.flatMap { line in line.workstations.map { ($0, line) } })
    figures = figures.filter { key, _ in
      let parts = key.split(separator: "/").map(String.init)
      switch parts[0] {
      case "workstation": return owned[parts[1]]?.isIncluded ?? isOfSite
      case "line": return lines.contains { $0.id == parts[1] && $0.isIncluded }
      default: return isOfSite
      }
    }
  }

  /// What a worker does at `ms`, according to the events up to then.
  private func doing(_ worker: [Event], at ms: Int64) -> (state: String, station: String) {
    let before = worker.filter { $0.timestampMs <= ms }
    guard let set = before.filter({ $0.kind != .productCount }).max(by: Self.isEarlier) else {
      return ("unknown", "")
    }
    let lastSign = before.map(\.timestampMs).max() ?? 0
    return ms >= lastSign + timeoutMs ? ("timed_out", "") : (set.kind.name, set.workstationID)
  }

  private mutating func compute() {
    let known = sightings.filter { $0.event.timestampMs < limitMs }
    let workers = Dictionary(grouping: known.map(\.event), by: \.workerID)
    var points = Set([window.startMs, limitMs])
    for event in known.map(\.event) { points.formUnion([event.timestampMs, event.timestampMs + timeoutMs]) }
    for pause in window.breaks { points.formUnion([pause.lowerBound, pause.upperBound]) }
    let plan = window.kind == .shift ? [window.startMs..<window.endMs] : window.planned?.spans
    for span in (plan ?? []) + lines.flatMap({ $0.planned ?? [] }) {
      points.formUnion([span.lowerBound, span.upperBound])
    }
    let lineOf = Dictionary(
      uniqueKeysWithValues: lines.flatMap { line in line.workstations.map { ($0, line) } })
    var plannedOfLine: [String: Int64] = [:]
    let instants = points.filter { $0 >= window.startMs && $0 <= limitMs }.sorted()
    var times: [String: [String: Int64]] = [:]  // worker → what → ms
    var places: [String: [String: Int64]] = [:]  // workstation → what → ms
    var plannedMs: Int64 = 0
    for (from, to) in zip(instants, instants.dropFirst()) {
      let isPlanned =
        plan?.contains { $0.contains(from) } == true && !window.breaks.contains { $0.contains(from) }
      if isPlanned { plannedMs += to - from }
      for line in lines where line.planned?.contains(where: { $0.contains(from) }) == true {
        plannedOfLine[line.id, default: 0] += to - from
      }
      var atWork: Set<String> = []
      var occupied: Set<String> = []
      for (worker, events) in workers where !worker.isEmpty {
        let (state, station) = doing(events, at: from)
        times[worker, default: [:]][state, default: 0] += to - from
        if state == "working", isPlanned {
          times[worker, default: [:]]["planned_work", default: 0] += to - from
        }
        guard state == "working" || state == "idle" else { continue }
        places[station, default: [:]]["labor", default: 0] += to - from
        occupied.insert(station)
        if state == "working" { atWork.insert(station) }
      }
      for station in occupied { places[station, default: [:]]["occupied", default: 0] += to - from }
      for station in atWork {
        places[station, default: [:]]["working", default: 0] += to - from
        let isPlannedHere =
          lineOf[station].map { $0.planned?.contains { $0.contains(from) } == true } ?? isPlanned
        if isPlannedHere { places[station, default: [:]]["planned_work", default: 0] += to - from }
      }
    }
    let inWindow = known.map(\.event).filter { $0.timestampMs >= window.startMs }
    let listed = workers.filter { worker, events in
      !worker.isEmpty
        && (inWindow.contains { $0.workerID == worker }
          || ["working", "idle", "absent"].contains { times[worker]?[$0] != nil })
    }
    let elapsed = limitMs - window.startMs
    var sums: [String: Int64] = [:]
    var utilizations: [(Int64, Int64)] = []
    var rates: [(Int64, Int64)] = []
    var states: [String] = []
    for (worker, events) in listed {
      let time = times[worker] ?? [:]
      let (working, idle) = (time["working"] ?? 0, time["idle"] ?? 0)
      let timedOut = time["timed_out"] ?? 0
      let unknown = time["unknown"] ?? 0
      let units = inWindow.filter { $0.workerID == worker }.reduce(Int64(0)) { $0 + Int64($1.count) }
      var own: [String: Int64] = [
        "elapsed_s": elapsed, "working_s": working, "idle_s": idle,
        "absent_s": (time["absent"] ?? 0) + timedOut, "timed_out_s": timedOut, "unknown_s": unknown,
        "units": units,
      ]
      own["utilization_pct"] = Self.percent(working, working + idle)
      own["coverage_pct"] = Self.percent(elapsed - timedOut - unknown, elapsed)
      own["units_per_hour"] = Self.perHour(units, working)
      if plan != nil {
        own["planned_s"] = plannedMs
        own["availability_pct"] = Self.percent(time["planned_work"] ?? 0, plannedMs)
      }
      figures["worker/\(worker)"] = own
      for (name, value) in own { sums[name, default: 0] += value }
      sums["planned_work", default: 0] += time["planned_work"] ?? 0
      if working + idle > 0 { utilizations.append((working, working + idle)) }
      if working > 0 { rates.append((units, working)) }
      let last = known.filter { $0.event.workerID == worker }
        .max { Self.isEarlier($0.event, $1.event) }
      let lastMs = last?.event.timestampMs
      let now = elapsed > 0 ? doing(events, at: limitMs - 1) : ("", "")
      // At the very end of a hold the worker is still there: the last piece of elapsed time counts.
      states.append(now.0)
      let isStale =
        limitMs - (lastMs ?? 0) > timeoutMs || (offline.contains(last?.cameraID ?? "") && !isFinal)
      let isUncertain = own["coverage_pct"].map { $0 < Self.minCoverage } ?? false
      let quality = isStale ? 500 : isUncertain ? 64 : 192
      notes["worker/\(worker)"] =
        "\(now.0 == "timed_out" ? "absent" : now.0) \(now.1) \(lastMs ?? -1) \(quality)"
    }
    let range = window.startMs..<max(window.startMs, window.endMs)
    let aimed = Set(targets.rules.filter { $0.scope == "workstation" }.map(\.id)).filter {
      !targets.figures("workstation", $0, units: [], nil, window: range, limitMs: limitMs).isEmpty
    }
    for id in Set(places.keys).union(inWindow.map(\.workstationID)).union(aimed) {
      let line = lineOf[id]
      let planned = line == nil ? plannedMs : plannedOfLine[line?.id ?? ""] ?? 0
      let hasPlan = line == nil ? window.planned != nil : line?.planned != nil
      station(id, places[id] ?? [:], workers, inWindow, plannedMs: hasPlan ? planned : nil, elapsed: elapsed)
    }
    for line in lines { group("line/\(line.id)", [line], places, workers, inWindow, plannedOfLine, elapsed) }
    for (area, lines) in Dictionary(grouping: lines, by: \.area) {
      group("area/\(area)", lines, places, workers, inWindow, plannedOfLine, elapsed)
    }
    site(
      listed.count, sums, utilizations, rates, states, inWindow, plannedMs: plannedMs, elapsed: elapsed)
    for key in figures.keys { aim(key, inWindow, lineOf, range) }
  }

  /// Adds the figures of a target.
  private mutating func aim(
    _ key: String, _ inWindow: [Event], _ lineOf: [String: Line], _ range: Range<Int64>
  ) {
    let parts = key.split(separator: "/").map(String.init)
    let id = parts.count > 1 ? parts[1] : siteID
    let plan = window.kind == .shift ? window.planned?.spans ?? [] : window.planned?.spans
    let (events, planned): ([Event], [Range<Int64>]?) =
      switch parts[0] {
      case "workstation":
        (
          inWindow.filter { $0.workstationID == id },
          lineOf[id] == nil ? plan : lineOf[id]?.planned
        )
      case "line":
        (inWindow.filter { lineOf[$0.workstationID]?.id == id }, lines.first { $0.id == id }?.planned)
      default: (inWindow, plan)
      }
    let more = targets.figures(
      parts[0], id, units: events.map { ($0.timestampMs, Int64($0.count)) }, planned, window: range,
      limitMs: limitMs)
    figures[key]?.merge(more) { _, new in new }
  }

  /// Who works or idles at one of these workstations at the end of the elapsed time.
  private func present(_ stations: [String], _ workers: [String: [Event]], elapsed: Int64) -> Int64 {
    guard elapsed > 0 else { return 0 }
    let there = workers.filter { worker, events in
      guard !worker.isEmpty else { return false }
      let now = doing(events, at: limitMs - 1)
      return stations.contains(now.station) && (now.state == "working" || now.state == "idle")
    }
    return Int64(there.count)
  }

  /// The newest event at a workstation, or the last sign of life of who was there when the window began.
  private func lastEvent(_ id: String, _ workers: [String: [Event]], _ inWindow: [Event], elapsed: Int64)
    -> Int64?
  {
    var times = inWindow.filter { $0.workstationID == id }.map(\.timestampMs)
    for (worker, events) in workers where !worker.isEmpty && elapsed > 0 {
      let before = events.filter { $0.timestampMs < window.startMs }
      guard let lastSign = before.map(\.timestampMs).max(), lastSign + timeoutMs > window.startMs,
        let set = before.filter({ $0.kind != .productCount }).max(by: Self.isEarlier),
        set.workstationID == id
      else { continue }
      times.append(lastSign)
    }
    return times.max()
  }

  private mutating func station(
    _ id: String, _ place: [String: Int64], _ workers: [String: [Event]], _ inWindow: [Event],
    plannedMs: Int64?, elapsed: Int64
  ) {
    let (working, occupied) = (place["working"] ?? 0, place["occupied"] ?? 0)
    let units = inWindow.filter { $0.workstationID == id }.reduce(Int64(0)) { $0 + Int64($1.count) }
    var own: [String: Int64] = [
      "elapsed_s": elapsed, "working_s": working, "idle_s": occupied - working, "occupied_s": occupied,
      "labor_s": place["labor"] ?? 0, "units": units,
      "workers_present": present([id], workers, elapsed: elapsed),
    ]
    own["utilization_pct"] = Self.percent(working, occupied)
    own["occupancy_pct"] = Self.percent(occupied, elapsed)
    own["units_per_hour"] = Self.perHour(units, working)
    own["throughput_per_hour"] = Self.perHour(units, occupied)
    if let plannedMs {
      own["planned_s"] = plannedMs
      own["availability_pct"] = Self.percent(place["planned_work"] ?? 0, plannedMs)
    }
    figures["workstation/\(id)"] = own
    note("workstation/\(id)", lastEvent(id, workers, inWindow, elapsed: elapsed))
  }

  private mutating func note(_ key: String, _ last: Int64?) {
    let quality = last.map { limitMs - $0 > timeoutMs ? 500 : 192 } ?? 0
    notes[key] = "  \(last ?? -1) \(quality)"
  }

  /// A line, or an area as its lines: sums over the workstations that are configured.
  private mutating func group(
    _ key: String, _ lines: [Line], _ places: [String: [String: Int64]], _ workers: [String: [Event]],
    _ inWindow: [Event], _ plannedOfLine: [String: Int64], _ elapsed: Int64
  ) {
    let stations = lines.flatMap(\.workstations)
    func sum(_ what: String) -> Int64 { stations.reduce(0) { $0 + (places[$1]?[what] ?? 0) } }
    let units = inWindow.filter { stations.contains($0.workstationID) }.reduce(Int64(0)) {
      $0 + Int64($1.count)
    }
    let (working, occupied) = (sum("working"), sum("occupied"))
    var own: [String: Int64] = [
      "elapsed_s": elapsed, "working_s": working, "idle_s": occupied - working, "occupied_s": occupied,
      "labor_s": sum("labor"), "units": units,
      "workers_present": present(stations, workers, elapsed: elapsed),
    ]
    own["utilization_pct"] = Self.percent(working, occupied)
    own["occupancy_pct"] = Self.percent(occupied, elapsed * Int64(stations.count))
    own["units_per_hour"] = Self.perHour(units, working)
    own["throughput_per_hour"] = Self.perHour(units, elapsed)
    let planning = lines.filter { $0.planned != nil }
    if !planning.isEmpty {
      let planned = planning.reduce(Int64(0)) {
        $0 + (plannedOfLine[$1.id] ?? 0) * Int64($1.workstations.count)
      }
      own["planned_s"] = planned
      own["availability_pct"] = Self.percent(sum("planned_work"), planned)
    }
    figures[key] = own
    let listed = stations.filter { id in
      places[id] != nil || inWindow.contains { $0.workstationID == id }
    }
    note(key, listed.compactMap { lastEvent($0, workers, inWindow, elapsed: elapsed) }.max())
  }

  private mutating func site(
    _ count: Int, _ sums: [String: Int64], _ utilizations: [(Int64, Int64)], _ rates: [(Int64, Int64)],
    _ states: [String], _ inWindow: [Event], plannedMs: Int64, elapsed: Int64
  ) {
    func sum(_ name: String) -> Int64 { sums[name] ?? 0 }
    let units = inWindow.reduce(Int64(0)) { $0 + Int64($1.count) }
    let total = elapsed * Int64(count)
    var own: [String: Int64] = [
      "elapsed_s": elapsed, "working_s": sum("working_s"), "idle_s": sum("idle_s"),
      "absent_s": sum("absent_s"), "timed_out_s": sum("timed_out_s"), "unknown_s": sum("unknown_s"),
      "labor_s": sum("working_s") + sum("idle_s"), "units": units, "workers_seen": Int64(count),
      "workers_working": Int64(states.filter { $0 == "working" }.count),
      "workers_idle": Int64(states.filter { $0 == "idle" }.count),
    ]
    own["utilization_pct"] = Self.percent(sum("working_s"), sum("working_s") + sum("idle_s"))
    own["coverage_pct"] = Self.percent(total - sum("timed_out_s") - sum("unknown_s"), total)
    own["units_per_hour"] = Self.perHour(units, sum("working_s"))
    own["throughput_per_hour"] = Self.perHour(units, elapsed)
    own["mean_utilization_pct"] = Self.mean(utilizations, 10_000)
    own["mean_units_per_hour"] = Self.mean(rates, 360_000_000)
    if window.planned != nil {
      own["planned_s"] = plannedMs * Int64(count)
      own["availability_pct"] = Self.percent(sum("planned_work"), plannedMs * Int64(count))
    }
    figures["site"] = own
  }

  private static func percent(_ part: Int64, _ whole: Int64) -> Int64? {
    whole == 0 ? nil : (part * 20_000 + whole) / (2 * whole)
  }

  private static func perHour(_ units: Int64, _ ms: Int64) -> Int64? {
    ms == 0 ? nil : (units * 720_000_000 + ms) / (2 * ms)
  }

  /// The mean of fractions, rounded to the last digit; a tie cannot be distinguished from its neighbours
  /// here.
  private static func mean(_ fractions: [(Int64, Int64)], _ scale: Double) -> Int64? {
    guard !fractions.isEmpty else { return nil }
    let sum = fractions.reduce(0.0) { $0 + Double($1.0) / Double($1.1) }
    return Int64((sum / Double(fractions.count) * scale).rounded())
  }

  private static func isEarlier(_ left: Event, _ right: Event) -> Bool {
    (left.timestampMs, left.confidencePpm ?? -1, left.kind.rawValue, left.eventID, left.workstationID)
      < (
        right.timestampMs, right.confidencePpm ?? -1, right.kind.rawValue, right.eventID, right.workstationID
      )
  }

  /// How records differ from this oracle; empty when they do not. Means may differ by one in the last digit,
  /// because the oracle's are floating point.
  /// `StopFiguresPropertyTests` compares these, with an oracle of their own.
  private static let ofStops: Set<String> = [
    "stops", "micro_stops", "stop_s", "micro_stop_s", "unplanned_stop_s",
  ]

  package func differences(from records: [KPIRecord]) -> [String] {
    var differences: [String] = []
    var found: Set<String> = []
    for record in records {
      let key = record.scope == .site ? "site" : "\(record.scope.rawValue)/\(record.id)"
      found.insert(key)
      // A workstation that takes part in a shift has a record without events, too.
      if figures[key] == nil, record.scope == .workstation, record[.stops] != nil, record[.units] == 0,
        record[.occupied] == 0
      {
        continue
      }
      guard let expected = figures[key] else {
        differences.append("\(key) should not be listed")
        continue
      }
      let got = Dictionary(uniqueKeysWithValues: record.values.map { ($0.metric.rawValue, $0.scaled) })
      for name in Set(got.keys).union(expected.keys) where !Self.ofStops.contains(name) {
        let isMean = name.hasPrefix("mean_")
        if let left = got[name], let right = expected[name], isMean, abs(left - right) <= 1 { continue }
        if got[name] != expected[name] {
          differences.append("\(key).\(name) is \(got[name] ?? -1), should be \(expected[name] ?? -1)")
        }
      }
      guard let note = notes[key] else { continue }
      let gotNote =
        "\(record.state?.rawValue ?? "") \(record.workstationID ?? "") \(record.lastEventMs ?? -1) \(record.quality.rawValue)"
      if gotNote != note { differences.append("\(key) is '\(gotNote)', should be '\(note)'") }
    }
    for key in figures.keys where !found.contains(key) { differences.append("\(key) is missing") }
    return differences
  }
}
