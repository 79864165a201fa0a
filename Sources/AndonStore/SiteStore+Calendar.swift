package import AndonConfiguration
package import AndonCore
package import GRDB

/// The journal of commands on the calendar. The calendar of a site is its configuration and these changes, read
/// from the same snapshot as the events.
extension SiteStore {
  /// The most changes that a file keeps.
  package static let calendarChangeLimit = 2000

  /// In the order in which they were made.
  package static func calendarChanges(_ db: Database) throws -> [CalendarChange] {
    try Row.fetchAll(
      db.cachedStatement(
        sql: "SELECT action, from_day, to_day, shifts, reason FROM calendar_change ORDER BY id")
    ).compactMap { row in
      let (first, last) = (LocalDate(dayNumber: row[1]), LocalDate(dayNumber: row[2]))
      let action: CalendarChange.Action? =
        switch row[0] as String {
        case "close": .close(reason: row[4])
        case "open": .open(shifts: Set((row[3] as String).split(separator: ",").map(String.init)))
        case "clear": .clear
        default: nil
        }
      return action.flatMap { first <= last ? CalendarChange($0, on: first...last) : nil }
    }
  }

  package func calendarChanges() throws -> [CalendarChange] {
    try database.read { try Self.calendarChanges($0) }
  }

  /// The calendar of the configuration with the changes by command.
  package func calendar(of site: SiteSettings) throws -> SiteCalendar {
    SiteCalendar(site).changed(by: try calendarChanges())
  }
}

extension StoreTransaction {
  package func append(_ change: CalendarChange, by: String, reason: String, atMs: Int64) throws {
    let (action, shifts): (String, Set<String>) =
      switch change.action {
      case .close: ("close", [])
      case .open(let shifts): ("open", shifts)
      case .clear: ("clear", [])
      }
    try db.cachedStatement(
      sql: """
        INSERT INTO calendar_change (at_ms, action, from_day, to_day, shifts, reason, by)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        """
    ).execute(
      arguments: [
        atMs, action, change.dates.lowerBound.dayNumber, change.dates.upperBound.dayNumber,
        shifts.sorted().joined(separator: ","), reason, by,
      ])
  }

  /// Deletes the changes that only name dates before that day: their events are gone.
  package func trimCalendarChanges(before date: LocalDate) throws {
    try db.cachedStatement(sql: "DELETE FROM calendar_change WHERE to_day < ?")
      .execute(arguments: [date.dayNumber])
  }

  /// Deletes the results of shifts that no longer begin, so that `productivity` does not judge by them.
  package func removeShiftResults(in range: Range<Int64>, except shifts: [Window]) throws {
    let kept = Dictionary(shifts.map { ($0.startMs, $0.shiftID) }, uniquingKeysWith: { first, _ in first })
    let rows = try Row.fetchAll(
      db.cachedStatement(
        sql: "SELECT DISTINCT start_ms, shift_id FROM shift_result WHERE start_ms >= ? AND start_ms < ?"),
      arguments: [range.lowerBound, range.upperBound])
    for row in rows where kept[row[0]] != .some(.some(row[1])) {
      try db.cachedStatement(sql: "DELETE FROM shift_result WHERE start_ms = ? AND shift_id = ?")
        .execute(arguments: [row[0] as Int64, row[1] as String])
    }
  }
}
