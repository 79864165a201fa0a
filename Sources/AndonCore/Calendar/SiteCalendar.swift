/// Which window contains an instant, by the site's wall clock.
///
/// Hours and days tile time without gap or overlap. A day has 23, 24 or 25 hours (or half an hour more or
/// less where a zone changes by that). An hour begins whenever the clock reads a full hour or jumps into
/// another one; a clock that is set back inside an hour makes that hour longer. Shifts that meet at a wall
/// clock time meet at one instant.
public struct SiteCalendar: Sendable {
  private let zone: ZoneOffsets
  private let shifts: [ShiftDefinition]
  private static let hourMs: Int64 = 3_600_000
  private static let dayMs = CivilTime.millisecondsPerDay

  public init(zone: ZoneOffsets, shifts: [ShiftDefinition]) {
    self.zone = zone
    self.shifts = shifts
  }

  /// The window of this kind that contains the instant; nil only for `shift`, where no shift contains it.
  public func window(_ kind: WindowKind, containing nowMs: Int64) -> Window? {
    switch kind {
    case .hour: Window(kind: .hour, startMs: hourStart(nowMs), endMs: hourEnd(nowMs))
    case .day: day(containing: nowMs)
    case .shift: shift(containing: nowMs)
    }
  }

  /// The site's wall clock at that instant, for people: `2026-11-21 06:00:00`.
  public func localText(_ ms: Int64) -> String {
    String(CivilTime.text(epochMs: zone.localMs(at: ms)).prefix(19).replacing("T", with: " "))
  }

  /// The windows of this kind whose end lies in `(fromMs, toMs]`, in order of time.
  public func windows(_ kind: WindowKind, endingAfter fromMs: Int64, upTo toMs: Int64) -> [Window] {
    var windows: [Window] = []
    if kind == .shift {
      let first = zone.localMs(at: fromMs).flooredDivision(by: Self.dayMs) - 2
      let last = zone.localMs(at: toMs).flooredDivision(by: Self.dayMs) + 1
      for day in first...max(first, last) { windows += shifts.map { window(of: $0, day: day) } }
      windows = windows.filter { $0.startMs < $0.endMs && fromMs < $0.endMs && $0.endMs <= toMs }
      return windows.sorted { $0.startMs < $1.startMs }
    }
    var next = window(kind, containing: fromMs)
    while let window = next, window.endMs <= toMs {
      windows.append(window)
      next = self.window(kind, containing: window.endMs)
    }
    return windows
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

  private func shift(containing nowMs: Int64) -> Window? {
    let today = zone.localMs(at: nowMs).flooredDivision(by: Self.dayMs)
    for day in today - 1...today + 1 {
      for shift in shifts {
        let window = window(of: shift, day: day)
        if window.startMs <= nowMs, nowMs < window.endMs { return window }
      }
    }
    return nil
  }

  private func window(of shift: ShiftDefinition, day: Int64) -> Window {
    let midnight = day * Self.dayMs
    func instant(_ time: LocalTime, notBefore earliest: LocalTime, inclusive: Bool) -> Int64 {
      let isNextDay = inclusive ? time < earliest : time <= earliest
      return zone.instantMs(local: midnight + time.milliseconds + (isNextDay ? Self.dayMs : 0))
    }
    let start = zone.instantMs(local: midnight + shift.start.milliseconds)
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
}
