import AndonCore
import TestSupport
import Testing

@Suite struct HolidayFileTests {
  private func periods(_ events: String) throws -> [String] {
    let text = "BEGIN:VCALENDAR\nVERSION:2.0\n\(events)\nEND:VCALENDAR\n"
    return try HolidayFile.periods(Array(text.utf8)).map { period in
      let (first, last) = (period.dates.lowerBound, period.dates.upperBound)
      return "\(first)" + (first == last ? "" : "..\(last)")
        + (period.reason.isEmpty ? "" : " \(period.reason)")
    }
  }

  private func event(_ lines: String...) throws -> [String] {
    try periods("BEGIN:VEVENT\n\(lines.joined(separator: "\n"))\nEND:VEVENT")
  }

  /// The end of an all-day event is the day after its last one.
  @Test(arguments: [
    ("DTSTART;VALUE=DATE:20261224\nDTEND;VALUE=DATE:20261227", ["2026-12-24..2026-12-26"]),
    ("DTSTART;VALUE=DATE:20261224\nDTEND;VALUE=DATE:20261225", ["2026-12-24"]),
    ("DTSTART;VALUE=DATE:20261224", ["2026-12-24"]), ("DTSTART:20261224", ["2026-12-24"]),
    ("DTSTART;VALUE=DATE:20261224\nDURATION:P1W", ["2026-12-24..2026-12-30"]),
    ("dtstart;value=date:20261224\nSummary;LANGUAGE=\"de:x\":Heilig\\, Abend", ["2026-12-24 Heilig, Abend"]),
    ("DTSTART:20261224T060000Z\nRRULE:FREQ=WEEKLY", []),
    ("DTSTART;TZID=Europe/Berlin:20261224T060000", []),
    ("DTSTART;VALUE=DATE:20261224\nSTATUS:CANCELLED", []),
    ("DTSTART;VALUE=DATE:20261224\nTRANSP:TRANSPARENT", ["2026-12-24"]),
  ])
  func allDayEvents(_ lines: String, _ expected: [String]) throws {
    #expect(try event(lines) == expected)
  }

  @Test(arguments: [
    ("RRULE:FREQ=YEARLY;COUNT=3", ["2024-05-01", "2025-05-01", "2026-05-01"]),
    ("RRULE:FREQ=YEARLY;INTERVAL=2;UNTIL=20280501", ["2024-05-01", "2026-05-01", "2028-05-01"]),
    ("RRULE:UNTIL=20250430T235959Z;FREQ=YEARLY;WKST=MO", ["2024-05-01"]),
    ("RRULE:FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=1;COUNT=2", ["2024-05-01", "2025-05-01"]),
    ("RRULE:FREQ=YEARLY;COUNT=3\nEXDATE;VALUE=DATE:20250501", ["2024-05-01", "2026-05-01"]),
    ("RDATE;VALUE=DATE:20240701,20240703", ["2024-05-01", "2024-07-01", "2024-07-03"]),
  ])
  func yearly(_ rule: String, _ expected: [String]) throws {
    #expect(try event("DTSTART;VALUE=DATE:20240501", rule) == expected)
  }

  @Test func everyYearWithoutAnEndIsEverySupportedYear() throws {
    let dates = try event("DTSTART;VALUE=DATE:19610813", "RRULE:FREQ=YEARLY")
    #expect(dates.count == 70 && dates.first == "1990-08-13" && dates.last == "2059-08-13")
  }

  @Test func theLeapDayComesAndCountsInLeapYearsOnly() throws {
    let dates = try event("DTSTART;VALUE=DATE:20240229", "RRULE:FREQ=YEARLY;COUNT=3")
    #expect(dates == ["2024-02-29", "2028-02-29", "2032-02-29"])
  }

  /// A fold may lie between two bytes of one character, and lines may end with CRLF or LF.
  @Test func foldedLinesAreJoinedAsBytes() throws {
    let bytes =
      [0xEF, 0xBB, 0xBF]
      + Array(
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=\r\n DATE:2026\n\t1224\r\nSUMMARY:Neujahr ".utf8)
      + [0xC3, 13, 10, 32, 0xA4] + Array("rger\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n".utf8)
    let periods = try HolidayFile.periods(bytes)
    #expect(periods.map(\.reason) == ["Neujahr ärger"])
    #expect(periods.map { "\($0.dates.lowerBound)" } == ["2026-12-24"])
  }

  /// The rules of a time zone and an alarm inside an event are not the event's.
  @Test func partsOfOtherComponentsDoNotCount() throws {
    let found = try periods(
      """
      BEGIN:VTIMEZONE
      BEGIN:STANDARD
      DTSTART:19701025T030000
      RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
      END:STANDARD
      END:VTIMEZONE
      BEGIN:VEVENT
      DTSTART;VALUE=DATE:20261224
      BEGIN:VALARM
      DTSTART;VALUE=DATE:20250101
      SUMMARY:wake
      END:VALARM
      END:VEVENT
      """)
    #expect(found == ["2026-12-24"])
  }

  @Test(arguments: [
    ("DTSTART;VALUE=DATE:20261224\nRRULE:FREQ=WEEKLY", 5, "RRULE: \"FREQ=WEEKLY\" is not understood"),
    ("DTSTART;VALUE=DATE:20261126\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH", 5, "RRULE: "),
    ("DTSTART;VALUE=DATE:20261126\nRRULE:FREQ=YEARLY;BYMONTHDAY=26", 5, "RRULE: "),
    ("DTSTART;VALUE=DATE:20261126\nRRULE:FREQ=YEARLY;BYMONTH=12", 5, "RRULE: "),
    ("DTSTART;VALUE=DATE:20261126\nRRULE:FREQ=YEARLY;COUNT=0", 5, "RRULE: "),
    ("DTSTART;VALUE=DATE:20261126\nRRULE:FREQ=YEARLY;COUNT=2;UNTIL=20300101", 5, "RRULE: "),
    ("DTSTART;VALUE=DATE:20261126\nRRULE:COUNT=2", 5, "RRULE: "),
    (
      "SUMMARY:x\nDTSTART;VALUE=DATE:20261126\nRRULE:FREQ=YEARLY;UNTIL=soon", 6, "RRULE: UNTIL must be a date"
    ),
    ("DTSTART;VALUE=DATE:20260230", 4, "DTSTART: must be a date such as 20261224, not \"20260230\""),
    ("DTSTART;VALUE=DATE:20261224\nDTEND;VALUE=DATE:20261223", 5, "DTEND: lies before DTSTART"),
    ("DTSTART;VALUE=DATE:20261224\nDURATION:PT8H", 5, "DURATION: must be whole days or weeks"),
    ("DTSTART;VALUE=DATE:20261224\nDTSTART;VALUE=DATE:20261225", 5, "DTSTART: stands twice in one event"),
    ("DTSTART;VALUE=DATE:20261224\nEXRULE:FREQ=YEARLY", 5, "EXRULE: is not understood"),
    ("DTSTART;VALUE=DATE:20261224\nRECURRENCE-ID;VALUE=DATE:20261224", 5, "RECURRENCE-ID: is not understood"),
    ("DTSTART;VALUE=DATE:20261224\nRDATE;VALUE=PERIOD:20261224T0/P1D", 5, "RDATE: must be a date"),
    ("SUMMARY:x", 3, "an event without DTSTART"), ("nonsense", 4, "this is no line of an iCalendar file"),
    ("END:VCALENDAR", 4, "END:VCALENDAR does not end what was begun"),
  ])
  func whatIsNotUnderstoodIsRefusedWithItsLine(_ lines: String, _ line: Int, _ message: String) {
    let error = #expect(throws: HolidayFile.Failure.self) { try event(lines) }
    #expect(error?.line == line && error?.message.hasPrefix(message) == true, "\(String(describing: error))")
  }

  @Test(arguments: [
    ("", 1, "an iCalendar file begins with BEGIN:VCALENDAR"),
    ("\n\n<html>: x", 3, "an iCalendar file begins with BEGIN:VCALENDAR"),
    ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20261224\n", 3, "END:VEVENT is missing: the file is not whole"),
  ])
  func aFileThatIsNoneOrNotWhole(_ text: String, _ line: Int, _ message: String) {
    let error = #expect(throws: HolidayFile.Failure.self) { try HolidayFile.periods(Array(text.utf8)) }
    #expect(error == HolidayFile.Failure(line: line, message: message))
  }

  /// Damaged files end in an error or in periods, never in a trap.
  @Test(.seeded) func damagedFilesAreRefusedOrRead() {
    var random = TestRandom(seed: Seed.one)
    let whole = Array(
      "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20261224\nDTEND;VALUE=DATE:20261226\nRRULE:FREQ=YEARLY;COUNT=3;INTERVAL=2\nEXDATE:20281224\nEND:VEVENT\nEND:VCALENDAR\n"
        .utf8)
    for _ in 0..<2000 {
      var bytes = whole
      for _ in 0...random.below(4) {
        let place = random.below(bytes.count)
        switch random.below(3) {
        case 0: bytes[place] = UInt8(random.below(256))
        case 1: bytes.remove(at: place)
        default: bytes.insert(contentsOf: whole[random.below(whole.count)...].prefix(12), at: place)
        }
      }
      _ = try? HolidayFile.periods(bytes)
    }
  }
}
