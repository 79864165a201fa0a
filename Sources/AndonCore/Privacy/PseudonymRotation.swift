/// When workers get new pseudonyms: at instants of a site's wall clock.
///
/// The instants do not depend on the calendar's closures and holidays: these change by command, and an event must meet
/// the same pseudonym whenever it comes.
public struct PseudonymRotation: Sendable {
  public enum Kind: String, Sendable, CaseIterable { case shift, day, week, never }

  private let kind: Kind
  private let zone: ZoneOffsets
  /// Minutes since midnight at which a period begins, ascending; at least one.
  private let minutes: [Int]

  /// - Parameter shiftStarts: minutes since midnight at which shifts begin; without shifts, a period is a day.
  public init(_ kind: Kind, zone: ZoneOffsets, shiftStarts: [Int]) {
    (self.kind, self.zone) = (kind, zone)
    minutes = kind == .shift && !shiftStarts.isEmpty ? Set(shiftStarts).sorted() : [0]
  }

  /// The period that contains an instant: from the last change at or before it to the next one. `never` has one period
  /// without an end (`Int64.max`). O(shifts).
  public func period(containing ms: Int64) -> Range<Int64> {
    guard kind != .never else { return 0..<Int64.max }
    let today = zone.localMs(at: ms).flooredDivision(by: CivilTime.millisecondsPerDay)
    let days: [Int64] = kind == .week ? weeks(around: today) : [today - 1, today, today + 1]
    let changes = Set(days.flatMap { day in minutes.map { instant(day, $0) } }).sorted()
    guard let end = changes.first(where: { $0 > ms }), let start = changes.last(where: { $0 <= ms }) else {
      // Only where a zone's rules skip more than a day: a period of a UTC day then.
      let start = ms.flooredDivision(by: CivilTime.millisecondsPerDay) * CivilTime.millisecondsPerDay
      return start..<start + CivilTime.millisecondsPerDay
    }
    return start..<end
  }

  /// The Mondays before, of and after the week of a day.
  private func weeks(around day: Int64) -> [Int64] {
    // Day 0, 1970-01-01, was a Thursday.
    let monday = day - ((day + 3) - (day + 3).flooredDivision(by: 7) * 7)
    return [monday - 7, monday, monday + 7]
  }

  private func instant(_ day: Int64, _ minute: Int) -> Int64 {
    zone.instantMs(local: day * CivilTime.millisecondsPerDay + Int64(minute) * 60_000)
  }
}
