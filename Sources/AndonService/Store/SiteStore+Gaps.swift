import GRDB

extension SiteStore {
  /// Gaps kept in a file. A site that loses its session ten times a day has them for three years.
  static let gapLimit = 10_000

  /// The gaps that overlap `[fromMs, toMs)`, oldest first. O(gaps).
  ///
  /// For `coverage_pct` take those whose cause `mayMissEvents`, as a union: gaps may overlap each other.
  package func gaps(fromMs: Int64, toMs: Int64) throws -> [GapRow] {
    try gaps("WHERE from_ms < ? AND to_ms > ? ORDER BY from_ms, id", [toMs, fromMs])
  }

  /// The gaps noted last, newest first.
  package func gaps(newest limit: Int) throws -> [GapRow] {
    try gaps("ORDER BY id DESC LIMIT ?", [limit])
  }

  /// When the bridge's clock stepped last, by the clock after the step; nil when none is noted.
  func lastClockStepMs() throws -> Int64? {
    try gaps("WHERE cause = ? ORDER BY id DESC LIMIT 1", [GapRow.Cause.clockStep.rawValue]).first?.notedAtMs
  }

  private func gaps(_ condition: String, _ arguments: StatementArguments) throws -> [GapRow] {
    try database.read { db in
      // A reader may come before the writer that brings the schema up.
      guard try db.tableExists("gap") else { return [] }
      return try Row.fetchAll(
        db, sql: "SELECT cause, from_ms, to_ms, noted_at_ms, detail FROM gap " + condition,
        arguments: arguments
      ).compactMap { row in
        GapRow.Cause(rawValue: row[0]).map {
          GapRow(cause: $0, fromMs: row[1], toMs: row[2], notedAtMs: row[3], detail: row[4])
        }
      }
    }
  }

  /// How far the file has come.
  package func progress() throws -> StoreProgress {
    try database.read { try StoreTransaction(reading: $0).progress() }
  }

  /// Bytes of raw payload in the quarantine. O(rows).
  func quarantineBytes() throws -> Int64 {
    try database.read { try StoreTransaction(reading: $0).quarantineBytes() }
  }
}
