package import AndonCore
import GRDB

/// The journal of the reasons of stops.
extension SiteStore {
  /// No stop is longer: it lies in one shift.
  static let longestStopMs = 2 * CivilTime.millisecondsPerDay

  /// Those that may belong to a stop in a range, the oldest first. O(reasons of the range and two days).
  static func givenReasons(overlapping range: Range<Int64>, _ db: Database) throws -> [GivenReason] {
    try Row.fetchAll(
      db.cachedStatement(
        sql: """
          SELECT id, workstation_id, start_ms, end_ms, reason, comment, by, by_verified, at_ms FROM stop_reason
          WHERE start_ms >= ? AND start_ms < ? ORDER BY id
          """), arguments: [range.lowerBound - longestStopMs, range.upperBound]
    ).map { row in
      let (reason, comment): (String, String) = (row[4], row[5])
      return GivenReason(
        number: row[0], workstationID: row[1], startMs: row[2], endMs: row[3],
        reasonID: reason == StopReason.none ? nil : reason, comment: comment.isEmpty ? nil : comment,
        by: row[6], isByVerified: row[7], atMs: row[8])
    }
  }

  /// The number of the newest reason, 0 without one, and the least time of those after `number`.
  static func newReasons(after number: Int64, _ db: Database) throws -> (newest: Int64, startMs: Int64?) {
    let row = try Row.fetchOne(
      db.cachedStatement(sql: "SELECT max(id), min(start_ms) FROM stop_reason WHERE id > ?"),
      arguments: [number])
    return (row?[0] ?? number, row?[1])
  }

  package func givenReasons(overlapping range: Range<Int64>) throws -> [GivenReason] {
    try database.read { try Self.givenReasons(overlapping: range, $0) }
  }
}

extension StoreTransaction {
  /// The most reasons that may be given for the time of one stop: a stuck button does not fill the file.
  package static let reasonsForOneStop = 100

  /// Adds a reason to the journal; its number is the next one.
  package func append(_ given: GivenReason) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO stop_reason (workstation_id, start_ms, end_ms, reason, comment, by, by_verified, at_ms)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """
    ).execute(
      arguments: [
        given.workstationID, given.startMs, given.endMs, given.reasonID ?? StopReason.none,
        given.comment ?? "",
        given.by, given.isByVerified, given.atMs,
      ])
    try ship(ShipRows.reasons("id = ?", [db.lastInsertedRowID], db))
  }

  /// How many reasons were given for the time of a stop.
  package func reasonCount(of stop: Stop) throws -> Int {
    try SiteStore.givenReasons(overlapping: stop.startMs..<max(stop.endMs, stop.startMs + 1), db)
      .count { $0.workstationID == stop.workstationID && $0.place(among: [stop.startMs..<stop.endMs]) != nil }
  }
}
