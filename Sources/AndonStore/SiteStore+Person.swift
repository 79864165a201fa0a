package import AndonCore
import GRDB

/// What a file holds about one worker.
extension SiteStore {
  /// Whether the site has stored an event of the worker.
  package func knows(worker: String) throws -> Bool {
    try database.read { try StoreTransaction(reading: $0).nameID(.worker, worker) != nil }
  }

  /// The worker's stored events in order of time. Constant memory; O(events + quarters of an hour).
  package func visitEvents(ofWorker worker: String, _ body: (StoredEvent) throws -> Void) throws {
    try database.read { db in
      try WorkerRows(db, damage: damage).visit(worker: worker, fromMs: .min, toMs: .max, body)
    }
  }

  /// Rejected events that name the worker, oldest first.
  package func visitQuarantine(naming worker: String, _ body: (QuarantineRow) throws -> Void) throws {
    try database.read { db in
      let transaction = StoreTransaction(reading: db)
      for id in try transaction.quarantineIDs(naming: worker) {
        if let row = try transaction.quarantineRow(id) { try body(row) }
      }
    }
  }

  /// The last readings of counters of the worker.
  package func counterTotals(
    ofWorker worker: String
  ) throws -> [(mapping: String, camera: String, workstation: String, total: CounterTotal)] {
    try database.read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT mapping, camera_id, workstation_id, total, timestamp_ms FROM counter_total WHERE worker_id = ?
          ORDER BY 1, 2, 3
          """, arguments: [worker]
      ).map { ($0[0], $0[1], $0[2], CounterTotal(total: $0[3], timestampMs: $0[4])) }
    }
  }
}
