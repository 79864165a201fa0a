import AndonCore
import Foundation
import Testing

@Suite struct SiteCalendarTests {
  static func zone(_ name: String) throws -> ZoneOffsets {
    let zone = try #require(TimeZone(identifier: name))
    var transitions: [ZoneOffsets.Transition] = []
    var date = Date(timeIntervalSince1970: 1_700_000_000)
    let initial = Int64(zone.secondsFromGMT(for: date)) * 1000
    for _ in 0..<12 {
      guard let next = zone.nextDaylightSavingTimeTransition(after: date) else { break }
      transitions.append(
        .init(
          atMs: Int64(next.timeIntervalSince1970) * 1000,
          offsetMs: Int64(zone.secondsFromGMT(for: next)) * 1000))
      date = next
    }
    return ZoneOffsets(initialOffsetMs: initial, transitions: transitions)
  }

  static let shifts = [
    ShiftDefinition(
      id: "early", start: LocalTime(minutes: 360), end: LocalTime(minutes: 840),
      breaks: [BreakDefinition(start: LocalTime(minutes: 600), end: LocalTime(minutes: 615))]),
    ShiftDefinition(id: "late", start: LocalTime(minutes: 840), end: LocalTime(minutes: 1320)),
    ShiftDefinition(id: "night", start: LocalTime(minutes: 1320), end: LocalTime(minutes: 360)),
  ]

  private func calendar(_ zone: String) throws -> SiteCalendar {
    SiteCalendar(zone: try Self.zone(zone), shifts: Self.shifts)
  }

  private func ms(_ text: String) throws -> Int64 {
    try Timestamp.parse(Array(text.utf8).span, assumeUTC: false)
  }

  @Test(arguments: [
    // Clocks forward, clocks back, an ordinary day: the local noon and the hours of its day.
    ("Europe/Berlin", "2026-03-29T12:00:00+02:00", 23.0), ("Europe/Berlin", "2026-10-25T12:00:00+01:00", 25),
    ("Europe/Berlin", "2026-06-01T12:00:00+02:00", 24), ("America/New_York", "2026-03-08T12:00:00-04:00", 23),
    ("America/New_York", "2026-11-01T12:00:00-05:00", 25),
    ("Australia/Lord_Howe", "2026-10-04T12:00:00+11:00", 23.5),
    ("Australia/Lord_Howe", "2026-04-05T12:00:00+10:30", 24.5),
    ("Asia/Kathmandu", "2026-01-15T12:00:00+05:45", 24),
  ])
  func aDayHasTheHoursOfItsZone(_ zone: String, _ noon: String, _ hours: Double) throws {
    let day = try #require(try calendar(zone).window(.day, containing: ms(noon)))
    #expect(Double(day.endMs - day.startMs) / 3_600_000 == hours)
  }

  @Test(arguments: [
    ("2026-03-29T02:30:00+01:00", 7.0), ("2026-10-25T02:30:00+01:00", 9), ("2026-06-01T02:30:00+02:00", 8),
  ])
  func aNightShiftAcrossTheChangeIsTrue(_ instant: String, _ hours: Double) throws {
    let shift = try #require(try calendar("Europe/Berlin").window(.shift, containing: ms(instant)))
    #expect(shift.shiftID == "night" && Double(shift.endMs - shift.startMs) / 3_600_000 == hours)
  }

  @Test func breaksAreInstantsInsideTheShift() throws {
    let shift = try #require(
      try calendar("Europe/Berlin").window(.shift, containing: ms("2026-06-01T10:00:00+02:00")))
    let start = try ms("2026-06-01T10:00:00+02:00")
    #expect(shift.shiftID == "early" && shift.breaks == [start..<start + 900_000])
  }

  @Test func kathmandusHoursBeginAtAQuarterPast() throws {
    let hour = try #require(
      try calendar("Asia/Kathmandu").window(.hour, containing: ms("2026-01-15T00:20:00Z")))
    #expect(try hour.startMs == ms("2026-01-15T00:15:00Z") && hour.endMs == ms("2026-01-15T01:15:00Z"))
  }

  @Test func lordHowesRepeatedHalfHourBelongsToItsHour() throws {
    let calendar = try calendar("Australia/Lord_Howe")
    let hour = try #require(calendar.window(.hour, containing: try ms("2026-04-05T01:45:00+10:30")))
    #expect(hour.endMs - hour.startMs == 5_400_000)
    let half = try #require(calendar.window(.hour, containing: try ms("2026-10-04T02:40:00+11:00")))
    #expect(half.endMs - half.startMs == 1_800_000)
  }

  @Test(arguments: [
    "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Cairo",
  ])
  func windowsTileTime(_ zone: String) throws {
    let calendar = try calendar(zone)
    for kind in WindowKind.allCases {
      var now = try ms("2026-01-01T00:07:00Z")
      let end = try ms("2027-01-01T00:00:00Z")
      var previous: Window?
      while now < end {
        let window = try #require(calendar.window(kind, containing: now))
        #expect(window.startMs <= now && now < window.endMs)
        if let previous, previous.endMs != window.startMs {
          Issue.record("\(zone) \(kind): \(previous) and \(window) do not meet")
          return
        }
        previous = window
        now = window.endMs
      }
    }
  }
}
