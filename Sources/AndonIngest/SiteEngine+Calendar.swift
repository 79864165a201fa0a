package import AndonCore
import AndonStore

/// Commands on the calendar.
extension SiteEngine {
  /// The calendar of the site itself.
  package var calendar: SiteCalendar { calendars.site }

  mutating func answer(
    calendar request: CommandRequest, _ context: inout BatchContext
  ) throws -> CommandProcessor.Answer {
    let (transaction, nowMs) = (context.transaction, context.nowMs)
    return try commands.answer(request, in: transaction, nowMs: nowMs) { body in
      switch CalendarCommand.read(request.name, body) {
      case .failure(let refusal): (refusal.result, nil)
      case .success(let command): (try perform(command, in: transaction, nowMs: nowMs), nil)
      }
    }
  }

  /// Journals the change. What it changes is published by the next cycles.
  mutating func perform(
    _ command: CalendarCommand, in transaction: StoreTransaction, nowMs: Int64
  ) throws -> CommandResult {
    let (configured, line) = (rules.calendars, command.line)
    let ofLine = line.map { configured.calendar(ofLine: $0) }
    if case .some(nil) = ofLine, let line {
      return .refused("unknown_line", "the site has no line \(line)")
    }
    let known = ofLine??.shiftIDs ?? configured.shiftIDs
    guard !known.isEmpty else { return .refused("no_shifts", "the site has no shifts") }
    let change: CalendarChange
    switch command.action {
    case .close(let dates): change = CalendarChange(.close(reason: command.reason), on: dates, line: line)
    case .open(let date, let shifts):
      if let other = shifts.subtracting(known).min() {
        return .refused(
          "unknown_shift",
          "there is no shift \(other); the \(line == nil ? "site" : "line") has \(known.joined(separator: ", "))"
        )
      }
      change = CalendarChange(.open(shifts: shifts), on: date...date, line: line)
      if let words = overlap(on: date, after: change) { return .refused("overlap", words) }
    case .clear(let dates):
      let all = calendarChanges.filter { line == nil || $0.line == line }.map(\.dates)
      guard let first = all.map(\.lowerBound).min(), let last = all.map(\.upperBound).max() else {
        return CommandResult(isOK: true, code: "nothing_to_clear")
      }
      change = CalendarChange(.clear, on: dates ?? first...last, line: line)
    }
    try trimCalendar(in: transaction, nowMs: nowMs)
    calendarChanges = try SiteStore.calendarChanges(transaction.db)
    guard calendarChanges.count < SiteStore.calendarChangeLimit else {
      return .refused("too_many", "the calendar has \(calendarChanges.count) changes already")
    }
    try transaction.append(
      change, by: command.by, isVerified: command.isByVerified, reason: command.reason, atMs: nowMs)
    calendarChanges = try SiteStore.calendarChanges(transaction.db)
    try removeShiftResults(change.dates, in: transaction)
    return .ok
  }

  /// What would overlap on a date after a change, in words; nil when nothing would.
  private func overlap(on date: LocalDate, after change: CalendarChange) -> String? {
    let next = rules.calendars.changed(by: calendarChanges + [change])
    for (place, (calendar, lines)) in next.all.enumerated() {
      if let line = change.line, !lines.contains(where: { $0.id == line }) { continue }
      guard let (one, other) = calendar.overlap(on: date) else { continue }
      let place = place > 0 ? lines.first.map { " of line \($0.id)" } ?? "" : ""
      return "\(one) and \(other)\(place) would overlap on \(date)"
    }
    return nil
  }

  /// Changes of dates whose events are gone change nothing.
  private func trimCalendar(in transaction: StoreTransaction, nowMs: Int64) throws {
    let dayMs = CivilTime.millisecondsPerDay
    let day = (nowMs - rules.retentionMs).flooredDivision(by: dayMs) - 2
    try transaction.trimCalendarChanges(before: LocalDate(dayNumber: day))
  }

  private func removeShiftResults(
    _ dates: ClosedRange<LocalDate>, in transaction: StoreTransaction
  ) throws {
    let dayMs = CivilTime.millisecondsPerDay
    let range = (dates.lowerBound.dayNumber - 2) * dayMs..<(dates.upperBound.dayNumber + 3) * dayMs
    var begun: [String: Set<Int64>] = [:]
    try transaction.removeShiftResults(in: range) { workstation, startMs, shift in
      let line = calendars.layout.line(ofWorkstation: workstation)?.id ?? ""
      let key = "\(line)/\(shift)"
      if begun[key] == nil {
        let shifts = calendars.calendar(ofWorkstation: workstation).shifts(beginningIn: range)
        begun[key] = Set(shifts.filter { $0.shiftID == shift }.map(\.startMs))
      }
      return begun[key]?.contains(startMs) == true
    }
  }
}
