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
        sql: "SELECT action, from_day, to_day, shifts, reason, line FROM calendar_change ORDER BY id")
    ).compactMap { row in
      let (first, last) = (LocalDate(dayNumber: row[1]), LocalDate(dayNumber: row[2]))
      let action: CalendarChange.Action? =
        switch row[0] as String {
        case "close": .close(reason: row[4])
        case "open": .open(shifts: Set((row[3] as String).split(separator: ",").map(String.init)))
        case "clear": .clear
        default: nil
        }
      let line: String = row[5]
      return action.flatMap {
        first <= last ? CalendarChange($0, on: first...last, line: line.isEmpty ? nil : line) : nil
      }
    }
  }

  package func calendarChanges() throws -> [CalendarChange] {
    try database.read { try Self.calendarChanges($0) }
  }

  /// All that was changed by command, each in the order in which it was made.
  package static func planChanges(_ db: Database) throws -> PlanChanges {
    PlanChanges(calendar: try calendarChanges(db), targets: try targetChanges(db))
  }

  /// The calendars and targets of the configuration with the changes by command.
  package func calendars(of site: SiteSettings) throws -> SiteCalendars {
    SiteCalendars(site).changed(by: try database.read { try Self.planChanges($0) })
  }

  /// The calendar of the site itself.
  package func calendar(of site: SiteSettings) throws -> SiteCalendar { try calendars(of: site).site }
}

extension StoreTransaction {
  package func append(
    _ change: CalendarChange, by: String, isVerified: Bool = false, reason: String, atMs: Int64
  ) throws {
    let (action, shifts): (String, Set<String>) =
      switch change.action {
      case .close: ("close", [])
      case .open(let shifts): ("open", shifts)
      case .clear: ("clear", [])
      }
    try db.cachedStatement(
      sql: """
        INSERT INTO calendar_change (at_ms, action, from_day, to_day, line, shifts, reason, by, by_verified)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    ).execute(
      arguments: [
        atMs, action, change.dates.lowerBound.dayNumber, change.dates.upperBound.dayNumber,
        change.line ?? "", shifts.sorted().joined(separator: ","), reason, by, isVerified,
      ])
    try ship(ShipRows.calendarChanges("id = ?", [db.lastInsertedRowID], db))
  }

  /// Deletes the changes that only name dates before that day: their events are gone.
  package func trimCalendarChanges(before date: LocalDate) throws {
    try db.cachedStatement(sql: "DELETE FROM calendar_change WHERE to_day < ?")
      .execute(arguments: [date.dayNumber])
  }

  /// Deletes the results of shifts that no longer begin, so that `productivity` does not judge by them.
  ///
  /// - Parameter begins: whether the shift begins at that instant at that workstation.
  package func removeShiftResults(
    in range: Range<Int64>, unless begins: (_ workstation: String, _ startMs: Int64, _ shift: String) -> Bool
  ) throws {
    let rows = try Row.fetchAll(
      db.cachedStatement(
        sql:
          "SELECT workstation_id, start_ms, shift_id FROM shift_result WHERE start_ms >= ? AND start_ms < ?"),
      arguments: [range.lowerBound, range.upperBound])
    for row in rows where !begins(row[0], row[1], row[2]) {
      try db.cachedStatement(sql: "DELETE FROM shift_result WHERE workstation_id = ? AND start_ms = ?")
        .execute(arguments: [row[0] as String, row[1] as Int64])
    }
  }
}
