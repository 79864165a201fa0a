package import AndonCore
import AndonStore

/// Commands on the calendar.
extension SiteEngine {
  /// The configured calendar with the changes by command.
  package var calendar: SiteCalendar { rules.calendar.changed(by: calendarChanges) }

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
    guard rules.calendar.hasShifts else { return .refused("no_shifts", "the site has no shifts") }
    let change: CalendarChange
    switch command.action {
    case .close(let dates): change = CalendarChange(.close(reason: command.reason), on: dates)
    case .open(let date, let shifts):
      let known = rules.calendar.shiftIDs
      if let other = shifts.subtracting(known).min() {
        return .refused(
          "unknown_shift", "there is no shift \(other); the site has \(known.joined(separator: ", "))")
      }
      change = CalendarChange(.open(shifts: shifts), on: date...date)
      let next = rules.calendar.changed(by: calendarChanges + [change])
      if let (one, another) = next.overlap(on: date) {
        return .refused("overlap", "\(one) and \(another) would overlap on \(date)")
      }
    case .clear(let dates):
      let all = calendarChanges.map(\.dates)
      guard let first = all.map(\.lowerBound).min(), let last = all.map(\.upperBound).max() else {
        return CommandResult(isOK: true, code: "nothing_to_clear")
      }
      change = CalendarChange(.clear, on: dates ?? first...last)
    }
    try trimCalendar(in: transaction, nowMs: nowMs)
    calendarChanges = try SiteStore.calendarChanges(transaction.db)
    guard calendarChanges.count < SiteStore.calendarChangeLimit else {
      return .refused("too_many", "the calendar has \(calendarChanges.count) changes already")
    }
    try transaction.append(change, by: command.by, reason: command.reason, atMs: nowMs)
    calendarChanges = try SiteStore.calendarChanges(transaction.db)
    try removeShiftResults(change.dates, in: transaction)
    return .ok
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
    try transaction.removeShiftResults(in: range, except: calendar.shifts(beginningIn: range))
  }
}
