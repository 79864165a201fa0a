/// On which dates shifts begin, beside the days of each shift: closures, and shifts that begin nevertheless.
///
/// A shift that is opened on a date begins on it; on other closed dates none does; on the rest, those do whose
/// days include it.
public struct CalendarRules: Sendable, Hashable {
  /// By first date. They may overlap; the first one that contains a date gives the reason.
  private let closed: [ClosedPeriod]
  /// The length of the longest period, days: what lies further back cannot contain a date.
  private let longest: Int64
  private let opened: [LocalDate: Set<String>]
  /// In the order in which they were made.
  private var changes: [CalendarChange] = []

  public init(closed: [ClosedPeriod] = [], opened: [LocalDate: Set<String>] = [:]) {
    self.closed = closed.sorted { ($0.dates.lowerBound, $0.reason) < ($1.dates.lowerBound, $1.reason) }
    longest = closed.map { $0.dates.upperBound.dayNumber - $0.dates.lowerBound.dayNumber }.max() ?? 0
    self.opened = opened
  }

  /// The same with changes by command, in the order in which they were made.
  public func changed(by changes: [CalendarChange]) -> CalendarRules {
    var rules = self
    rules.changes = changes
    return rules
  }

  /// The closure of a date; nil when there is none. O(log n), what overlaps, and the changes.
  public func closure(on date: LocalDate) -> ClosedPeriod? {
    for change in changes(of: date) {
      if case .close(let reason) = change.action { return ClosedPeriod(change.dates, reason: reason) }
    }
    return configuredClosure(on: date)
  }

  /// The changes of a date that still count, newest first. What came before a `clear` does not; a `clear` of a line
  /// takes back what was changed for the line alone.
  private func changes(of date: LocalDate) -> [CalendarChange] {
    var standing: [CalendarChange] = []
    var isLineCleared = false
    for change in changes.reversed() where change.dates.contains(date) {
      if change.line != nil, isLineCleared { continue }
      guard case .clear = change.action else {
        standing.append(change)
        continue
      }
      if change.line == nil { break }
      isLineCleared = true
    }
    return standing
  }

  private func configuredClosure(on date: LocalDate) -> ClosedPeriod? {
    let first = closed.lowerBound { $0.dates.lowerBound.dayNumber < date.dayNumber - longest }
    return closed[first...].prefix { $0.dates.lowerBound <= date }.first { $0.dates.contains(date) }
  }

  public func begins(_ shift: ShiftDefinition, on date: LocalDate) -> Bool {
    for change in changes(of: date) {
      switch change.action {
      case .close: return false
      case .open(let shifts): if shifts.contains(shift.id) { return true }
      case .clear: continue
      }
    }
    return isConfigured(shift, on: date)
  }

  private func isConfigured(_ shift: ShiftDefinition, on date: LocalDate) -> Bool {
    if opened[date]?.contains(shift.id) == true { return true }
    return shift.days.contains(date.weekday) && configuredClosure(on: date) == nil
  }

  /// Two shifts that overlap, of which one begins on that date; by the wall clock.
  public func overlap(on date: LocalDate, among shifts: [ShiftDefinition]) -> (String, String)? {
    let day: Int64 = 1440
    var begun: [(id: String, span: Range<Int64>)] = []
    for offset in -1...1 as ClosedRange<Int64> {
      for shift in shifts where begins(shift, on: date.advanced(by: offset)) {
        let start = offset * day + Int64(shift.start.minutes)
        begun.append((shift.id, start..<start + Int64(shift.minutes)))
      }
    }
    for (index, one) in begun.enumerated() {
      for other in begun[(index + 1)...] where one.span.overlaps(other.span) {
        if 0..<day ~= one.span.lowerBound || 0..<day ~= other.span.lowerBound { return (one.id, other.id) }
      }
    }
    return nil
  }
}
