import AndonCore
import TestSupport
import Testing

/// The calendars of lines.
@Suite struct SiteCalendarsTests {
  private static let dayMs: Int64 = 86_400_000
  private static let firstDay: Int64 = 20_468  // 2026-01-15, a Thursday
  private static let layout = SiteLayout(areas: [
    SiteLayout.Area(
      id: "hall",
      lines: [
        SiteLayout.Line(id: "same", workstations: ["S1"]), SiteLayout.Line(id: "own", workstations: ["S2"]),
        SiteLayout.Line(id: "twin", workstations: ["S3"]),
      ])
  ])

  private static func shift(
    _ id: String, _ start: Int, _ end: Int, _ days: [Weekday] = Weekday.allCases
  ) -> ShiftDefinition {
    ShiftDefinition(
      id: id, start: LocalTime(minutes: start * 60), end: LocalTime(minutes: end * 60), days: Set(days))
  }

  private static let early = shift("early", 6, 14, [.mon, .tue, .wed, .thu, .fri])
  private static let day = shift("day", 7, 15)

  private static func calendars(closed: [ClosedRange<Int64>] = []) -> SiteCalendars {
    let periods = closed.map { ClosedPeriod(date($0.lowerBound)...date($0.upperBound)) }
    return SiteCalendars(
      site: SiteCalendar(zone: .utc, shifts: [early], rules: CalendarRules(closed: periods)), layout: layout,
      lineShifts: ["own": [day], "twin": [day]])
  }

  private static func date(_ day: Int64) -> LocalDate { LocalDate(dayNumber: firstDay + day) }

  private func change(_ action: CalendarChange.Action, _ day: Int64, line: String? = nil) -> CalendarChange {
    CalendarChange(action, on: Self.date(day)...Self.date(day), line: line)
  }

  private func begun(_ calendars: SiteCalendars, day: Int64) -> [String] {
    let start = (Self.firstDay + day) * Self.dayMs
    return ["same", "own", "twin"].flatMap { line in
      (calendars.calendar(ofLine: line)?.shifts(beginningIn: start..<start + Self.dayMs) ?? [])
        .map { "\(line) \($0.shiftID ?? "")" }
    }
  }

  @Test func aLineFollowsTheSiteOrHasItsOwnShifts() {
    let calendars = Self.calendars()
    #expect(begun(calendars, day: 0) == ["same early", "own day", "twin day"])
    #expect(begun(calendars, day: 2) == ["own day", "twin day"], "a Saturday")
    #expect(
      calendars.all.map { $0.lines.map(\.id) } == [["same"], ["own", "twin"]], "alike lines share one")
    #expect(
      calendars.linesOnTheirOwn.map(\.id) == ["own", "twin"] && calendars.shiftIDs == ["early", "day"])
    #expect(calendars.calendar(ofLine: "none") == nil)
  }

  @Test func theCalendarOfTheSiteHoldsForLinesToo() {
    #expect(begun(Self.calendars(closed: [0...0]), day: 0).isEmpty)
    let closed = Self.calendars().changed(by: [change(.close(reason: "x"), 0)])
    #expect(begun(closed, day: 0).isEmpty)
  }

  @Test func aChangeOfALineIsOfThatLineOnly() {
    var changes = [change(.close(reason: "x"), 0, line: "same")]
    #expect(begun(Self.calendars().changed(by: changes), day: 0) == ["own day", "twin day"])
    changes.append(change(.open(shifts: ["day"]), 0, line: "own"))
    changes.append(change(.close(reason: "site"), 0))
    #expect(begun(Self.calendars().changed(by: changes), day: 0).isEmpty, "the newest counts")
    changes.append(change(.open(shifts: ["early"]), 0, line: "same"))
    #expect(begun(Self.calendars().changed(by: changes), day: 0) == ["same early"])
    changes.append(change(.clear, 0, line: "same"))
    #expect(begun(Self.calendars().changed(by: changes), day: 0).isEmpty, "as at the site, which is closed")
    changes.append(change(.clear, 0))
    #expect(begun(Self.calendars().changed(by: changes), day: 0) == ["same early", "own day", "twin day"])
  }

  /// Hours and days are of the whole site, shifts of one calendar; each says when its lines work.
  @Test func windowsSayWhatTheyAreAbout() throws {
    let calendars = Self.calendars()
    let at = Self.firstDay * Self.dayMs + 6 * 3_600_000 + 1
    let hour = try #require(calendars.windows(.hour, containing: at).first)
    #expect(calendars.windows(.hour, containing: at).count == 1 && hour.isOfSite)
    #expect(hour.lines.map(\.id) == ["same", "own", "twin"] && hour.areas.map(\.id) == ["hall"])
    let span = hour.window.startMs..<hour.window.endMs
    #expect(hour.planned(onLine: "same")?.durationMs(in: span) == 3_600_000)
    #expect(hour.planned(at: "S2")?.durationMs(in: span) == 0)
    #expect(hour.planned(at: "S9")?.durationMs(in: span) == 3_600_000, "in no line: as the site")
    #expect(calendars.windows(.shift, containing: at).map { $0.window.shiftID } == ["early"])
    let both = calendars.windows(.shift, containing: at + 2 * 3_600_000)
    #expect(both.map { $0.window.shiftID } == ["early", "day"] && both.map(\.isOfSite) == [true, false])
    #expect(both.map { $0.lines.map(\.id) } == [["same"], ["own", "twin"]])
    #expect(both[0].includes(workstation: "S1") && both[0].includes(workstation: "S9"))
    #expect(!both[0].includes(workstation: "S2") && both[1].includes(workstation: "S2"))
    #expect(!both[1].includes(workstation: "S9"))
    // The area is the site's, and counts what its lines plan in the site's shift.
    let early = both[0].window.startMs..<both[0].window.endMs
    #expect(both[0].planned(onLine: "own")?.durationMs(in: early) == 25_200_000)
  }

  /// Random shifts, closures and changes of lines, against a generator that asks day by day what the rules say.
  @Test(.seeded) func shiftsOfLinesEqualTheNaiveGenerator() {
    var random = TestRandom(seed: Seed.one)
    for round in 0..<300 {
      let lines = ["same", "own", "twin"]
      var shifts: [String: [ShiftDefinition]] = [:]
      func some() -> [ShiftDefinition] {
        let cut = 2 + random.below(20)
        return [("a", 0, cut), ("b", cut, 24)].map { id, start, end in
          Self.shift(id, start, end % 24, Weekday.allCases.filter { _ in random.below(3) > 0 })
        }
      }
      let site = some()
      for line in lines where random.below(2) == 0 { shifts[line] = some() }
      let closed = (0..<random.below(4)).map { _ in Int64(random.below(30)) }
      var changes: [CalendarChange] = []
      for _ in 0..<random.below(20) {
        let line = [nil, "same", "own", "twin"][random.below(4)]
        let action: CalendarChange.Action =
          [.close(reason: ""), .open(shifts: [["a"], ["b"], ["a", "b"]][random.below(3)]), .clear][
            random.below(3)]
        let first = Int64(random.below(30))
        changes.append(
          CalendarChange(action, on: Self.date(first)...Self.date(first + Int64(random.below(4))), line: line)
        )
      }
      let periods = closed.map { ClosedPeriod(Self.date($0)...Self.date($0)) }
      let calendars = SiteCalendars(
        site: SiteCalendar(zone: .utc, shifts: site, rules: CalendarRules(closed: periods)),
        layout: Self.layout, lineShifts: shifts
      ).changed(by: changes)
      for line in lines + [nil] {
        let calendar = line.flatMap { calendars.calendar(ofLine: $0) } ?? calendars.site
        let range = Self.firstDay * Self.dayMs..<(Self.firstDay + 40) * Self.dayMs
        let found = calendar.shifts(beginningIn: range).map { "\($0.startMs) \($0.shiftID ?? "")" }
        let expected = naive(
          line.flatMap { shifts[$0] } ?? site, closed: Set(closed), changes, line: line)
        #expect(found == expected, "seed \(Seed.one), round \(round), \(line ?? "site")")
        if found != expected { return }
      }
    }
  }

  /// From the text of the rules: the commands one after another, for one day and one shift.
  private func naive(
    _ shifts: [ShiftDefinition], closed: Set<Int64>, _ changes: [CalendarChange], line: String?
  ) -> [String] {
    var begun: [(Int64, String)] = []
    for day in Int64(0)..<40 {
      let weekday = ["thu", "fri", "sat", "sun", "mon", "tue", "wed"][Int((Self.firstDay + day) % 7)]
      for shift in shifts {
        let configured = !closed.contains(day) && shift.days.contains { $0.rawValue == weekday }
        // What the site says, and what was said for the line since the last `clear`.
        var heard: [(isOfLine: Bool, begins: Bool)] = []
        for change in changes where change.dates.contains(Self.date(day)) {
          guard change.line == nil || change.line == line else { continue }
          switch change.action {
          case .close: heard.append((change.line != nil, false))
          case .open(let ids): if ids.contains(shift.id) { heard.append((change.line != nil, true)) }
          case .clear: heard = change.line == nil ? [] : heard.filter { !$0.isOfLine }
          }
        }
        if heard.last?.begins ?? configured {
          begun.append(((Self.firstDay + day) * Self.dayMs + Int64(shift.start.minutes) * 60_000, shift.id))
        }
      }
    }
    return begun.sorted { $0.0 < $1.0 }.map { "\($0.0) \($0.1)" }
  }
}
