package import AndonCore
import GRDB

/// What was told of reports: written in the transaction of the outbox rows that tell it.
extension SiteStore {
  /// Those of shifts that ended in `(fromMs, toMs]`, by end, scope and id.
  package func toldReports(endingAfter fromMs: Int64, upTo toMs: Int64) throws -> [ToldReport] {
    try database.read { try Self.toldReports(endingAfter: fromMs, upTo: toMs, $0) }
  }

  static func toldReports(
    endingAfter fromMs: Int64, upTo toMs: Int64, _ db: Database
  ) throws -> [ToldReport] {
    try Row.fetchAll(
      db.cachedStatement(
        sql: """
          SELECT scope, id, start_ms, end_ms, shift_id, revision, retracted, face FROM told_report
          WHERE end_ms > ? AND end_ms <= ? ORDER BY end_ms, scope, id, start_ms
          """), arguments: [fromMs, toMs]
    ).compactMap(toldReport)
  }

  fileprivate static func toldReport(_ row: Row) -> ToldReport? {
    KPIScope(rawValue: row[0]).map { scope in
      ToldReport(
        key: ReportKey(scope, row[1], startMs: row[2]), endMs: row[3], shiftID: row[4], revision: row[5],
        isRetracted: row[6], face: row[7])
    }
  }
}

extension StoreTransaction {
  package func toldReport(_ key: ReportKey) throws -> ToldReport? {
    try Row.fetchOne(
      db.cachedStatement(
        sql: """
          SELECT scope, id, start_ms, end_ms, shift_id, revision, retracted, face FROM told_report
          WHERE scope = ? AND id = ? AND start_ms = ?
          """), arguments: [key.scope.rawValue, key.id, key.startMs]
    ).flatMap(SiteStore.toldReport)
  }

  package func save(_ told: ToldReport) throws {
    try db.cachedStatement(
      sql: """
        INSERT OR REPLACE INTO told_report (scope, id, start_ms, end_ms, shift_id, revision, retracted, face)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """
    ).execute(
      arguments: [
        told.key.scope.rawValue, told.key.id, told.key.startMs, told.endMs, told.shiftID, told.revision,
        told.isRetracted, told.face,
      ])
    try ship(
      ShipRows.reports(
        "scope = ? AND id = ? AND start_ms = ?", [told.key.scope.rawValue, told.key.id, told.key.startMs], db)
    )
  }

  /// Deletes what was told of shifts that ended before `ms`.
  package func pruneToldReports(before ms: Int64) throws {
    try db.cachedStatement(sql: "DELETE FROM told_report WHERE end_ms < ?").execute(arguments: [ms])
  }
}
