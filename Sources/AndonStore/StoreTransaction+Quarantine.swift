import AndonCore
import Foundation
import GRDB

/// Quarantine rows that a command selects.
extension StoreTransaction {
  /// The ids of the matching rows, oldest first; one more than the limit when there are more.
  package func quarantineIDs(_ order: QuarantineCommand) throws -> [Int64] {
    try Int64.fetchAll(
      db,
      sql: """
        SELECT id FROM quarantine WHERE id > ?1 AND (?2 IS NULL OR id <= ?2) AND (?3 IS NULL OR id = ?3)
          AND (?4 IS NULL OR camera_id = ?4) AND (?5 IS NULL OR code = ?5)
          AND (?6 IS NULL OR received_at_ms >= ?6) AND (?7 IS NULL OR received_at_ms < ?7)
        ORDER BY id LIMIT ?8
        """,
      arguments: [
        order.afterID, order.upToID, order.id, order.cameraID, order.code?.rawValue, order.fromMs, order.toMs,
        order.limit + 1,
      ])
  }

  package func quarantineRow(_ id: Int64) throws -> QuarantineRow? {
    try Row.fetchOne(
      db.cachedStatement(
        sql: """
          SELECT \(QuarantineRow.columns()) FROM quarantine WHERE id = ?
          """), arguments: [id]
    ).map(QuarantineRow.init)
  }

  package func removeFromQuarantine(_ id: Int64) throws {
    try db.cachedStatement(sql: "DELETE FROM quarantine WHERE id = ?").execute(arguments: [id])
  }

  package func quarantineRows() throws -> Int64 {
    try Int64.fetchOne(db, sql: "SELECT count(*) FROM quarantine") ?? 0
  }
}

extension SiteStore {
  /// One rejected event with all that is stored of it; nil when there is no such row (any more).
  package func quarantineRow(_ id: Int64) throws -> QuarantineRow? {
    try database.read { try StoreTransaction(reading: $0).quarantineRow(id) }
  }

  /// The id of the newest row; 0 when there is none.
  package func newestQuarantineID() throws -> Int64 {
    try database.read { try Int64.fetchOne($0, sql: "SELECT max(id) FROM quarantine") ?? 0 }
  }

  package func quarantineRows() throws -> Int64 {
    try database.read { try StoreTransaction(reading: $0).quarantineRows() }
  }
}
