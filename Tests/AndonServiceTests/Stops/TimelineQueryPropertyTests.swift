import AndonCore
import TestSupport
import Testing

@testable import AndonConfiguration
@testable import AndonIngest
@testable import AndonStore

/// Timelines that are read from the store, after any order of arrival, against the oracle, which looks at each second.
@Suite(.ownThread, .seeded) struct TimelineQueryPropertyTests {
  private static let dayMs: Int64 = 86_400_000
  private static let timeoutS: Int64 = 120
  /// Seconds after 06:00. What lies between two shifts is looked at from the end of the one before; before the first
  /// shift, from midnight, and no event lies before `-300`.
  private static let pieces = [
    NaiveStops.Shift(id: "", startMs: -300, endMs: 0, breaks: []),
    NaiveStops.Shift(id: "a", startMs: 0, endMs: 600, breaks: [240..<300]),
    NaiveStops.Shift(id: "b", startMs: 600, endMs: 900, breaks: []),
    NaiveStops.Shift(id: "", startMs: 900, endMs: 1020, breaks: []),
    NaiveStops.Shift(id: "c", startMs: 1020, endMs: 1200, breaks: []),
    NaiveStops.Shift(id: "", startMs: 1200, endMs: 1800, breaks: []),
  ]
  private static let site = """
    , ingest: {max_age: 366d, state_timeout: \(timeoutS)s}, workstations: {S0: {name: Press}, S3: {name: Store}},
    shifts: [{id: a, start: "06:00", end: "06:10", breaks: [{start: "06:04", end: "06:05"}]},
      {id: b, start: "06:10", end: "06:15"}, {id: c, start: "06:17", end: "06:20"}]
    """

  /// Seconds after 06:00 of the case's day; a third of them below the gate.
  private static func events(_ random: inout SeededRandom) -> [Event] {
    func below(_ limit: UInt64) -> Int64 { Int64(random.next() % limit) }
    var atS = below(400) - 250
    return (0..<2 + below(16)).map { number in
      defer { atS += [0, 1, 5, 44, 100, timeoutS, timeoutS + 1, 200][Int(below(8))] }
      let kind = EventKind.allCases[Int(below(4))]
      let isNobodys = kind == .productCount && below(4) == 0
      return Event(
        timestampMs: atS, workerID: isNobodys ? "" : "W\(below(3))", workstationID: "S\(below(3))",
        kind: kind, confidencePpm: Int32(600_000 + 100_000 * below(3)),
        count: kind == .productCount ? 1 : 0, eventID: "\(number)")
    }
  }

  /// The state of each second, by the items; `overlap` where two items hold.
  private static func states(_ items: [TimelineItem], _ startMs: Int64) -> [Int64: String] {
    var states: [Int64: String] = [:]
    for item in items {
      for second in (item.startMs - startMs) / 1000..<(item.endMs - startMs) / 1000 {
        states[second] = states[second] == nil ? item.state.rawValue : "overlap"
      }
    }
    return states
  }

  /// How many workers are at a station in a stretch of seconds, by looking at each second.
  private static func workers(_ events: [Event], at station: String, _ item: TimelineItem, _ startMs: Int64)
    -> Int
  {
    let seconds = (item.startMs - startMs) / 1000..<(item.endMs - startMs) / 1000
    return Set(events.map(\.workerID)).subtracting([""]).count { worker in
      let own = events.filter { $0.workerID == worker }
      return seconds.contains { second in
        let one = [NaiveStops.Shift(id: "", startMs: second, endMs: second + 1, breaks: [])]
        let naive = NaiveStops(at: station, own, shifts: one, nowMs: second + 1, timeoutMs: timeoutS)
        return naive.states[second] == "working" || naive.states[second] == "idle"
      }
    }
  }

  @Test(arguments: 0..<3) func timelinesEqualTheOracleInAnyOrderOfArrival(part: Int) throws {
    var random = SeededRandom(state: Seed.one &+ UInt64(part) &* 977)
    let test = try TestSite(Self.site)
    try test.restart(flushIntervalMs: part == 0 ? 0 : 1000)
    let today = TestSite.nowMs / Self.dayMs * Self.dayMs + 6 * 3_600_000
    func start(_ number: Int) -> Int64 { today - Int64(20 - number) * 2 * Self.dayMs }
    let cases = (0..<20).map { _ in Self.events(&random) }
    var arrivals = cases.enumerated().flatMap { number, events in
      events.map { event in
        var event = event
        event.timestampMs = start(number) + event.timestampMs * 1000
        return event
      }
    }
    if part > 0 { arrivals.shuffle(using: &random) }
    for event in arrivals {
      test.turn.add(payload: EventWriter.json(event), camera: "cam-\(random.next() % 2)")
      if random.next() % 30 == 0 { _ = try test.turn.commitAdded() }
    }
    _ = try test.turn.commitAdded()
    #expect(try test.store.counters().rejected == 0)
    var (found, counted) = (0, 0)
    for (number, startMs) in cases.indices.map({ ($0, start($0)) }) {
      // States of the cases before reach into this one where a count refreshes them.
      let accepted = cases.enumerated().flatMap { place, events in
        events.filter { ($0.confidencePpm ?? 0) >= 700_000 }.map { event in
          var event = event
          event.timestampMs += (start(place) - startMs) / 1000
          return event
        }
      }
      for nowS in [Int64(random.next() % 1800), 1800] {
        let fromS = Int64(random.next() % 900) - 300
        let range = startMs + fromS * 1000..<startMs + (fromS + 1 + Int64(random.next() % 1500)) * 1000
        let items = try TimelineQuery(site: test.site).workstations(
          in: range, test.store, nowMs: startMs + nowS * 1000)
        for station in ["S0", "S1", "S2", "S3"] {
          let own = items.filter { $0.workstationID == station }
          let naive = NaiveStops(
            at: station, accepted, shifts: Self.pieces, nowMs: nowS, timeoutMs: Self.timeoutS)
          let expected = naive.states.filter {
            range.contains(startMs + $0.key * 1000) && $0.key < 1800
          }
          let states = Self.states(own, startMs).filter { $0.key < 1800 }
          // A workstation that is not listed has no row where nothing happened.
          let missing = expected.filter { states[$0.key] == nil }
          #expect(
            states.allSatisfy { expected[$0.key] == $0.value }, "part \(part), case \(number), \(station)")
          #expect(
            missing.isEmpty
              || (station != "S0" && station != "S3" && missing.allSatisfy { $0.value == "no_data" }))
          for item in own.prefix(6) where item.endMs <= startMs + 1_800_000 {
            #expect(item.workers ?? 0 == Self.workers(accepted, at: station, item, startMs))
            counted += item.workers ?? 0
          }
          found += own.count
        }
      }
    }
    #expect(found > 300 && counted > 50, "\(found) runs, \(counted) workers")
  }

  @Test func aWorkerIsWhereTheEventsSay() throws {
    let test = try TestSite(", ingest: {max_age: 30d, state_timeout: 60s}")
    let startMs = TestSite.nowMs - 3_600_000
    test.add(TestSite.event(startMs, "working"))
    test.add(TestSite.event(startMs + 30_000, "idle"))
    test.add(TestSite.event(startMs + 120_000, "absent"))
    test.add(TestSite.event(startMs + 130_000, "working").replacing(#""S1""#, with: #""S2""#))
    _ = try test.turn.commitAdded()
    let items = try TimelineQuery(site: test.site).worker(
      "W1", in: startMs - 1000..<startMs + 140_000, test.store, nowMs: TestSite.nowMs)
    let texts = items.map {
      "\(($0.startMs - startMs) / 1000)–\(($0.endMs - startMs) / 1000) \($0.state.rawValue) \($0.workstationID ?? "-")"
    }
    #expect(
      texts == [
        "-1–0 no_data -", "0–30 working S1", "30–90 idle S1", "90–120 no_data -", "120–130 absent -",
        "130–140 working S2",
      ])
    #expect(
      try TimelineQuery(site: test.site).worker(
        "W2", in: startMs..<startMs + 1, test.store, nowMs: TestSite.nowMs
      ).isEmpty)
  }

  @Test func aTimelineOfDeletedEventsIsRefusedAndNotGuessed() throws {
    let plant = try FinalPlant(days: 8)
    var random = SeededRandom(state: 3)
    try plant.live(workers: 3, days: 6, &random)
    let query = TimelineQuery(site: plant.test.site)
    let (fromMs, toMs) = (plant.startMs + 3 * FinalPlant.dayMs, plant.startMs + 4 * FinalPlant.dayMs)
    let before = try query.workstations(in: fromMs..<toMs, plant.test.store, nowMs: plant.nowMs)
    #expect(before.count > 50)
    try plant.prune(before: plant.startMs + FinalPlant.dayMs + 3_600_000)
    #expect(throws: FiguresGone.self) {
      try query.workstations(in: plant.startMs..<toMs, plant.test.store, nowMs: plant.nowMs)
    }
    #expect(throws: FiguresGone.self) {
      try query.worker("W0", in: plant.startMs..<toMs, plant.test.store, nowMs: plant.nowMs)
    }
    #expect(try query.workstations(in: fromMs..<toMs, plant.test.store, nowMs: plant.nowMs) == before)
  }
}
