import AndonCore
import Foundation
import TestSupport
import Testing

@testable import AndonConfiguration

@Suite(.ownThread) struct SettingsCalendarTests {
  private static let early = #"{id: early, start: "06:00", end: "14:00", days: [mon, tue, wed, thu, fri]}"#
  private static let saturday = #"{id: sat, start: "06:00", end: "12:00", days: [sat]}"#

  private func yaml(_ calendar: String) -> String {
    "sites:\n  - id: p\n    timezone: UTC\n    shifts: [\(Self.early), \(Self.saturday)]\n    calendar: \(calendar)\n"
  }

  private func complaint(_ calendar: String) -> String { SettingsSample.complaint(yaml(calendar)) }

  /// The starts of the shifts of some days, `12-19 early`.
  private func starts(_ calendar: String, from: String, days: Int64) throws -> [String] {
    let site = try SettingsSample.load(yaml(calendar)).sites[0]
    let first = try #require(LocalDate(from)).dayNumber * 86_400_000
    return SiteCalendar(site).shifts(beginningIn: first..<first + days * 86_400_000).map {
      CivilTime.text(epochMs: $0.startMs).dropFirst(5).prefix(5) + " " + ($0.shiftID ?? "")
    }
  }

  @Test func shiftsBeginOnTheirDaysOnly() throws {
    #expect(
      try starts("{}", from: "2026-12-17", days: 6)
        == ["12-17 early", "12-18 early", "12-19 sat", "12-21 early", "12-22 early"])
  }

  /// `open` beats `closed`, which beats the days.
  @Test func closedAndOpenDates() throws {
    let calendar =
      #"{closed: ["2026-12-17..2026-12-19", 2026-12-22], open: [{date: "2026-12-18", shifts: [early]}, {date: "2026-12-20", shifts: [sat]}]}"#
    #expect(try starts(calendar, from: "2026-12-17", days: 6) == ["12-18 early", "12-20 sat", "12-21 early"])
  }

  @Test(arguments: [
    ("[sat, sun]", "[sun, mon]", "a", "20:00", "sun"), ("[mon]", "[tue]", "a", "23:00", nil),
    // The night of Sunday reaches into Monday.
    ("[sun]", "[mon]", "night", "05:00", "mon"),
  ])
  func overlapIsLookedForOverAWholeWeek(
    _ one: String, _ other: String, _ id: String, _ start: String, _ day: String?
  ) {
    let shifts =
      #"{id: \#(id), start: "22:00", end: "06:00", days: \#(one)}, {id: b, start: "\#(start)", end: "23:30", days: \#(other)}"#
    let found = SettingsSample.complaint(SettingsSample.shifts(shifts))
    #expect(
      found
        == (day.map { "a.yaml:1: sites[0].shifts[1]: \"\(id)\" and \"b\" overlap on \($0)" } ?? "no error"))
  }

  @Test(arguments: [
    ("[mon, Tue]", "must be a list of some of mon, tue, wed, thu, fri, sat, sun, not \"Tue\""),
    ("[]", "must name at least one day; leave the key out for all seven"),
    ("", "must name at least one day; leave the key out for all seven"), ("mon", "must be a list of days"),
  ])
  func wrongDays(_ days: String, _ message: String) {
    let found = SettingsSample.complaint(
      SettingsSample.shifts(#"{id: a, start: "06:00", end: "14:00", days: \#(days)}"#))
    #expect(found == "a.yaml:1: sites[0].shifts[0].days: \(message)")
  }

  @Test(arguments: [
    ("{shut: []}", ".shut: unknown key"), ("[]", ": must be a section of keys"),
    ("{closed: 2026-12-24}", ".closed: must be a list of dates"),
    (
      #"{closed: ["24.12.2026"]}"#,
      #".closed[0]: must be a date such as "2026-12-24" or a range such as "2026-12-24..2027-01-01", not "24.12.2026""#
    ),
    (
      #"{closed: ["2026-02-29"]}"#,
      #".closed[0]: must be a date such as "2026-12-24" or a range such as "2026-12-24..2027-01-01", not "2026-02-29""#
    ),
    (
      #"{closed: ["2026-12-24..2026-12-23"]}"#,
      #".closed[0]: must not end before it begins, not "2026-12-24..2026-12-23""#
    ),
    (#"{closed: ["1926-12-24"]}"#, #".closed[0]: must lie in 1990-01-01…2059-12-31, not "1926-12-24""#),
    ("{open: [{shifts: [early]}]}", #".open[0].date: must be a date such as "2026-12-24"; it is missing"#),
    (#"{open: [{date: "2026-12-19"}]}"#, ".open[0].shifts: must name at least one shift of the site"),
    (
      #"{open: [{date: "2026-12-20", shifts: [erly]}]}"#,
      #".open[0].shifts: must be shifts of the site (early, sat), not "erly"; did you mean early?"#
    ),
    (
      #"{open: [{date: "2026-12-19", shifts: [early]}]}"#,
      #".open[0]: "early" and "sat" overlap on 2026-12-19"#
    ),
    ("{holidays_file: /nonexistent.ics}", "/nonexistent.ics: .holidays_file: there is no such file"),
  ])
  func wrongCalendars(_ calendar: String, _ message: String) {
    let path = "sites[0].calendar"
    let isElsewhere = message.hasPrefix("/")
    let expected =
      isElsewhere ? message.replacing(": .", with: ": \(path).") : "a.yaml:5: \(path)\(message)"
    #expect(complaint(calendar) == expected)
  }

  private func holidays(_ folder: URL, _ events: String) throws -> String {
    let file = folder.path(percentEncoded: false) + "/holidays.ics"
    try "BEGIN:VCALENDAR\nBEGIN:VEVENT\n\(events)\nEND:VEVENT\nEND:VCALENDAR\n"
      .write(toFile: file, atomically: true, encoding: .utf8)
    return file
  }

  @Test func holidaysOfAFileAreClosed() throws {
    let folder = try TemporaryFolder.make("cal")
    let file = try holidays(folder, "DTSTART;VALUE=DATE:20001218\nRRULE:FREQ=YEARLY\nSUMMARY:Founding day")
    #expect(
      try starts("{holidays_file: \(file)}", from: "2026-12-17", days: 3) == ["12-17 early", "12-19 sat"])
    let site = try SettingsSample.load(yaml("{holidays_file: \(file)}")).sites[0]
    let noon = try #require(LocalDate("2026-12-18")).dayNumber * 86_400_000 + 43_200_000
    #expect(SiteCalendar(site).closure(at: noon)?.reason == "Founding day")
    // A Sunday is not closed: no shift would begin on it anyway.
    #expect(SiteCalendar(site).closure(at: noon + 2 * 86_400_000) == nil)
  }

  @Test func aMistakeInTheHolidaysFileNamesItsLine() throws {
    let folder = try TemporaryFolder.make("cal")
    let file = try holidays(folder, "SUMMARY:x\nDTSTART;VALUE=DATE:20261218\nRRULE:FREQ=MONTHLY")
    let found = complaint("{holidays_file: \(file)}")
    #expect(
      found.hasPrefix("\(file):5: sites[0].calendar.holidays_file: RRULE: \"FREQ=MONTHLY\""), "\(found)")
  }

  /// A reload takes the site over when the calendar changed, or only the file that it names.
  @Test func aChangedCalendarOrHolidaysFileChangesTheSite() throws {
    let folder = try TemporaryFolder.make("cal")
    let file = try holidays(folder, "DTSTART;VALUE=DATE:20261218")
    let text = yaml("{holidays_file: \(file)}")
    let before = try SettingsSample.load(text)
    #expect(SettingsChange(from: before, to: try SettingsSample.load(text)).isEmpty)
    _ = try holidays(folder, "DTSTART;VALUE=DATE:20261217")
    #expect(SettingsChange(from: before, to: try SettingsSample.load(text)).changed.map(\.id) == ["p"])
    let other = try SettingsSample.load(yaml(#"{closed: ["2026-12-18"]}"#))
    #expect(SettingsChange(from: try SettingsSample.load(yaml("{}")), to: other).changed.map(\.id) == ["p"])
  }
}
