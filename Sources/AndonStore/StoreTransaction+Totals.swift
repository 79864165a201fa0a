package import AndonCore
import GRDB

/// What mappings store: the last readings of counters, and their subscriptions.
extension StoreTransaction {
  package func total(_ key: CounterKey) throws -> CounterTotal? {
    let row = try Row.fetchOne(
      db.cachedStatement(
        sql: """
          SELECT total, timestamp_ms FROM counter_total
          WHERE mapping = ? AND camera_id = ? AND worker_id = ? AND workstation_id = ?
          """), arguments: [key.mapping, key.camera, key.worker, key.workstation])
    return row.map { CounterTotal(total: $0[0], timestampMs: $0[1]) }
  }

  package func set(_ reading: CounterTotal, for key: CounterKey) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO counter_total (mapping, camera_id, worker_id, workstation_id, total, timestamp_ms)
        VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET total = excluded.total, timestamp_ms = excluded.timestamp_ms
        """
    ).execute(
      arguments: [
        key.mapping, key.camera, key.worker, key.workstation, reading.total, reading.timestampMs,
      ])
  }

  /// The number of counters. O(counters): asked only when a new one appears.
  package func counterKeys() throws -> Int {
    try Int.fetchOne(db.cachedStatement(sql: "SELECT count(*) FROM counter_total")) ?? 0
  }

  /// Replaces the topic filters that the session may be subscribed to for mappings.
  package func setMappingFilters(_ filters: some Sequence<String>) throws {
    try db.execute(sql: "DELETE FROM mapping_filter")
    let statement = try db.cachedStatement(sql: "INSERT INTO mapping_filter (filter) VALUES (?)")
    for filter in filters { try statement.execute(arguments: [filter]) }
  }
}

extension SiteStore {
  package func mappingFilters() throws -> Set<String> {
    try database.read { try Set(String.fetchAll($0, sql: "SELECT filter FROM mapping_filter")) }
  }
}
