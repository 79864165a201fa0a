import AndonCore
import TestSupport
import Testing

@testable import AndonConfiguration
@testable import AndonIngest
@testable import AndonStore

/// Stops that are read from the store, after any order of arrival, against the oracle, which looks at each second.
@Suite(.ownThread, .seeded) struct StopQueryPropertyTests {
  @Test(arguments: 0..<4) func stopsEqualTheOracleInAnyOrderOfArrival(part: Int) throws {
    var random = SeededRandom(state: Seed.one &+ UInt64(part) &* 977)
    let test = try TestSite(StopPlant.site)
    let flushIntervalMs: Int64 = part % 2 == 0 ? 0 : 1000
    try test.restart(flushIntervalMs: flushIntervalMs)
    let today = TestSite.nowMs / StopPlant.dayMs * StopPlant.dayMs + 6 * 3_600_000
    // More than seven days apart: a workstation does not take part for what it did in the case before.
    func start(_ number: Int) -> Int64 { today - Int64(30 - number) * 9 * StopPlant.dayMs }
    let cases = (0..<30).map { _ in StopPlant.events(&random) }
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
      let accepted = StopPlant.accepted(cases, startsMs: cases.indices.map(start), from: number)
      for nowS in [Int64(random.next() % 4000), 4000] {
        let startMs = start(number)
        let parts = try StopQuery(site: test.site).stops(
          overlapping: startMs..<startMs + 4_000_000, test.store, nowMs: startMs + nowS * 1000)
        let texts = StopPlant.text(parts.map(\.stop), startMs)
        #expect(parts.allSatisfy { $0.insideMs == $0.stop.durationMs })
        #expect(
          texts == StopPlant.naive(accepted, nowS: nowS),
          "part \(part), case \(number), now \(nowS): \(cases[number])")
        found += texts.count
      }
    }
    #expect(found > 100)
  }
}
