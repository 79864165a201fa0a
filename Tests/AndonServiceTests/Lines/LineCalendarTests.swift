import AndonCore
import TestSupport
import Testing

@testable import AndonBridge
@testable import AndonConfiguration
@testable import AndonIngest
@testable import AndonStore

/// Lines with shifts of their own: commands, silent cameras, results of shifts.
@Suite(.ownThread) struct LineCalendarTests {
  private static let dayMs: Int64 = 86_400_000
  private static let lines =
    #", areas: [{id: hall, lines: [{id: l1, workstations: [S1], cameras: [cam-01]}, {id: l2, workstations: [S2], "#
    + #"cameras: [cam-02], shifts: [{id: day, start: "06:00", end: "12:00", days: [mon, tue, wed, thu, fri, sat]}, {id: sun, start: "10:00", end: "16:00", days: [sun]}]}]}]"#
  private static let settings =
    #", shifts: [{id: early, start: "06:00", end: "14:00", days: [mon, tue, wed, thu, fri]}]"# + lines
  /// Thursday 2026-01-15, 10:15 UTC.
  private let nowMs = TestSite.nowMs

  private func begun(_ site: AlarmSite, line: String?) -> [String] {
    let first = nowMs - nowMs % Self.dayMs
    let calendars = site.turn.engine.calendars
    return (line.flatMap { calendars.calendar(ofLine: $0) } ?? calendars.site)
      .shifts(beginningIn: first..<first + 4 * Self.dayMs).map {
        CivilTime.text(epochMs: $0.startMs).dropFirst(8).prefix(2) + " " + ($0.shiftID ?? "")
      }
  }

  private func run(_ site: AlarmSite, _ name: String, _ payload: String) throws -> String {
    try #require(try site.commands([("calendar", name, payload)]).first).code
  }

  @Test func aLineIsClosedAndOpenedByItselfAndThatIsKept() throws {
    let site = try AlarmSite(Self.settings)
    let own = ["15 day", "16 day", "17 day", "18 sun"]
    #expect(begun(site, line: nil) == ["15 early", "16 early"])
    #expect(begun(site, line: "l1") == ["15 early", "16 early"] && begun(site, line: "l2") == own)
    #expect(try run(site, "close", #"{"from":"2026-01-15","reason":"service","line":"l1"}"#) == "ok")
    #expect(begun(site, line: nil) == ["15 early", "16 early"] && begun(site, line: "l1") == ["16 early"])
    #expect(begun(site, line: "l2") == own)
    // The site's command holds for its lines.
    #expect(try run(site, "close", #"{"from":"2026-01-16","to":"2026-01-17","reason":"storm"}"#) == "ok")
    #expect(begun(site, line: "l1").isEmpty && begun(site, line: "l2") == ["15 day", "18 sun"])
    #expect(try run(site, "open", #"{"date":"2026-01-17","shifts":["day"],"line":"l2"}"#) == "ok")
    let expected = ["15 day", "17 day", "18 sun"]
    #expect(begun(site, line: "l2") == expected && begun(site, line: nil) == ["15 early"])
    try site.restart()
    #expect(begun(site, line: "l2") == expected && begun(site, line: "l1").isEmpty)
    // Without dates, a line is as at the site again; the closure of the site stays.
    #expect(try run(site, "clear", #"{"line":"l1"}"#) == "ok")
    #expect(begun(site, line: "l1") == ["15 early"] && begun(site, line: "l2") == expected)
    #expect(try run(site, "clear", #"{"line":"l1"}"#) == "ok", "harmless")
    #expect(try run(site, "clear", "") == "ok")
    #expect(begun(site, line: "l2") == own && begun(site, line: nil) == ["15 early", "16 early"])
  }

  @Test(arguments: [
    ("close", #"{"from":"2026-01-15","reason":"x","line":"l9"}"#, "unknown_line"),
    ("open", #"{"date":"2026-01-17","shifts":["early"],"line":"l2"}"#, "unknown_shift"),
    ("open", #"{"date":"2026-01-17","shifts":["day","sun"],"line":"l2"}"#, "overlap"),
    ("open", #"{"date":"2026-01-17","shifts":["sun"]}"#, "overlap"),
    ("clear", #"{"line":"l1"}"#, "nothing_to_clear"), ("clear", #"{"line":"l9"}"#, "unknown_line"),
  ])
  func whatCannotBeIsRefusedAndChangesNothing(_ name: String, _ payload: String, _ code: String) throws {
    let site = try AlarmSite(Self.settings)
    #expect(try run(site, name, payload) == code)
    #expect(try site.store.calendarChanges().isEmpty)
  }

  /// Only a line has shifts: its calendar can be changed, that of a line without any cannot.
  @Test func aLineMayHaveTheOnlyShifts() throws {
    let site = try AlarmSite(Self.lines)
    #expect(try run(site, "close", #"{"from":"2026-01-15","reason":"x","line":"l1"}"#) == "no_shifts")
    #expect(try run(site, "close", #"{"from":"2026-01-15","reason":"x"}"#) == "ok")
    #expect(begun(site, line: "l2") == ["16 day", "17 day", "18 sun"])
  }

  // MARK: Silence

  private func pages(_ site: AlarmSite, atMs: Int64) throws -> [String] {
    var ticks = TickSchedule(site.base.site)
    site.clock.nowMs = atMs
    _ = try site.turn.tick(ticks.context(site.turn.engine, listeningSinceMs: 0, nowMs: atMs))
    return try site.store.alarmJournal(limit: 100).filter(\.page)
      .map { $0.alertID.split(separator: "/").last.map(String.init) ?? "" }.sorted()
  }

  private func seen(_ site: AlarmSite) throws {
    site.clock.nowMs = nowMs
    for camera in ["cam-01", "cam-02", "cam-03"] {
      site.add(TestSite.event(nowMs, worker: camera), camera: camera)
    }
    try site.commit(atMs: nowMs)
  }

  /// Saturday is a working day of one line. Its camera is missed, those of the site rest.
  @Test func aSilentCameraIsJudgedByTheShiftsOfItsLine() throws {
    let site = try AlarmSite(Self.settings, sections: "alerts: {group_window: 0s}")
    try seen(site)
    let saturday = nowMs - nowMs % Self.dayMs + 2 * Self.dayMs + 6 * 3_600_000
    #expect(try pages(site, atMs: saturday + 900_000).isEmpty)
    #expect(try pages(site, atMs: saturday + 900_001) == ["cam-02"])
  }

  @Test func aClosedLineCallsNobodyWhileTheOthersWork() throws {
    let site = try AlarmSite(Self.settings)
    try seen(site)
    #expect(try run(site, "close", #"{"from":"2026-01-15","reason":"service","line":"l1"}"#) == "ok")
    #expect(try pages(site, atMs: nowMs + 1_200_000) == ["cam-02", "cam-03"])
  }

  // MARK: Results of shifts

  @Test func resultsAreThoseOfTheShiftsOfEachWorkstation() throws {
    let site = try AlarmSite(Self.settings)
    for (station, worker) in [("S1", "W1"), ("S2", "W2"), ("S3", "W3")] {
      for minute in 0..<60 {
        let event = TestSite.event(nowMs - Int64(minute) * 60_000, worker: worker)
        site.add(event.replacing("\"S1\"", with: "\"\(station)\""))
      }
    }
    try site.commit(atMs: nowMs)
    let calendars = try site.store.calendars(of: site.base.site)
    let noon = nowMs - nowMs % Self.dayMs + 12 * 3_600_000
    func results(before ms: Int64) throws -> [String] {
      try ShiftResultFinder.closedShifts(calendars, before: ms, count: 1).flatMap { window in
        try KPIQuery(site: site.base.site, scopes: [.workstation])
          .records(site.store, windows: [window], nowMs: window.window.endMs - 1)
          .filter { $0.lastEventMs != nil }
          .map { "\($0.id) \(window.window.shiftID ?? "")" }
      }
    }
    #expect(try results(before: noon) == ["S2 day"], "the site's shift of today is not over")
    #expect(try results(before: noon + 7_200_000).sorted() == ["S1 early", "S2 day", "S3 early"])
  }

  @Test func resultsOfAClosedLineAreForgotten() throws {
    let site = try AlarmSite(Self.settings)
    let start = nowMs - nowMs % Self.dayMs + 6 * 3_600_000
    func result(_ station: String, _ shift: String) -> ShiftResult {
      ShiftResult(
        workstationID: station, shiftID: shift, startMs: start, endMs: start + 1000, units: 100,
        utilization: nil)
    }
    try site.shifts([result("S1", "early"), result("S2", "day"), result("S3", "early")])
    #expect(try run(site, "close", #"{"from":"2026-01-15","reason":"x","line":"l2"}"#) == "ok")
    func left() throws -> [String] {
      try ["S1", "S2", "S3"].filter { station in
        try !site.store.commit { try $0.shiftResults(workstation: station, limit: 10) }.isEmpty
      }
    }
    #expect(try left() == ["S1", "S3"])
    #expect(try run(site, "close", #"{"from":"2026-01-15","reason":"x"}"#) == "ok")
    #expect(try left().isEmpty)
  }
}
