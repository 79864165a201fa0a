import AndonCore
import Foundation
import TestSupport
import Testing

@testable import AndonBridge
@testable import AndonConfiguration
@testable import AndonIngest
@testable import AndonStore

/// Time without planned work: weekends, holidays, closures, the days after them.
@Suite(.ownThread) struct CalendarFaultTests {
  private static let weekdays = "days: [mon, tue, wed, thu, fri]"
  private static let shifts =
    #", shifts: [{id: early, start: "06:00", end: "14:00", \#(weekdays), breaks: [{start: "10:00", end: "10:30"}]}]"#

  private func at(_ text: String) throws -> Int64 {
    try Timestamp.parse(Array("\(text):00Z".utf8).span, assumeUTC: false)
  }

  /// One tick as the ingest loop makes it.
  private func tick(_ site: AlarmSite, _ ticks: inout TickSchedule, atMs: Int64) throws {
    site.clock.nowMs = atMs
    _ = try site.turn.tick(ticks.context(site.turn.engine, listeningSinceMs: 0, nowMs: atMs))
  }

  private func schedule(_ site: AlarmSite) -> TickSchedule {
    TickSchedule(site.base.site)
  }

  private func pages(_ site: AlarmSite) throws -> [AlarmJournalRow] {
    try site.store.alarmJournal(limit: 1000).filter(\.page)
  }

  /// The cameras send for the last time. Once the next shift has lasted for longer than the silence limit there is one
  /// page, and none before.
  private func expectSilence(
    of cameras: [String], _ site: AlarmSite, after last: String, inShiftAt next: String, everyMs: Int64
  ) throws {
    var ticks = schedule(site)
    let (lastMs, nextMs) = (try at(last), try at(next))
    site.clock.nowMs = lastMs
    for camera in cameras { site.add(TestSite.event(lastMs, worker: camera), camera: camera) }
    try site.commit(atMs: lastMs)
    for atMs in stride(from: lastMs, through: nextMs + 900_000, by: Int64.Stride(everyMs)) {
      try tick(site, &ticks, atMs: atMs)
    }
    #expect(try pages(site).isEmpty)
    // One camera calls at once, several that are silent together after two minutes, for their group.
    try tick(site, &ticks, atMs: nextMs + 900_001)
    #expect(try pages(site).count == (cameras.count == 1 ? 1 : 0))
    try tick(site, &ticks, atMs: nextMs + 1_020_001)
    #expect(try pages(site).count == 1)
  }

  @Test func fault110_twentyFourCamerasThatRestOverTheWeekendCallNobody() throws {
    // The last events come ten minutes after the end of Friday's shift.
    try expectSilence(
      of: (1...24).map { "cam-\($0)" }, AlarmSite(Self.shifts), after: "2026-01-16T14:10",
      inShiftAt: "2026-01-19T06:00", everyMs: 60_000)
  }

  /// Cameras that send while people work, through weekends, a holiday and a closure.
  @Test func fault111_fourWeeksWithAHolidayAndAClosureCallNobody() throws {
    let folder = try TemporaryFolder.make("cal")
    let file = folder.appending(path: "holidays.ics").path(percentEncoded: false)
    try
      "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20000126\nRRULE:FREQ=YEARLY\nEND:VEVENT\nEND:VCALENDAR\n"
      .write(toFile: file, atomically: true, encoding: .utf8)
    let site = try AlarmSite(
      Self.shifts + #", calendar: {closed: ["2026-02-02..2026-02-06"], holidays_file: \#(file)}"#)
    var ticks = schedule(site)
    let calendar = SiteCalendar(site.base.site)
    let (from, to) = (try at("2026-01-16T00:00"), try at("2026-02-13T00:00"))
    var shifts: Set<Int64> = []
    for atMs in stride(from: from, to: to, by: 300_000) {
      if let shift = calendar.window(.shift, containing: atMs) {
        shifts.insert(shift.startMs)
        if !shift.breaks.contains(where: { $0.contains(atMs) }) {
          for camera in ["cam-1", "cam-2", "cam-3"] {
            site.add(TestSite.event(atMs, worker: camera), camera: camera)
          }
          try site.commit(atMs: atMs)
        }
      }
      try tick(site, &ticks, atMs: atMs)
    }
    // Twenty weekdays, less Monday the holiday and the closed week.
    #expect(shifts.count == 14)
    #expect(try site.store.alarmJournal(limit: 10).isEmpty)
  }

  /// A closure of more than a week must not make a dead camera look like one that was taken down long ago.
  @Test func fault112_aCameraThatDoesNotReturnAfterALongClosureIsSilent() throws {
    let site = try AlarmSite(Self.shifts + #", calendar: {closed: ["2026-01-19..2026-01-30"]}"#)
    try expectSilence(
      of: ["cam-01"], site, after: "2026-01-16T13:59", inShiftAt: "2026-02-02T06:00", everyMs: 300_000)
  }

  /// Only shifts that began have a result, so a quiet Saturday is no shift with low output.
  @Test func fault113_outsideShiftsNoProductivityIsJudged() throws {
    let site = try AlarmSite(Self.shifts + #", calendar: {closed: ["2026-01-22"]}"#)
    let calendars = SiteCalendars(site.base.site)
    let found = ShiftResultFinder.closedShifts(calendars, before: try at("2026-01-25T12:00"), count: 10)
    let days = found.map { String(CivilTime.text(epochMs: $0.window.startMs).prefix(10)) }
    #expect(days == ["2026-01-19", "2026-01-20", "2026-01-21", "2026-01-23"])
  }
}
