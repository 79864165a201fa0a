import AndonCore
import TestSupport
import Testing

@testable import AndonConfiguration
@testable import AndonIngest
@testable import AndonStore

/// Stops that are read from the store, after any order of arrival, against the oracle, which looks at each second.
@Suite(.ownThread, .seeded) struct StopQueryPropertyTests {
  private static let dayMs: Int64 = 86_400_000
  private static let timeoutS: Int64 = 120
  private static let minS: Int64 = 45
  /// Seconds after 06:00.
  private static let shifts = [
    NaiveStops.Shift(id: "a", startMs: 0, endMs: 600, breaks: [240..<300]),
    NaiveStops.Shift(id: "b", startMs: 600, endMs: 900, breaks: []),
    NaiveStops.Shift(id: "c", startMs: 1020, endMs: 1200, breaks: []),
  ]
  private static let site = """
    , ingest: {max_age: 366d, state_timeout: \(timeoutS)s}, stops: {min: \(minS)s},
    workstations: {S0: {name: Press}, S3: {name: Store}},
    shifts: [{id: a, start: "06:00", end: "06:10", breaks: [{start: "06:04", end: "06:05"}]},
      {id: b, start: "06:10", end: "06:15"}, {id: c, start: "06:17", end: "06:20"}]
    """

  /// Seconds after 06:00 of the case's day; a third of them below the gate.
  private static func events(_ random: inout SeededRandom) -> [Event] {
    func below(_ limit: UInt64) -> Int64 { Int64(random.next() % limit) }
    var atS = below(300) - 150
    return (0..<2 + below(16)).map { number in
      defer { atS += [0, 1, 5, 44, 45, 46, 100, timeoutS, timeoutS + 1, 200][Int(below(10))] }
      let kind = EventKind.allCases[Int(below(4))]
      let isNobodys = kind == .productCount && below(4) == 0
      return Event(
        timestampMs: atS, workerID: isNobodys ? "" : "W\(below(3))", workstationID: "S\(below(3))",
        kind: kind,
        confidencePpm: Int32(600_000 + 100_000 * below(3)), count: kind == .productCount ? 1 : 0,
        eventID: "\(number)")
    }
  }

  private static func text(_ stops: [Stop], _ startMs: Int64) -> [String] {
    stops.map { stop in
      "\(stop.workstationID) \((stop.startMs - startMs) / 1000)–\((stop.endMs - startMs) / 1000) "
        + "\(stop.durationMs / 1000) \(stop.shiftID) \(stop.kind.rawValue) \(stop.isOpen)"
    }
  }

  /// - Parameter accepted: of all cases, seconds after 06:00 of the case's day.
  private static func naive(_ accepted: [Event], nowS: Int64) -> [String] {
    var texts: [(Int64, String, String)] = []
    for station in ["S0", "S1", "S2", "S3", "S4"] {
      let isListed = station == "S0" || station == "S3"
      let present = shifts.filter { shift in
        isListed
          || accepted.contains {
            $0.workstationID == station && $0.timestampMs < min(shift.endMs, nowS)
              && $0.timestampMs >= shift.startMs - 7 * 86_400
          }
      }
      let naive = NaiveStops(at: station, accepted, shifts: present, nowMs: nowS, timeoutMs: timeoutS)
      for stop in naive.stops where stop.milliseconds.count > minS {
        let (first, last) = (stop.milliseconds[0], stop.milliseconds[stop.milliseconds.count - 1] + 1)
        let kind = stop.states.count == 1 ? stop.states.first ?? "" : "mixed"
        let text =
          "\(station) \(first)–\(last) \(stop.milliseconds.count) \(stop.shift) \(kind) \(stop.isOpen)"
        texts.append((first, station, text))
      }
    }
    return texts.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map(\.2)
  }

  @Test(arguments: 0..<4) func stopsEqualTheOracleInAnyOrderOfArrival(part: Int) throws {
    var random = SeededRandom(state: Seed.one &+ UInt64(part) &* 977)
    let test = try TestSite(Self.site)
    let flushIntervalMs: Int64 = part % 2 == 0 ? 0 : 1000
    try test.restart(flushIntervalMs: flushIntervalMs)
    let today = TestSite.nowMs / Self.dayMs * Self.dayMs + 6 * 3_600_000
    // More than seven days apart: a workstation does not take part for what it did in the case before.
    func start(_ number: Int) -> Int64 { today - Int64(30 - number) * 9 * Self.dayMs }
    let cases = (0..<30).map { _ in Self.events(&random) }
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
      if random.next() % 200 == 0 {
        _ = try test.turn.commitAdded()
        try test.restart(flushIntervalMs: flushIntervalMs)
      }
    }
    _ = try test.turn.commitAdded()
    if part < 3 { while test.turn.engine.hasPendingWrites { try test.turn.flush() } }
    #expect(try test.store.counters().rejected == 0)
    var found = 0
    for number in cases.indices {
      // States of the cases before reach into this one where a count refreshes them.
      let accepted = cases.enumerated().flatMap { place, events in
        events.filter { ($0.confidencePpm ?? 0) >= 700_000 }.map { event in
          var event = event
          event.timestampMs += (start(place) - start(number)) / 1000
          return event
        }
      }
      for nowS in [Int64(random.next() % 1300), 1300] {
        let startMs = start(number)
        let parts = try StopQuery(site: test.site).stops(
          overlapping: startMs..<startMs + 1_300_000, test.store, nowMs: startMs + nowS * 1000)
        let texts = Self.text(parts.map(\.stop), startMs)
        #expect(parts.allSatisfy { $0.insideMs == $0.stop.durationMs })
        #expect(
          texts == Self.naive(accepted, nowS: nowS),
          "part \(part), case \(number), now \(nowS): \(cases[number])")
        found += texts.count
      }
    }
    #expect(found > 100)
  }
}
