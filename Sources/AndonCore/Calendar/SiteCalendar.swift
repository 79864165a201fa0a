/// Which window contains an instant, by the wall clock of a site, and the shifts of the site or of one line.
///
/// Hours and days tile time without gap or overlap. A day has 23, 24 or 25 hours (or half an hour more or
/// less where a zone changes by that). An hour begins whenever the clock reads a full hour or jumps into
/// another one; a clock that is set back inside an hour makes that hour longer. Shifts that meet at a wall
/// clock time meet at one instant.
public struct SiteCalendar: Sendable {
  private let zone: ZoneOffsets
  private let shifts: [ShiftDefinition]
  private var rules: CalendarRules
  private static let hourMs: Int64 = 3_600_000
  private static let dayMs = CivilTime.millisecondsPerDay

  public init(zone: ZoneOffsets, shifts: [ShiftDefinition], rules: CalendarRules = CalendarRules()) {
    self.zone = zone
    self.shifts = shifts
    self.rules = rules
  }

  public var hasShifts: Bool { !shifts.isEmpty }

  /// The same with changes by command, in the order in which they were made.
  public func changed(by changes: [CalendarChange]) -> SiteCalendar {
    var calendar = self
    calendar.rules = rules.changed(by: changes)
    return calendar
  }

  /// The same site with other shifts, those of a line. The rules hold for them, too.
  public func replacingShifts(_ shifts: [ShiftDefinition]) -> SiteCalendar {
    SiteCalendar(zone: zone, shifts: shifts, rules: rules)
  }

  /// Whether two calendars of one site plan the same.
  func plansLike(_ other: SiteCalendar) -> Bool { shifts == other.shifts && rules == other.rules }

  /// The window of this kind that contains the instant; nil only for `shift`, where no shift contains it.
  public func window(_ kind: WindowKind, containing nowMs: Int64) -> Window? {
    switch kind {
    case .hour: planned(hour(containing: nowMs))
    case .day: planned(day(containing: nowMs))
    case .shift: shift(containing: nowMs)
    }
  }

  /// The reading of the site's wall clock at that instant, as if it were epoch milliseconds.
  public func localMs(at ms: Int64) -> Int64 { zone.localMs(at: ms) }

  /// The site's wall clock at that instant, for people: `2026-11-21 06:00:00`.
  public func localText(_ ms: Int64) -> String {
    String(CivilTime.text(epochMs: zone.localMs(at: ms)).prefix(19).replacing("T", with: " "))
  }

  /// A window over any range; only its planned time before `untilMs` is computed.
  public func window(fromMs: Int64, toMs: Int64, untilMs: Int64) -> Window {
    let endMs = max(fromMs, min(toMs, untilMs))
    return Window(fromMs: fromMs, toMs: toMs, planned: planned(in: fromMs..<endMs))
  }

  /// The day of the week by the site's wall clock.
  public func weekday(at ms: Int64) -> Weekday { date(at: ms).weekday }

  /// The day of the week and the minute of the day by the site's wall clock.
  public func weekMinute(at ms: Int64) -> (day: Weekday, minute: Int) {
    let minute = zone.localMs(at: ms).flooredDivision(by: 60_000)
    return (weekday(at: ms), Int(minute - minute.flooredDivision(by: 1440) * 1440))
  }

  /// The windows of this kind whose end lies in `(fromMs, toMs]`, in order of time.
  public func windows(_ kind: WindowKind, endingAfter fromMs: Int64, upTo toMs: Int64) -> [Window] {
    if kind == .shift {
      // A shift is at most a day long, and an hour longer where the clock is set back.
      let known = shifts(beginningIn: fromMs - 2 * Self.dayMs..<max(toMs, fromMs - 2 * Self.dayMs))
      return known.filter { fromMs < $0.endMs && $0.endMs <= toMs }
    }
    var windows: [Window] = []
    var next = kind == .hour ? hour(containing: fromMs) : day(containing: fromMs)
    while next.endMs <= toMs {
      windows.append(next)
      next = kind == .hour ? hour(containing: next.endMs) : day(containing: next.endMs)
    }
    guard let first = windows.first, let last = windows.last,
      let planned = planned(in: first.startMs..<last.endMs)
    else { return windows }
    return windows.map { window in
      Window(
        kind: kind, startMs: window.startMs, endMs: window.endMs,
        planned: planned.clipped(to: window.startMs..<window.endMs))
    }
  }

  // MARK: Shifts

  /// The shifts that begin in a range, in order of time.
  public func shifts(beginningIn range: Range<Int64>) -> [Window] {
    guard hasShifts, !range.isEmpty else { return [] }
    // Where the clock is set forward at midnight, a reading before it means an instant after it.
    let first = max(date(at: range.lowerBound).advanced(by: -1), LocalDate.supported.lowerBound)
    let last = min(date(at: range.upperBound).advanced(by: 1), LocalDate.supported.upperBound)
    guard first <= last else { return [] }
    var windows: [Window] = []
    for day in first.dayNumber...last.dayNumber {
      for window in shifts(of: LocalDate(dayNumber: day)) where range.contains(window.startMs) {
        windows.append(window)
      }
    }
    return windows.sorted { $0.startMs < $1.startMs }
  }

  /// The first shift that begins after an instant; nil when none does within about a year.
  public func shift(beginningAfter ms: Int64) -> Window? {
    guard hasShifts else { return nil }
    let today = date(at: ms)
    for offset in -1...Self.searchDays {
      let next = shifts(of: today.advanced(by: offset)).filter { $0.startMs > ms }
      if let next = next.min(by: { $0.startMs < $1.startMs }) { return next }
    }
    return nil
  }

  /// The ids of all shifts, begun or not.
  public var shiftIDs: [String] { shifts.map(\.id) }

  /// Two shifts that overlap, of which one begins on that date.
  public func overlap(on date: LocalDate) -> (String, String)? { rules.overlap(on: date, among: shifts) }

  /// The shift that would begin at an instant, but does not begin on that date: none of its time is planned.
  public func withdrawnShift(startMs: Int64) -> Window? {
    let date = date(at: startMs)
    for offset in -1...1 as ClosedRange<Int64> {
      let date = date.advanced(by: offset)
      for shift in shifts where !rules.begins(shift, on: date) {
        let window = window(of: shift, date)
        guard window.startMs == startMs, window.startMs < window.endMs else { continue }
        return Window(
          kind: .shift, startMs: startMs, endMs: window.endMs, shiftID: shift.id,
          breaks: [startMs..<window.endMs])
      }
    }
    return nil
  }

  /// What of a range is planned; nil for a site without shifts.
  public func planned(in range: Range<Int64>) -> PlannedTime? {
    guard hasShifts else { return nil }
    guard !range.isEmpty else { return PlannedTime([]) }
    let known = shifts(beginningIn: range.lowerBound - 2 * Self.dayMs..<range.upperBound)
    return PlannedTime(known.flatMap { $0.planned?.spans ?? [] }).clipped(to: range)
  }

  /// The closure of the local date, if one keeps all shifts from beginning on it.
  public func closure(at ms: Int64) -> ClosedPeriod? {
    let date = date(at: ms)
    guard let closure = rules.closure(on: date), !shifts.contains(where: { rules.begins($0, on: date) })
    else {
      return nil
    }
    return closure
  }

  /// How far ahead a next shift is looked for, days.
  private static let searchDays: Int64 = 400

  private func date(at ms: Int64) -> LocalDate {
    LocalDate(dayNumber: zone.localMs(at: ms).flooredDivision(by: Self.dayMs))
  }

  /// The shifts that begin on a date. One whose whole time the clock jumps over is none.
  private func shifts(of date: LocalDate) -> [Window] {
    shifts.filter { rules.begins($0, on: date) }.map { window(of: $0, date) }
      .filter { $0.startMs < $0.endMs }
  }

  private func shift(containing nowMs: Int64) -> Window? {
    let today = date(at: nowMs)
    for offset in -1...1 as ClosedRange<Int64> {
      let shift = shifts(of: today.advanced(by: offset)).first { $0.startMs <= nowMs && nowMs < $0.endMs }
      if let shift { return shift }
    }
    return nil
  }

  private func window(of shift: ShiftDefinition, _ date: LocalDate) -> Window {
    func instant(_ time: LocalTime, notBefore earliest: LocalTime, inclusive: Bool) -> Int64 {
      let isNextDay = inclusive ? time < earliest : time <= earliest
      return zone.instantMs(local: date.midnightMs + time.milliseconds + (isNextDay ? Self.dayMs : 0))
    }
    let start = zone.instantMs(local: date.midnightMs + shift.start.milliseconds)
    let end = instant(shift.end, notBefore: shift.start, inclusive: false)
    let breaks = shift.breaks.map { pause in
      let from = instant(pause.start, notBefore: shift.start, inclusive: true)
      let to = instant(pause.end, notBefore: shift.start, inclusive: false)
      return max(start, min(from, end))..<max(start, min(max(from, to), end))
    }
    return Window(
      kind: .shift, startMs: start, endMs: end, shiftID: shift.id,
      breaks: breaks.filter { !$0.isEmpty }.sorted { $0.lowerBound < $1.lowerBound })
  }

  // MARK: Hours and days

  private func planned(_ window: Window) -> Window {
    Window(
      kind: window.kind, startMs: window.startMs, endMs: window.endMs,
      planned: planned(in: window.startMs..<window.endMs))
  }

  private func hour(containing nowMs: Int64) -> Window {
    Window(kind: .hour, startMs: hourStart(nowMs), endMs: hourEnd(nowMs))
  }

  private func localHour(_ utcMs: Int64) -> Int64 { zone.localMs(at: utcMs).flooredDivision(by: Self.hourMs) }

  private func hourStart(_ nowMs: Int64) -> Int64 {
    let start = localHour(nowMs) * Self.hourMs - zone.offsetMs(at: nowMs)
    guard let change = zone.lastTransitionMs(upTo: nowMs), change > start else { return start }
    return localHour(change - 1) == localHour(nowMs) ? hourStart(change - 1) : change
  }

  private func hourEnd(_ nowMs: Int64) -> Int64 {
    let end = (localHour(nowMs) + 1) * Self.hourMs - zone.offsetMs(at: nowMs)
    guard let change = zone.nextTransitionMs(after: nowMs), change <= end else { return end }
    guard localHour(change) == localHour(nowMs) else { return min(change, end) }
    // Set back to a full hour, a new hour begins; set back to a later time, the hour becomes longer.
    return zone.localMs(at: change) % Self.hourMs == 0 ? change : hourEnd(change)
  }

  private func day(containing nowMs: Int64) -> Window {
    var day = zone.localMs(at: nowMs).flooredDivision(by: Self.dayMs)
    while nowMs < zone.instantMs(local: day * Self.dayMs) { day -= 1 }
    while nowMs >= zone.instantMs(local: (day + 1) * Self.dayMs) { day += 1 }
    return Window(
      kind: .day, startMs: zone.instantMs(local: day * Self.dayMs),
      endMs: zone.instantMs(local: (day + 1) * Self.dayMs))
  }
}
