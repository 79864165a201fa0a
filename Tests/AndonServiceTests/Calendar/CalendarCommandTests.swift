import AndonCore
import Foundation
import TestSupport
import Testing

@testable import AndonBridge
@testable import AndonConfiguration
@testable import AndonIngest
@testable import AndonStore

/// Commands that close and open dates: effective at once, kept over a restart, journalled.
@Suite(.ownThread) struct CalendarCommandTests {
  private static let shifts =
    #", shifts: [{id: early, start: "06:00", end: "14:00", days: [mon, tue, wed, thu, fri]}, "#
    + #"{id: sat, start: "06:00", end: "12:00", days: [sat]}], calendar: {closed: ["2026-01-16"]}"#
  private static let dayMs: Int64 = 86_400_000
  /// Thursday 2026-01-15, 10:15 UTC.
  private let nowMs = TestSite.nowMs

  /// The shifts that begin from Thursday to Monday, `15 early`.
  private func begun(_ calendar: SiteCalendar) -> [String] {
    let first = nowMs - nowMs % Self.dayMs
    return calendar.shifts(beginningIn: first..<first + 5 * Self.dayMs).map {
      CivilTime.text(epochMs: $0.startMs).dropFirst(8).prefix(2) + " " + ($0.shiftID ?? "")
    }
  }

  private func run(_ site: AlarmSite, _ name: String, _ payload: String) throws -> AlarmSite.Answer {
    try #require(try site.commands([("calendar", name, payload)]).first)
  }

  @Test func closeOpenAndClearCountAtOnceAndAfterARestart() throws {
    let site = try AlarmSite(Self.shifts)
    #expect(begun(site.turn.engine.calendar) == ["15 early", "17 sat", "19 early"])
    let close = #"{"from":"2026-01-15","to":"2026-01-17","reason":"stocktaking","by":"m.rossi"}"#
    #expect(try run(site, "close", close).code == "ok")
    #expect(begun(site.turn.engine.calendar) == ["19 early"])
    #expect(site.turn.engine.calendar.closure(at: nowMs)?.reason == "stocktaking")
    // The newest command that names a date counts, also against the configuration.
    #expect(try run(site, "open", #"{"date":"2026-01-16","shifts":["early"],"by":"x"}"#).code == "ok")
    #expect(begun(site.turn.engine.calendar) == ["16 early", "19 early"])
    #expect(try run(site, "close", #"{"from":"2026-01-16","reason":"storm"}"#).code == "ok")
    #expect(begun(site.turn.engine.calendar) == ["19 early"])
    #expect(try run(site, "clear", #"{"from":"2026-01-15"}"#).code == "ok")
    let expected = ["15 early", "19 early"]
    #expect(begun(site.turn.engine.calendar) == expected)
    try site.restart()
    #expect(begun(site.turn.engine.calendar) == expected)
    #expect(begun(try site.store.calendar(of: site.base.site)) == expected)
    #expect(try run(site, "clear", "").code == "ok")
    #expect(begun(site.turn.engine.calendar) == ["15 early", "17 sat", "19 early"])
  }

  @Test(arguments: [
    ("close", #"{"from":"2026-01-15"}"#, "bad_request"), ("close", #"{"reason":"x"}"#, "bad_request"),
    ("close", #"{"from":"15.01.2026","reason":"x"}"#, "bad_request"),
    ("close", #"{"from":"2026-01-15","to":"2026-01-14","reason":"x"}"#, "bad_request"),
    ("close", #"{"from":"2000-01-01","to":"2030-01-01","reason":"x"}"#, "bad_request"),
    ("close", #"{"from":"2026-01-15","reason":"x","line":"l1"}"#, "unknown_line"),
    ("open", #"{"date":"2026-01-18","shifts":["night"]}"#, "unknown_shift"),
    ("open", #"{"date":"2026-01-18","shifts":[]}"#, "bad_request"),
    ("open", #"{"date":"2026-01-18","shifts":"early"}"#, "bad_request"),
    ("open", #"{"shifts":["early"]}"#, "bad_request"),
    ("open", #"{"date":"2026-01-17","shifts":["early"]}"#, "overlap"), ("clear", "{}", "nothing_to_clear"),
    ("shut", "{}", "unknown_command"),
  ])
  func whatCannotBeIsRefusedAndChangesNothing(_ name: String, _ payload: String, _ code: String) throws {
    let site = try AlarmSite(Self.shifts)
    #expect(try run(site, name, payload).code == code)
    #expect(try site.store.calendarChanges().isEmpty)
  }

  @Test func aSiteWithoutShiftsHasNoCalendarToChange() throws {
    let site = try AlarmSite()
    #expect(try run(site, "close", #"{"from":"2026-01-15","reason":"x"}"#).code == "no_shifts")
  }

  /// The same request again is answered the same and changes nothing.
  @Test func aRepeatedCommandIsDoneOnce() throws {
    let site = try AlarmSite(Self.shifts)
    let close = #"{"req_id":"7","from":"2026-01-15","reason":"x"}"#
    let first = try run(site, "close", close)
    #expect(try run(site, "close", close) == first)
    #expect(try site.store.calendarChanges().count == 1)
  }

  @Test func fault114_aDateThatIsClosedByCommandCallsNobodyFromThen() throws {
    let site = try AlarmSite(Self.shifts)
    var ticks = TickSchedule(site.base.site)
    site.clock.nowMs = nowMs
    site.add(TestSite.event(nowMs))
    try site.commit(atMs: nowMs)
    _ = try run(site, "close", #"{"from":"2026-01-15","reason":"power cut"}"#)
    for minute in Int64(0)...200 {
      site.clock.nowMs = nowMs + minute * 60_000
      _ = try site.turn.tick(
        ticks.context(site.turn.engine, listeningSinceMs: 0, nowMs: site.clock.nowMs))
    }
    #expect(try site.store.alarmJournal(limit: 10).isEmpty)
    // Open again, the silence counts.
    _ = try run(site, "clear", "")
    _ = try site.turn.tick(ticks.context(site.turn.engine, listeningSinceMs: 0, nowMs: site.clock.nowMs))
    #expect(try site.store.alarmJournal(limit: 10).count == 1)
  }

  /// A day that turns out to have been closed is no shift with low output.
  @Test func resultsOfShiftsThatWereClosedAreForgotten() throws {
    let site = try AlarmSite(Self.shifts)
    let start = nowMs - nowMs % Self.dayMs + 21_600_000
    func result(_ days: Int64) -> ShiftResult {
      ShiftResult(
        workstationID: "S1", shiftID: "early", startMs: start - days * Self.dayMs,
        endMs: start + 28_800_000 - days * Self.dayMs, units: 100, utilization: nil)
    }
    try site.shifts([result(2), result(1), result(0)])
    _ = try run(site, "close", #"{"from":"2026-01-14","reason":"x"}"#)
    let left = try site.store.commit { try $0.shiftResults(workstation: "S1", limit: 10) }
    #expect(left.map(\.startMs) == [start - 2 * Self.dayMs, start])
  }

  @Test func theJournalIsBounded() throws {
    let site = try AlarmSite(Self.shifts)
    try site.store.commit { transaction in
      for number in 0..<Int64(SiteStore.calendarChangeLimit) {
        let date = LocalDate(dayNumber: 20_000 + number)
        try transaction.append(
          CalendarChange(.close(reason: "x"), on: date...date), by: "x", reason: "x", atMs: nowMs)
      }
    }
    try site.restart()
    // What lies before the retention makes room: the first 66 days are older than 400 days.
    #expect(try run(site, "close", #"{"from":"2026-01-15","reason":"x"}"#).code == "ok")
    #expect(try site.store.calendarChanges().count < SiteStore.calendarChangeLimit)
    for _ in 0..<SiteStore.calendarChangeLimit {
      guard try run(site, "close", #"{"from":"2026-01-15","reason":"x"}"#).code == "ok" else { break }
    }
    #expect(try run(site, "close", #"{"from":"2026-01-15","reason":"x"}"#).code == "too_many")
  }
}
