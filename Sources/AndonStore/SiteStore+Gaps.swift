import GRDB

extension SiteStore {
  /// The most gaps of the whole site in a file, and the most of single cameras: cameras with QoS 0 cannot
  /// displace the gaps of the site. Ten lost sessions a day fill it in three years.
  package static let gapLimit = 10_000

  /// The gaps that overlap `[fromMs, toMs)`, oldest first. O(gaps).
  ///
  /// For `coverage_pct` use the union of those whose cause `mayMissEvents`: gaps may overlap each other.
  package func gaps(fromMs: Int64, toMs: Int64) throws -> [GapRow] {
    try database.read { try Self.gaps(fromMs: fromMs, toMs: toMs, $0) }
  }

  static func gaps(fromMs: Int64, toMs: Int64, _ db: Database) throws -> [GapRow] {
    try gaps("WHERE from_ms < ? AND to_ms > ? ORDER BY from_ms, id", [toMs, fromMs], db)
  }

  /// The gaps recorded last, newest first: at most `limit` of the whole site and as many of single cameras.
  package func gaps(newest limit: Int) throws -> [GapRow] {
    let ofSite = try gaps("WHERE camera_id = '' ORDER BY id DESC LIMIT ?", [limit])
    let ofCameras = try gaps("WHERE camera_id <> '' ORDER BY id DESC LIMIT ?", [limit])
    return (ofSite + ofCameras).sorted { ($0.notedAtMs, $1.cameraID) > ($1.notedAtMs, $0.cameraID) }
  }

  /// When the bridge's clock stepped last, by the clock after the step; nil when no step is recorded.
  package func lastClockStepMs() throws -> Int64? {
    try gaps("WHERE cause = ? ORDER BY id DESC LIMIT 1", [GapRow.Cause.clockStep.rawValue]).first?.notedAtMs
  }

  private func gaps(_ condition: String, _ arguments: StatementArguments) throws -> [GapRow] {
    try database.read { try Self.gaps(condition, arguments, $0) }
  }

  private static func gaps(
    _ condition: String, _ arguments: StatementArguments, _ db: Database
  ) throws -> [GapRow] {
    try Row.fetchAll(
      db, sql: "SELECT cause, camera_id, from_ms, to_ms, noted_at_ms, detail FROM gap " + condition,
      arguments: arguments
    ).compactMap { row in
      GapRow.Cause(rawValue: row[0]).map {
        GapRow(
          cause: $0, cameraID: row[1], fromMs: row[2], toMs: row[3], notedAtMs: row[4], detail: row[5])
      }
    }
  }

  /// The progress of the file.
  package func progress() throws -> StoreProgress {
    try database.read { try StoreTransaction(reading: $0).progress() }
  }

  /// Bytes of raw payload in the quarantine. O(rows).
  package func quarantineBytes() throws -> Int64 {
    try database.read { try StoreTransaction(reading: $0).quarantineBytes() }
  }
}
