import GRDB

extension SiteStore {
  /// The cameras out of service, by id.
  package func camerasOutOfService() throws -> [String: OutOfService] {
    try database.read { db in
      try Row.fetchAll(
        db, sql: "SELECT camera_id, since_ms, until_ms, by, reason, by_verified FROM camera_out_of_service"
      ).reduce(into: [:]) { all, row in
        all[row[0]] = OutOfService(
          sinceMs: row[1], untilMs: row[2], by: row[3], isByVerified: row[5], reason: row[4])
      }
    }
  }
}

extension StoreTransaction {
  /// Nil puts the camera back into service.
  package func save(_ out: OutOfService?, camera: String) throws {
    guard let out else {
      try db.cachedStatement(sql: "DELETE FROM camera_out_of_service WHERE camera_id = ?")
        .execute(arguments: [camera])
      return
    }
    try db.cachedStatement(
      sql: """
        INSERT INTO camera_out_of_service (camera_id, since_ms, until_ms, by, reason, by_verified)
        VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET since_ms = excluded.since_ms, until_ms = excluded.until_ms, by = excluded.by,
          reason = excluded.reason, by_verified = excluded.by_verified
        """
    ).execute(arguments: [camera, out.sinceMs, out.untilMs, out.by, out.reason, out.isByVerified])
  }
}
