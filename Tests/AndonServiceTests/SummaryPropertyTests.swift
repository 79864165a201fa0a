import AndonCore
import TestSupport
import Testing

@testable import AndonConfiguration
@testable import AndonIngest
@testable import AndonStore

/// For any order of arrival, size of batches and restarts: figures from summaries equal the recompute from
/// events byte for byte, and the naive oracle to the millisecond.
@Suite(.ownThread) struct SummaryPropertyTests {
  private static let timeoutMs: Int64 = 600_000
  private static let casesInAStore = 40
  private static let windowsInACase = 32

  /// Cases are two days apart and have their own workers and workstations, so that one store holds many.
  private static func sightings(
    _ number: Int, around centreMs: Int64, _ random: inout SeededRandom
  ) -> [NaiveKPI.Sighting] {
    var atMs = centreMs - Int64(random.next() % 3) * timeoutMs * 2
    var sightings: [String: NaiveKPI.Sighting] = [:]
    let steps = [
      0, 0, 1, 999, 60_000, timeoutMs - 1, timeoutMs, timeoutMs + 1, timeoutMs / 2, 900_000, timeoutMs * 3,
    ]
    for index in 0..<1 + random.next() % 18 {
      atMs += steps[Int(random.next() % UInt64(steps.count))]
      let kind = EventKind.allCases[Int(random.next() % 4)]
      let isNobodys = kind == .productCount && random.next() % 5 == 0
      let event = Event(
        timestampMs: atMs, workerID: isNobodys ? "" : "c\(number)-W\(random.next() % 3)",
        workstationID: "c\(number)-S\(random.next() % 3)", kind: kind,
        confidencePpm: kind == .productCount && random.next() % 2 == 0
          ? nil : Int32(600_000 + 100_000 * (random.next() % 4)),
        count: kind == .productCount ? Int32(random.next() % 5) : 0, eventID: "\(index % 3)")
      let identity = "\(event.workerID) \(atMs) \(kind.rawValue) \(event.workstationID) \(event.eventID)"
      if sightings[identity] == nil { sightings[identity] = .init(event, "cam-\(random.next() % 2)") }
    }
    // The order of a dictionary is random and does not follow from the seed.
    return sightings.values.sorted { Event.timelinePrecedes($0.event, $1.event) }
  }

  /// Shifts of every sort of length, with breaks, so that most windows are planned in part.
  private static let calendar = SiteCalendar(
    zone: .utc,
    shifts: [
      ShiftDefinition(
        id: "a", start: LocalTime(minutes: 0), end: LocalTime(minutes: 415),
        breaks: [BreakDefinition(start: LocalTime(minutes: 100), end: LocalTime(minutes: 130))],
        days: [.mon, .tue, .thu, .sat]),
      ShiftDefinition(id: "b", start: LocalTime(minutes: 415), end: LocalTime(minutes: 500)),
      ShiftDefinition(
        id: "c", start: LocalTime(minutes: 720), end: LocalTime(minutes: 0),
        breaks: [BreakDefinition(start: LocalTime(minutes: 720), end: LocalTime(minutes: 725))]),
    ])

  private static func window(around centreMs: Int64, _ random: inout SeededRandom) -> Window {
    let quarter: Int64 = 900_000
    let offsets: [Int64] = [0, 0, 1, 300_000, 899_999]
    let lengths: [Int64] = [quarter * 4, quarter * 32, quarter, 1, 1_234_567]
    let start =
      SummaryBucket.start(of: centreMs) + (Int64(random.next() % 5) - 2) * quarter
      + offsets[Int(random.next() % 5)]
    let end = start + lengths[Int(random.next() % 5)]
    if random.next() % 4 == 0 { return Window(fromMs: start, toMs: end) }
    if random.next() % 2 == 0 { return calendar.window(fromMs: start, toMs: end, untilMs: end) }
    let pause = start + 100_000..<start + 333_333
    return Window(
      kind: .shift, startMs: start, endMs: end, shiftID: "early",
      breaks: end < pause.upperBound ? [] : [pause])
  }

  /// Two areas of lines with and without shifts of their own; the third workstation of each case is in none.
  private static let areas: String = {
    func stations(_ numbers: Range<Int>, _ station: Int) -> String {
      numbers.map { "c\($0)-S\(station)" }.joined(separator: ", ")
    }
    let half = casesInAStore / 2
    let shift = #"{id: x, start: "03:00", end: "11:07", breaks: [{start: "05:00", end: "05:20"}]}"#
    return """
      , areas: [{id: a0, lines: [{id: l0, workstations: [\(stations(0..<casesInAStore, 0))]},
        {id: l1, workstations: [\(stations(0..<half, 1))], shifts: [\(shift)]}]},
        {id: a1, lines: [{id: l2, workstations: [\(stations(half..<casesInAStore, 1))]}, {id: l3}]}]
      """
  }()

  private static func lines(_ window: SiteWindow) -> [NaiveKPI.Line] {
    window.layout.areas.flatMap { area in
      area.lines.map { line in
        NaiveKPI.Line(
          id: line.id, area: area.id, workstations: line.workstations,
          planned: window.planned(onLine: line.id)?.spans)
      }
    }
  }

  /// Targets of the configuration and changes around every case, as rules for the oracle, and what a bridge would have
  /// stored for the changes.
  private static func targets(
    _ centres: [Int64], _ random: inout SeededRandom
  ) -> (naive: NaiveTargets, changes: [TargetChange]) {
    var rules = [
      NaiveTargets.Rule(scope: "site", id: "plant-a", rate: 123_456_789),
      NaiveTargets.Rule(scope: "line", id: "l0", rate: 60_000_000),
    ]
    var changes: [TargetChange] = []
    let quarter: Int64 = 900_000
    for (number, centreMs) in centres.enumerated() {
      let subjects: [(TargetScope, String)] = [
        (.workstation, "c\(number)-S\(random.next() % 3)"), (.line, "l\(random.next() % 3)"),
        (.site, "plant-a"),
        (.workstation, "c\(number)-S9"),
      ]
      for (scope, id) in subjects where random.next() % 3 > 0 {
        let fromMs = centreMs + (Int64(random.next() % 40) - 20) * quarter / 3
        let untilMs = random.next() % 2 == 0 ? Int64.max : fromMs + 1 + Int64(random.next() % 9) * quarter
        let rate: Int64? = random.next() % 4 == 0 ? nil : 1 + Int64(random.next() % 500_000_000)
        let order = random.next() % 2 == 0 ? "o\(random.next() % 3)" : nil
        rules.append(
          NaiveTargets.Rule(
            scope: scope.rawValue, id: id, fromMs: fromMs, untilMs: untilMs, rate: rate, order: order))
        changes.append(
          TargetChange(
            TargetSubject(scope, id), fromMs: fromMs, untilMs: untilMs,
            rate: rate.flatMap(TargetRate.init(microUnitsPerHour:)), labels: TargetLabels(order: order)))
      }
    }
    return (NaiveTargets(rules), changes)
  }

  private static let configuredTargets =
    ", targets: [{scope: site, units_per_hour: 123.456789}, {scope: line, id: l0, units_per_hour: 60}]"

  @Test(.seeded, arguments: 0..<8)
  func summariesEqualEventsInAnyOrderOfArrival(part: Int) throws {
    let seed = Seed.one
    var random = SeededRandom(state: seed &+ UInt64(part))
    let test = try TestSite(", ingest: {max_age: 366d}" + Self.areas + Self.configuredTargets)
    // Every second store writes its summaries when it is told, and after a restart.
    let flushIntervalMs: Int64 = part % 2 == 0 ? 0 : 1000
    try test.restart(flushIntervalMs: flushIntervalMs)
    func centre(_ number: Int) -> Int64 { TestSite.nowMs - 350 * 86_400_000 + Int64(number) * 86_400_000 }
    let cases = (0..<Self.casesInAStore).map { Self.sightings($0, around: centre($0), &random) }
    let (targets, changes) = Self.targets((0..<Self.casesInAStore).map(centre), &random)
    try test.store.commit { transaction in
      try changes.forEach { try transaction.append($0, by: "x", isVerified: false, atMs: 0) }
    }
    var arrivals = cases.flatMap(\.self)
    if part % 4 == 1 { arrivals.shuffle(using: &random) }
    if part % 4 == 2 { arrivals.reverse() }
    if part % 4 == 3 {
      for index in arrivals.indices where random.next() % 4 == 0 {
        arrivals.swapAt(index, min(arrivals.count - 1, index + Int(random.next() % 40)))
      }
    }
    for sighting in arrivals {
      test.turn.add(payload: EventWriter.json(sighting.event), camera: sighting.cameraID)
      if random.next() % 60 == 0 { _ = try test.turn.commitAdded() }
      if random.next() % 100 == 0 {
        // Compacted buckets are made and deleted while events arrive: none may be stale.
        while try test.store.compactBucket(before: TestSite.nowMs, timeoutMs: Self.timeoutMs) {}
      }
      if random.next() % 300 == 0 { try test.turn.flush() }
      if random.next() % 600 == 0 {
        _ = try test.turn.commitAdded()
        try test.restart(flushIntervalMs: flushIntervalMs)
      }
    }
    _ = try test.turn.commitAdded()
    while test.turn.engine.hasPendingWrites { try test.turn.flush() }
    #expect(try test.store.counters().rejected == 0)
    for (number, sightings) in cases.enumerated() {
      let accepted = sightings.filter { ($0.event.confidencePpm ?? .max) >= 700_000 }
      for round in 0..<Self.windowsInACase {
        let window = Self.window(around: centre(number), &random)
        let nowMs =
          window.startMs + Int64(random.next() % UInt64((window.endMs - window.startMs) * 5 / 4 + 2))
        let siteWindow = try test.store.calendars(of: test.site).whole(window)
        let records = try KPIQuery(site: test.site).records(test.store, windows: [siteWindow], nowMs: nowMs)
        let naive = NaiveKPI(
          accepted, window: window, nowMs: nowMs, timeoutMs: Self.timeoutMs, lines: Self.lines(siteWindow),
          targets: targets.clipped(to: window.startMs..<window.endMs + 1), siteID: "plant-a")
        let differences = naive.differences(from: records) + targets.differences(from: records)
        #expect(differences.isEmpty, "seed \(seed), case \(number): \(differences)")
        if !differences.isEmpty { return }
        // Without workstations, sums are read instead of summaries.
        let scopes: Set<KPIScope> = round % 2 == 0 ? [.site] : [.site, .worker]
        let summed = try KPIQuery(site: test.site, scopes: scopes)
          .records(test.store, windows: [siteWindow], nowMs: nowMs)
        #expect(
          summed.map { $0.json(revision: nil) }
            == records.filter { scopes.contains($0.scope) }.map { $0.json(revision: nil) },
          "seed \(seed), case \(number): sums")
        // The recompute covers every worker of every case: one window in eight is enough here.
        guard round % 8 == 0 else { continue }
        let recomputed = try KPIQuery(site: test.site, recomputes: true)
          .records(test.store, windows: [siteWindow], nowMs: nowMs)
        #expect(
          records.map { $0.json(revision: nil) } == recomputed.map { $0.json(revision: nil) },
          "seed \(seed), case \(number)")
      }
    }
  }

  /// After a change of its timeout, a site computes old buckets from their events and new ones from
  /// summaries.
  @Test func anotherTimeoutHoldsForThePastToo() throws {
    let test = try TestSite()
    for minute in 0..<200 where minute % 7 != 0 {
      test.add(
        TestSite.event(TestSite.nowMs - Int64(minute) * 61_000, minute % 3 == 0 ? "idle" : "working"))
    }
    _ = try test.turn.commitAdded()
    var site = test.site
    site.ingest.stateTimeoutMs = 100_000
    let window = Window(fromMs: TestSite.nowMs - 10_000_000, toMs: TestSite.nowMs)
    func figures(_ site: SiteSettings, recomputes: Bool) throws -> [[UInt8]] {
      try KPIQuery(site: site, recomputes: recomputes)
        .records(test.store, windows: [window], nowMs: TestSite.nowMs).map { $0.json(revision: nil) }
    }
    #expect(try figures(site, recomputes: false) == figures(site, recomputes: true))
    #expect(try figures(site, recomputes: false) != figures(test.site, recomputes: false))
  }
}
