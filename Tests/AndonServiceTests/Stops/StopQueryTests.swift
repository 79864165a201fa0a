import AndonCore
import GRDB
import TestSupport
import Testing

@testable import AndonConfiguration
@testable import AndonIngest
@testable import AndonStore

/// Which workstations have stops, and which stops a range has.
@Suite(.ownThread) struct StopQueryTests {
  private static let dayMs: Int64 = 86_400_000
  /// 2026-01-14T06:00:00Z, when a shift begins; it ends at 14:00.
  private static let startMs = TestSite.nowMs / dayMs * dayMs - dayMs + 6 * 3_600_000
  private static let shifts =
    #", ingest: {max_age: 30d}, shifts: [{id: early, start: "06:00", end: "14:00"}]"#

  private static func site(_ more: String = "", _ events: [String] = []) throws -> TestSite {
    let test = try TestSite(shifts + more)
    for event in events { test.add(event) }
    _ = try test.turn.commitAdded()
    return test
  }

  private static func event(
    _ atMs: Int64, _ kind: String = "working", _ worker: String = "W1", at station: String = "S1"
  )
    -> String
  {
    TestSite.event(atMs, kind, worker: worker).replacing(#""S1""#, with: "\"\(station)\"")
  }

  /// `workstation minutes` of each stop of the shift.
  private static func stops(
    _ test: TestSite, from fromMs: Int64 = startMs, to toMs: Int64 = startMs + 8 * 3_600_000,
    now nowMs: Int64 = TestSite.nowMs
  ) throws -> [String] {
    try StopQuery(site: test.site).stops(overlapping: fromMs..<toMs, test.store, nowMs: nowMs)
      .map { "\($0.stop.workstationID) \($0.stop.durationMs / 60_000)" }
  }

  @Test func aWorkstationThatIsNotListedTakesPartForSevenDaysAfterAnEvent() throws {
    let edgeMs = Self.startMs - 7 * Self.dayMs
    #expect(try Self.stops(Self.site("", [Self.event(edgeMs)])) == ["S1 480"])
    #expect(try Self.stops(Self.site("", [Self.event(edgeMs - 1)])).isEmpty)
    // An event in the shift counts from the shift's beginning, once it is there.
    let inside = try Self.site("", [Self.event(Self.startMs + 7 * 3_600_000)])
    #expect(try Self.stops(inside).count == 2)
    #expect(try Self.stops(inside, now: Self.startMs + 7 * 3_600_000).isEmpty)
    #expect(try Self.stops(Self.site("", [Self.event(Self.startMs + 8 * 3_600_000)])).isEmpty)
  }

  /// However long the range is, the summaries of one shift are in memory.
  @Test func aLongRangeDoesNotStayInMemory() throws {
    let test = try Self.site()
    for day in 0..<20 {
      test.add(Self.event(Self.startMs - Int64(day) * Self.dayMs + 3_600_000))
      test.add(Self.event(Self.startMs - Int64(day) * Self.dayMs + 7_200_000))
    }
    _ = try test.turn.commitAdded()
    try test.turn.flush(closesAll: true)
    let range = Self.startMs - 20 * Self.dayMs..<TestSite.nowMs
    try test.store.database.read { db in
      var reading = try StopReading(
        test.site, SiteCalendars(test.site), db, path: test.store.path, test.store.damage)
      let query = StopQuery(site: test.site)
      let parts = try query.stops(overlapping: range, of: nil, &reading, nowMs: TestSite.nowMs)
      #expect(parts.count >= 40)
      #expect(reading.reader.cache.summaries.count <= 2, "\(reading.reader.cache.summaries.keys.sorted())")
      #expect(reading.reader.cache.stations.count <= 2 * 9)
    }
  }

  @Test func aListedWorkstationTakesPartWithoutAnEvent() throws {
    let lines = ", areas: [{id: a, lines: [{id: l, workstations: [S5]}]}]"
    #expect(try Self.stops(Self.site(lines)) == ["S5 480"])
    #expect(
      try Self.stops(Self.site(", workstations: {S4: {name: Press}, S5: {name: Saw}}" + lines)) == [
        "S4 480", "S5 480",
      ])
  }

  @Test func aLineFollowsItsOwnShifts() throws {
    let lines =
      #", areas: [{id: a, lines: [{id: l, workstations: [S5], shifts: [{id: x, start: "08:00", end: "09:00"}]}]}]"#
    let test = try Self.site(", workstations: {S4: {name: Press}, S5: {name: Saw}}" + lines)
    #expect(try Self.stops(test) == ["S4 480", "S5 60"])
    let parts = try StopQuery(site: test.site).stops(
      overlapping: Self.startMs + 2 * 3_600_000..<Self.startMs + 9_000_000, test.store, nowMs: TestSite.nowMs)
    #expect(parts.map(\.insideMs) == [1_800_000, 1_800_000])
    let sums = StopParetoRow.rows(parts, by: .line, in: test.site.layout)
    #expect(sums.map(\.id) == [nil, "l"] && sums.map(\.share) == [5000, 5000])
    #expect(sums.map(\.cumulative) == [5000, 10_000])
  }

  @Test func withoutShiftsOrOnAClosedDayThereAreNoStops() throws {
    let listed = ", workstations: {S4: {name: Press}}"
    #expect(try Self.stops(Self.site(listed + ", calendar: {closed: [\"2026-01-14\"]}")).isEmpty)
    let without = try TestSite(listed)
    #expect(try Self.stops(without).isEmpty)
  }

  @Test func aLateEventTakesAStopAway() throws {
    let test = try Self.site(", workstations: {S1: {name: Press}}")
    #expect(try Self.stops(test) == ["S1 480"])
    for minute in stride(from: Int64(0), to: 240, by: 5) {
      test.add(Self.event(Self.startMs + minute * 60_000))
    }
    _ = try test.turn.commitAdded()
    // The last event holds for the state time-out.
    #expect(try Self.stops(test) == ["S1 235"])
  }

  @Test func stopsOfTooFewWorkersAreNotShown() throws {
    let events = [
      Self.event(Self.startMs, "idle", "W1"), Self.event(Self.startMs, "idle", "W2", at: "S2"),
      Self.event(Self.startMs + 1, "idle", "W3", at: "S2"),
    ]
    let listed = ", workstations: {S3: {name: Press}}"
    #expect(try Self.stops(Self.site(listed, events)) == ["S1 480", "S2 480", "S3 480"])
    let test = try Self.site(listed + ", privacy: {min_group: 2}", events)
    #expect(try Self.stops(test) == ["S2 480", "S3 480"])
  }

  @Test func stopsOfDeletedEventsAreRefusedAndNotGuessed() throws {
    let plant = try FinalPlant(days: 8)
    var random = SeededRandom(state: 3)
    try plant.live(workers: 3, days: 6, &random)
    let (fromMs, toMs) = (plant.startMs, plant.startMs + 2 * FinalPlant.dayMs)
    let query = StopQuery(site: plant.test.site)
    func stops(_ range: Range<Int64>) throws -> [StopPart] {
      // The workstations that follow the site's shifts.
      try query.stops(overlapping: range, of: ["S0", "S2"], plant.test.store, nowMs: plant.nowMs)
    }
    let shifts = plant.calendars.site.windows(.shift, endingAfter: fromMs, upTo: plant.nowMs)
    let before = try shifts.map { try stops($0.startMs..<$0.endMs) }
    try plant.prune(before: fromMs + FinalPlant.dayMs + 3_600_000)
    let edgeMs = try #require(
      try plant.test.store.database.read { try StoreTransaction(reading: $0).finalRange() }?.upperBound)
    #expect(edgeMs > fromMs)
    #expect(throws: FiguresGone.self) { try stops(fromMs..<toMs) }
    var count = 0
    for (shift, known) in zip(shifts, before) where shift.startMs >= edgeMs {
      #expect(try stops(shift.startMs..<shift.endMs) == known)
      count += known.count
    }
    #expect(count > 10)
  }
}
