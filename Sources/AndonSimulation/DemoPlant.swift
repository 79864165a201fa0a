package import AndonConfiguration
import AndonCore
import AndonIngest
package import AndonRuntime
import AndonStore
import Foundation

/// The plant of the demo: two lines that work around the clock, so that it is at work at any time.
package struct DemoPlant {
  package static let siteID = "plant-a"
  static let zone = "Europe/Berlin"
  private static let hourMs: Int64 = 3_600_000
  private static let dayMs = 24 * hourMs
  /// How long the cameras go on.
  private static let aheadMs = 7 * dayMs
  private static let linesPerCommit = 2000

  package let nowMs: Int64
  /// Hours and minutes of the wall clock since its midnight.
  private let localMs: Int64

  package init(nowMs: Int64) {
    self.nowMs = nowMs
    let offset = TimeZone(identifier: Self.zone)?.secondsFromGMT(
      for: Date(timeIntervalSince1970: Double(nowMs) / 1000))
    localMs = nowMs + Int64(offset ?? 0) * 1000
  }

  private var minuteOfDay: Int { Int(localMs / 60_000 % 1440) }

  /// The first of three shifts begins at this hour: the one of now has run for two hours at least, and has one left.
  private var firstHour: Int {
    [6, 5, 4, 7, 3, 8].first { 120..<420 ~= (minuteOfDay + 1440 - $0 * 60) % 480 } ?? 6
  }

  /// When the break of each shift begins, minutes after its start: not now.
  private var breakMinute: Int {
    210..<275 ~= (minuteOfDay + 1440 - firstHour * 60) % 480 ? 150 : 240
  }

  /// The keys of the site.
  package var site: String {
    func time(_ minutes: Int) -> String {
      let minute = minutes % 1440
      return (minute < 600 ? "0" : "") + "\(minute / 60):" + (minute % 60 < 10 ? "0" : "") + "\(minute % 60)"
    }
    let shifts = ["early", "late", "night"].enumerated().map { number, id in
      let start = firstHour * 60 + number * 480
      let pause = start + breakMinute
      return """
                - {id: \(id), start: "\(time(start))", end: "\(time(start + 480))", \
        breaks: [{start: "\(time(pause))", end: "\(time(pause + 15))"}]}
        """
    }
    // The plant was closed the day before yesterday: no event came, and no alert was raised.
    let closed = LocalDate(dayNumber: localMs / Self.dayMs - 2)
    return """
        - id: \(Self.siteID)
          name: Demo plant
          timezone: \(Self.zone)
          shifts:
      \(shifts.joined(separator: "\n"))
          calendar: {closed: ["\(closed)"]}
          areas:
            - id: hall-1
              name: Hall 1
              lines:
                - {id: line-1, name: Press line, workstations: [S1, S2, S3, S4], cameras: [cam-01, cam-02, cam-03, cam-04]}
                - {id: line-2, name: Assembly, workstations: [S5, S6, S7, S8], cameras: [cam-05, cam-06, cam-07, cam-08]}
          workstations: {S1: {name: Press 1}, S2: {name: Press 2}, S3: {name: Trimming}, S4: {name: Packing},
            S5: {name: Assembly 1}, S6: {name: Assembly 2}, S7: {name: Test bench}, S8: {name: Final check}}
          cameras: {cam-02: {name: Camera above press 2, place: "Hall 1, column 4", workstations: [S2]}}
          stops:
            reasons:
              - {id: material, name: No material}
              - {id: fault, name: Machine fault}
              - {id: quality, name: Quality check}
              - {id: changeover, name: Changeover, planned: true}
          targets:
            - {scope: line, id: line-1, units_per_hour: 124}
            - {scope: line, id: line-2, units_per_hour: 220}
            - {scope: site, units_per_hour: 344}
      """
  }

  /// Yesterday and today, and then as the clock runs: S7 stands since a few minutes ago.
  package func simulation(_ settings: SiteSettings, isFresh: Bool) -> Simulation {
    let fromMs = isFresh ? nowMs : nowMs - localMs % Self.dayMs - Self.dayMs
    var plan = SimulationSettings(
      siteID: Self.siteID, fromMs: fromMs, durationMs: nowMs - fromMs + Self.aheadMs)
    (plan.workers, plan.workstations, plan.cameras, plan.groups) = (8, 8, 8, 8)
    plan.planned = SiteCalendar(settings).planned(in: fromMs..<nowMs + Self.aheadMs)
    plan.closelyFromMs = nowMs - 3 * Self.hourMs
    plan.standstills = [
      (6, nowMs - 7 * 60_000..<nowMs + 25 * 60_000), (5, nowMs - 131 * 60_000..<nowMs - 107 * 60_000),
      (2, nowMs - 84 * 60_000..<nowMs - 73 * 60_000),
    ]
    return Simulation(plan)
  }

  /// The camera whose model drifts, by number.
  private static let drifting = 1
  private static let driftOverMs: Int64 = 60_000

  /// Stores what happened until now, as `andon import` does. The model of cam-02 has been losing confidence for so long
  /// that its alert is due within a minute. Returns the rest of the simulation.
  package static func store(
    _ simulation: Simulation, untilMs: Int64, _ settings: Settings, _ site: SiteSettings,
    clock: WallClock = .system
  ) throws -> Simulation {
    let store = try SiteStore.openForWriting(path: settings.databasePath(site: site.id), siteID: site.id)
    var rules = IngestRules(site: site, settings: settings)
    rules.flushIntervalMs = 1000
    let engine = try SiteEngine(store: store, rules: rules, drift: DriftSettings(site.drift))
    var turn = IngestPipeline(rules: rules, store: store, engine: engine, clock: clock)
    var rest = simulation
    func feed(untilMs: Int64) throws {
      try rest.events(before: untilMs) { message in
        turn.add(payload: message.payload, camera: message.cameraID)
        if turn.added >= linesPerCommit { _ = try turn.commitAdded() }
      }
    }
    let lowMs = untilMs - site.drift.onDelayMs + 30_000
    try feed(untilMs: lowMs - 30 * 60_000)
    rest.beginDrift(
      camera: drifting, atMs: driftStart(rest, lowAtMs: lowMs, site.drift), overMs: driftOverMs)
    try feed(untilMs: untilMs)
    _ = try turn.commitAdded()
    while turn.engine.hasPendingWrites { try turn.flush() }
    try turn.flush(closesAll: true)
    try store.close()
    return rest
  }

  /// When the drift must begin for the mean of the last samples to be low from an instant on, and not before.
  private static func driftStart(
    _ simulation: Simulation, lowAtMs: Int64, _ drift: DriftSettingsValues
  ) -> Int64 {
    var samples: [(atMs: Int64, confidence: Double)] = []
    var probe = simulation
    let camera = Simulation.cameraID(drifting)
    probe.events(before: lowAtMs + 10 * 60_000) { message in
      guard message.cameraID == camera,
        let object = try? JSONSerialization.jsonObject(with: Data(message.payload)) as? [String: Any],
        let confidence = object["confidence"] as? Double
      else { return }
      samples.append((message.atMs, confidence))
    }
    let limit = Double(drift.limitPpm) / 1e6
    func isLow(before ms: Int64, startMs: Int64) -> Bool {
      var window: [Double] = []
      for sample in samples where sample.atMs < ms {
        let share = Double(max(0, sample.atMs - startMs)) / Double(driftOverMs)
        window.append(sample.confidence - SimulatedConfidence.loss * min(1, share))
        if window.count > drift.window { window.removeFirst() }
        if window.count == drift.window, window.reduce(0, +) / Double(drift.window) < limit { return true }
      }
      return false
    }
    let starts = stride(from: lowAtMs - 25 * 60_000, to: lowAtMs, by: 2000)
    return starts.first { !isLow(before: lowAtMs, startMs: $0) } ?? lowAtMs - 250_000
  }
}
