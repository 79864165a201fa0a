import AndonCore
import TestSupport

/// Difficult events: ties, repeats of a state, gaps of exactly the time-out and one more or less, moves, two
/// cameras, units without a worker.
enum RandomEvents {
  static func some(
    _ random: inout TestRandom, around centreMs: Int64, timeoutMs: Int64, limit: Int = 18
  ) -> [NaiveKPI.Sighting] {
    var atMs = centreMs - Int64(random.below(3)) * timeoutMs * 2
    var sightings: [String: NaiveKPI.Sighting] = [:]
    for index in 0..<1 + random.below(limit) {
      let steps = [
        0, 0, 1, 999, 60_000, timeoutMs - 1, timeoutMs, timeoutMs + 1, timeoutMs / 2, 900_000, timeoutMs * 3,
      ]
      atMs += steps[random.below(steps.count)]
      let kind = EventKind.allCases[random.below(4)]
      let isNobodys = kind == .productCount && random.below(5) == 0
      let event = Event(
        timestampMs: atMs, workerID: isNobodys ? "" : "W\(random.below(3))",
        workstationID: "S\(random.below(3))", kind: kind,
        confidencePpm: kind == .productCount && random.below(2) == 0
          ? nil : Int32(700_000 + 100_000 * random.below(3)),
        count: kind == .productCount ? Int32(random.below(5)) : 0, eventID: "\(index % 3)")
      // One row for each identity: the first one stored is kept.
      let identity = "\(event.workerID) \(atMs) \(kind.rawValue) \(event.workstationID) \(event.eventID)"
      if sightings[identity] == nil { sightings[identity] = .init(event, "cam-\(random.below(2))") }
    }
    return Array(sightings.values)
  }

  /// A window somewhere among the events: aligned to buckets or not, with breaks or not.
  static func window(_ random: inout TestRandom, around centreMs: Int64) -> Window {
    let quarter: Int64 = 900_000
    let start =
      SummaryBucket.start(of: centreMs) + Int64(random.below(5) - 2) * quarter
      + [0, 0, 1, 300_000, 899_999][random.below(5)]
    let end = start + [quarter * 4, quarter * 32, quarter, 1, 1_234_567][random.below(5)]
    guard random.below(2) == 0 else {
      guard random.below(3) > 0 else { return Window(fromMs: start, toMs: end) }
      // Planned in pieces that may meet, overlap, be empty or reach beyond the window.
      let spans = (0..<random.below(4)).map { _ in
        let from = start - 1000 + Int64(random.below(Int(end - start) + 2000))
        return from..<from + Int64(random.below(Int(end - start) + 2000))
      }
      return Window(fromMs: start, toMs: end, planned: PlannedTime(spans))
    }
    let breaks = random.below(2) == 0 || end - start < 400_000 ? [] : [start + 100_000..<start + 333_333]
    return Window(kind: .shift, startMs: start, endMs: end, shiftID: "early", breaks: breaks)
  }

  /// Some of the workstations in lines with plans of their own, some in none, one that never has an event.
  static func siteWindow(_ random: inout TestRandom, _ window: Window) -> SiteWindow {
    var stations = ["S0", "S1", "S2", "S9"].shuffled(using: &random)
    var areas = [SiteLayout.Area(id: "a0"), SiteLayout.Area(id: "a1")]
    var plans: [PlannedTime?] = []
    for number in 0..<random.below(4) {
      let count = min(random.below(3), stations.count)
      let line = SiteLayout.Line(id: "l\(number)", workstations: Array(stations.prefix(count)))
      stations.removeFirst(count)
      areas[number / 2].lines.append(line)
      switch random.below(4) {
      case 0: plans.append(window.planned)
      case 1: plans.append(nil)
      default:
        let spans = (0..<random.below(3)).map { _ in
          let from = window.startMs + Int64(random.below(Int(window.endMs - window.startMs)))
          return from..<from + Int64(random.below(2_000_000))
        }
        plans.append(PlannedTime(spans))
      }
    }
    let isOfSite = random.below(4) > 0
    let included = plans.map { _ in random.below(4) > 0 }
    return SiteWindow(
      window, layout: SiteLayout(areas: areas.filter { !$0.lines.isEmpty }), isOfSite: isOfSite
    ) { (plans[$0], included[$0]) }
  }
}
