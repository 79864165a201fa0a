import AndonCore
import TestSupport
import Testing

@testable import AndonConfiguration
@testable import AndonIngest
@testable import AndonStore

/// The figures of stops, after any order of arrival, against the oracle, which looks at each second.
@Suite(.ownThread, .seeded) struct StopFiguresPropertyTests {
  private static let site =
    StopPlant.site.replacing(
      "stops: {", with: "stops: {reasons: [{id: wait}, {id: setup, planned: true}], "
    )
    .replacing("S3: {name: Store}", with: "S3: {name: Store}, S9: {}")
    + ", kpi: {lateness: 2d}, areas: [{id: a0, lines: [{id: l0, workstations: [S0, S9]}, {id: l1, workstations: [S3]}]}]"

  /// What one workstation must have in a window.
  private struct Naive {
    var totals = StopTotals()
    /// Planned time in which somebody works, seconds.
    var workingS: Int64 = 0
    /// It takes part in a shift of the window's elapsed time, and in all of them.
    var takesPart = false
    var takesPartAlways = true

    init(_ station: String, _ accepted: [Event], _ given: [GivenReason], _ window: Range<Int64>, nowS: Int64)
    {
      let elapsed = window.clamped(
        to: window.lowerBound..<max(window.lowerBound, min(window.upperBound, nowS)))
      let (present, naive) = StopPlant.naive(station, accepted, nowS: nowS)
      let shifts = StopPlant.shifts.filter { !($0.startMs..<$0.endMs).clamped(to: elapsed).isEmpty }
      takesPart = shifts.contains { shift in present.contains { $0.id == shift.id } }
      takesPartAlways = shifts.allSatisfy { shift in present.contains { $0.id == shift.id } }
      workingS = Int64(naive.workingMs.count { elapsed.contains($0) })
      let long = naive.stops.filter { $0.milliseconds.count > StopPlant.minS }
      var planned = [Bool](repeating: false, count: long.count)
      for reason in given where reason.workstationID == station {
        // In each shift the stop that it overlaps most, of equal ones the later.
        for shift in StopPlant.shifts {
          let overlaps = long.indices.filter { long[$0].shift == shift.id }.map { place in
            let first = long[place].milliseconds[0]
            let last = long[place].milliseconds[long[place].milliseconds.count - 1]
            return (
              place: place, count: (first...last).count { ($0 >= reason.startMs) && $0 < reason.endMs ?? 0 }
            )
          }
          guard let most = overlaps.map(\.count).max(), most > 0,
            let best = overlaps.last(where: { $0.count == most })
          else { continue }
          planned[best.place] = reason.reasonID == "setup"
        }
      }
      for stop in naive.stops where stop.milliseconds.count <= StopPlant.minS {
        let inside = Int64(stop.milliseconds.count { elapsed.contains($0) })
        if inside > 0 {
          (totals.microStops, totals.microStopMs) = (totals.microStops + 1, totals.microStopMs + inside)
        }
      }
      for (stop, isPlanned) in zip(long, planned) {
        let inside = Int64(stop.milliseconds.count { elapsed.contains($0) })
        guard inside > 0 else { continue }
        (totals.stops, totals.stopMs) = (totals.stops + 1, totals.stopMs + inside)
        if !isPlanned { totals.unplannedStopMs += inside }
      }
    }
  }

  private static func text(_ totals: StopTotals, perSecond: Int64) -> String {
    "\(totals.stops) \(totals.microStops) \(totals.stopMs * perSecond) \(totals.microStopMs * perSecond) "
      + "\(totals.unplannedStopMs * perSecond)"
  }

  private static func text(_ record: KPIRecord) -> String {
    [KPIMetric.stops, .microStops, .stop, .microStop, .unplannedStop]
      .map { record[$0].map(String.init) ?? "-" }.joined(separator: " ")
  }

  /// What differs between records and the oracle.
  private static func differences(
    _ records: [KPIRecord], _ accepted: [Event], _ given: [GivenReason], _ window: Range<Int64>, nowS: Int64
  ) -> [String] {
    var expected: [String: Naive] = [:]
    for station in StopPlant.stations + ["S9"] {
      expected[station] = Naive(station, accepted, given, window, nowS: nowS)
    }
    func sum(_ stations: [String]) -> StopTotals {
      stations.reduce(into: StopTotals()) { $0 += expected[$1]?.totals ?? StopTotals() }
    }
    var differences: [String] = []
    for (station, naive) in expected.sorted(by: { $0.key < $1.key }) {
      let record = records.first { $0.scope == .workstation && $0.id == station }
      if naive.takesPart, record == nil { differences.append("\(station) has no record") }
      guard let record else { continue }
      let (text, found) = (text(naive.totals, perSecond: 1000), text(record))
      if text != found { differences.append("\(station): expected \(text), found \(found)") }
      let sumMs = naive.workingS * 1000 + (record[.stop] ?? 0) + (record[.microStop] ?? 0)
      if naive.takesPartAlways, sumMs != record[.planned] {
        differences.append("\(station): working and stops are \(sumMs) of \(record[.planned] ?? -1) ms")
      }
    }
    for record in records {
      let stations: [String]
      switch (record.scope, record.id) {
      case (.site, _): stations = StopPlant.stations + ["S9"]
      case (.line, "l0"): stations = ["S0", "S9"]
      case (.line, _): stations = ["S3"]
      case (.area, _): stations = ["S0", "S9", "S3"]
      default: continue
      }
      let (text, found) = (text(sum(stations), perSecond: 1000), text(record))
      if text != found {
        differences.append("\(record.scope) \(record.id): expected \(text), found \(found)")
      }
    }
    return differences
  }

  private static func reasons(_ random: inout SeededRandom, startMs: Int64) -> [GivenReason] {
    (0..<random.next() % 6).map { _ in
      let fromS = Int64(random.next() % 3900)
      let reason = ["wait", "setup", "setup", nil][Int(random.next() % 4)]
      return GivenReason(
        workstationID: StopPlant.stations[Int(random.next() % 4)], startMs: startMs + fromS * 1000,
        endMs: startMs + (fromS + 1 + Int64(random.next() % 600)) * 1000, reasonID: reason, by: "x",
        atMs: TestSite.nowMs)
    }
  }

  private static func inSeconds(_ given: [GivenReason], startMs: Int64) -> [GivenReason] {
    given.map { reason in
      var reason = reason
      reason.startMs = (reason.startMs - startMs) / 1000
      reason.endMs = reason.endMs.map { ($0 - startMs) / 1000 }
      return reason
    }
  }

  @Test(arguments: 0..<4) func figuresEqualTheOracleInAnyOrderOfArrival(part: Int) throws {
    var random = SeededRandom(state: Seed.one &+ UInt64(part) &* 977)
    let test = try TestSite(Self.site)
    try test.restart(flushIntervalMs: part % 2 == 0 ? 0 : 1000)
    let today = TestSite.nowMs / StopPlant.dayMs * StopPlant.dayMs + 6 * 3_600_000
    let startsMs = (0..<15).map { today - Int64(30 - $0) * 9 * StopPlant.dayMs }
    let cases = startsMs.map { _ in StopPlant.events(&random) }
    let given = startsMs.map { Self.reasons(&random, startMs: $0) }
    try test.store.commit { transaction in try given.joined().forEach(transaction.append) }
    var arrivals = zip(cases, startsMs).flatMap { events, startMs in
      events.map { event in
        var event = event
        event.timestampMs = startMs + event.timestampMs * 1000
        return event
      }
    }
    if part > 0 { arrivals.shuffle(using: &random) }
    for event in arrivals {
      test.turn.add(payload: EventWriter.json(event), camera: "cam-\(random.next() % 2)")
      if random.next() % 30 == 0 { _ = try test.turn.commitAdded() }
    }
    _ = try test.turn.commitAdded()
    while test.turn.engine.hasPendingWrites { try test.turn.flush() }
    for (number, startMs) in startsMs.enumerated() {
      let accepted = StopPlant.accepted(cases, startsMs: startsMs, from: number)
      let reasons = Self.inSeconds(given[number], startMs: startMs)
      for round in 0..<5 {
        let fromS = [0, 0, 3600, 3420, 600, Int64(random.next() % 3900)][Int(random.next() % 6)]
        let toS = fromS + [3600, 300, 180, 1 + Int64(random.next() % 1000)][Int(random.next() % 4)]
        let nowS = Int64(random.next() % 4200)
        let window = try test.store.calendars(of: test.site).window(
          fromMs: startMs + fromS * 1000, toMs: startMs + toS * 1000, untilMs: startMs + nowS * 1000)
        let records = try KPIQuery(site: test.site)
          .records(test.store, windows: [window], nowMs: startMs + nowS * 1000)
        let differences = Self.differences(records, accepted, reasons, fromS..<toS, nowS: nowS)
        #expect(
          differences.isEmpty, "part \(part), case \(number), \(fromS)–\(toS) at \(nowS): \(differences)")
        if !differences.isEmpty { return }
        guard round == 0 else { continue }
        let recomputed = try KPIQuery(site: test.site, recomputes: true)
          .records(test.store, windows: [window], nowMs: startMs + nowS * 1000)
        #expect(records.map { $0.json(revision: nil) } == recomputed.map { $0.json(revision: nil) })
      }
    }
  }

  /// What is published of a closed window is what it is in the end: events that come late, time that passes, reasons and
  /// workstations that are seen for the first time.
  @Test(arguments: 0..<8) func closedWindowsAreReadAgainWhenTheirStopsChange(part: Int) throws {
    var random = SeededRandom(state: Seed.one &+ UInt64(part) &* 7919)
    let test = try TestSite(Self.site)
    let startMs = TestSite.nowMs / StopPlant.dayMs * StopPlant.dayMs - 10 * StopPlant.dayMs + 6 * 3_600_000
    var waiting = (StopPlant.events(&random) + StopPlant.events(&random)).enumerated().map { number, event in
      var event = event
      (event.timestampMs, event.eventID) = (startMs + event.timestampMs * 1000, "\(number)")
      return (atMs: event.timestampMs + [0, 0, 0, 30_000, 600_000][Int(random.next() % 5)], event: event)
    }
    var given = Self.reasons(&random, startMs: startMs)
    var live = LiveWindows(site: test.site)
    var last: [SiteWindow: [String]] = [:]
    var nowMs = startMs - 200_000
    func texts(_ records: [KPIRecord], asOf endMs: Int64) -> [String] {
      records.map { record in
        var record = record
        record.nowMs = endMs
        return String(decoding: record.json(revision: nil), as: UTF8.self)
      }
    }
    while nowMs < startMs + 4_600_000 {
      nowMs += Int64(1 + random.next() % 60) * 1000
      for arrival in waiting where arrival.atMs <= nowMs {
        test.turn.add(payload: EventWriter.json(arrival.event), camera: "cam-1")
      }
      waiting.removeAll { $0.atMs <= nowMs }
      _ = try test.turn.commitAdded()
      if let place = given.firstIndex(where: { $0.endMs ?? 0 <= nowMs }), random.next() % 3 == 0 {
        let reason = given.remove(at: place)
        try test.store.commit { try $0.append(reason) }
      }
      let reading = try live.read(test.store, nowMs: nowMs)
      for closed in reading.closed {
        last[closed.window] = texts(closed.records, asOf: closed.window.window.endMs)
        live.settle(closed.window)
      }
      let open = try KPIQuery(site: test.site).openWindows(test.store, nowMs: nowMs)
      #expect(texts(reading.open, asOf: nowMs) == texts(open, asOf: nowMs), "part \(part)")
    }
    for (window, texts) in last {
      let records = try KPIQuery(site: test.site).records(test.store, windows: [window], nowMs: nowMs)
      var expected: [String] = []
      for record in records {
        var record = record
        record.nowMs = window.window.endMs
        expected.append(String(decoding: record.json(revision: nil), as: UTF8.self))
      }
      #expect(texts == expected, "part \(part), \(window.window)")
    }
    #expect(last.keys.contains { $0.window.kind == .hour && $0.window.endMs == startMs + 3_600_000 })
  }
}
