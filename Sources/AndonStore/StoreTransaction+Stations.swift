import GRDB

extension StoreTransaction {
  /// Workstations whose newest deleted event lies in a range.
  func carriedStations(in range: Range<Int64>) throws -> Set<Int32> {
    // A file that no bridge of this version has opened yet.
    guard try db.tableExists("carried_station") else { return [] }
    return try Set(
      Int32.fetchAll(
        db.cachedStatement(
          sql: "SELECT workstation FROM carried_station WHERE last_ms >= ? AND last_ms < ?"),
        arguments: [range.lowerBound, range.upperBound]))
  }

  /// Carries forward when a workstation was seen last; an earlier time changes nothing.
  func carry(workstation: Int32, lastMs: Int64) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO carried_station (workstation, last_ms) VALUES (?, ?)
        ON CONFLICT DO UPDATE SET last_ms = max(last_ms, excluded.last_ms)
        """
    ).execute(arguments: [workstation, lastMs])
  }
}
