import AndonCore
import Foundation
import GRDB

/// Erasing a worker: the name in the table of names becomes a random one, and what else has the id goes.
extension StoreTransaction {
  /// Erases a worker in this transaction. The rows of the quarantine are the caller's.
  ///
  /// O(events of the worker + quarters of an hour with events).
  ///
  /// - Parameters:
  ///   - maxAgeMs: how old an accepted event can be: for that long late events of the worker stay out.
  ///   - topics: the worker's retained topics.
  /// - Returns: what was found, and the erasure; nil for that where the site does not know the worker.
  package func erase(
    _ worker: String, nowMs: Int64, maxAgeMs: Int64, topics: [String]
  ) throws -> (report: ErasureReport, erasure: Erasure?) {
    var report = ErasureReport()
    // What is deleted or changed from here on is overwritten in the file; `SiteStore.sweep` ends that.
    try db.execute(sql: "PRAGMA secure_delete = ON")
    try eraseRows(of: worker, &report)
    try eraseFinals(of: worker, &report)
    try eraseDecisions(of: worker, &report)
    try eraseLooks(at: worker, &report)
    guard let number = try nameID(.worker, worker).map({ Int32($0) }), number > 0 else {
      if report.foundSomething {
        try addErasure(Erasure(atMs: nowMs, untilMs: nowMs, salt: [], digest: ""), events: 0, topics: topics)
      }
      try eraseFromLog(worker, Erasure(of: worker, atMs: nowMs, untilMs: nowMs), named: "")
      return (report, nil)
    }
    let lastMs = try eraseEventIDs(of: worker, number, &report)
    var generator = SystemRandomNumberGenerator()
    let name = ErasedName.random(using: &generator)
    try db.execute(
      sql: "UPDATE name SET text = ?, checksum = ? WHERE id = ?",
      arguments: [name, BlobKey.name(Int64(number), kind: EntityKind.worker.rawValue, name), number])
    // A camera's clock may be ahead.
    let atMs = max(nowMs, lastMs)
    let erasure = Erasure(of: worker, atMs: atMs, untilMs: atMs + maxAgeMs)
    // Ids that became random are not those that a server would give them: there the events go, and come again.
    let keepsState = log?.selection.keepsState == true
    try eraseFromLog(worker, erasure, named: report.eventIDs > 0 || keepsState ? "" : name)
    if keepsState {
      // In this commit: a file that is made from the server's rows must have them at once.
      try shipEvents(of: number)
    } else if report.eventIDs > 0, log?.selection.events == true {
      try addBackfill(
        ShipRange(fromMs: 0, toMs: atMs + 1, kinds: ShipKinds([.event])), cause: .erasure)
    }
    try addErasure(erasure, events: report.events, topics: topics)
    return (report, erasure)
  }

  private func addErasure(_ erasure: Erasure, events: Int64, topics: [String]) throws {
    try db.execute(
      sql: "INSERT INTO erasure (at_ms, until_ms, salt, digest, events, topics) VALUES (?, ?, ?, ?, ?, ?)",
      arguments: [
        erasure.atMs, erasure.untilMs, Data(erasure.salt), erasure.digest, events,
        topics.joined(separator: "\n"),
      ])
  }

  private func eraseRows(of worker: String, _ report: inout ErasureReport) throws {
    for (sql, argument) in [
      ("DELETE FROM counter_total WHERE worker_id = ?", worker),
      ("DELETE FROM kpi_final WHERE scope = 'worker' AND id = ?", worker),
      ("DELETE FROM command_result WHERE instr(payload, CAST(? AS BLOB)) > 0", worker),
    ] {
      try db.execute(sql: sql, arguments: [argument])
      report.otherRows += Int64(db.changesCount)
    }
  }

  /// Final figures of a window have all its workers in one row.
  private func eraseFinals(of worker: String, _ report: inout ErasureReport) throws {
    let rows = try Row.fetchAll(
      db,
      sql: """
        SELECT window_kind, start_ms, end_ms, shift_id, records, rowid FROM final_figures
        WHERE scope = 'worker' AND instr(records, CAST(? AS BLOB)) > 0
        """, arguments: [worker])
    for row in rows {
      guard let window = FinalWindow(row) else { continue }
      // What is damaged is refused by every query, and must not keep a name.
      let records = window.records(row[4], .worker, site: "", nowMs: window.endMs) ?? []
      let left = records.filter { $0.id != worker }
      guard left.count < records.count || records.isEmpty else { continue }
      try db.execute(
        sql: "UPDATE final_figures SET records = ? WHERE rowid = ?",
        arguments: [BlobKey.finalFigures(window, .worker).sealed(KPIRecord.encoded(left)), row[5] as Int64])
      report.finalRecords += 1
    }
  }

  /// Somebody may have acknowledged alarms under the same id.
  private func eraseDecisions(of worker: String, _ report: inout ErasureReport) throws {
    for (table, column) in [
      ("ground_truth", "said_by"), ("calendar_change", "by"), ("target_change", "by"),
      ("camera_out_of_service", "by"),
      ("stop_reason", "by"),
    ] {
      try db.execute(
        sql: "UPDATE \(table) SET \"\(column)\" = 'erased' WHERE \"\(column)\" = ?", arguments: [worker])
      report.decisions += Int64(db.changesCount)
    }
    // The ids are of letters that JSON writes as they are.
    let (old, new) = ("\"by\":\"\(worker)\"", "\"by\":\"erased\"")
    try db.execute(
      sql: "UPDATE alert_journal SET record = replace(record, ?1, ?2) WHERE instr(record, ?1) > 0",
      arguments: [old, new])
    report.decisions += Int64(db.changesCount)
    for table in ["outbox", "notification", "notification_open", "told_stop"] {
      try db.execute(
        sql: """
          UPDATE \(table) SET payload = CAST(replace(CAST(payload AS TEXT), ?1, ?2) AS BLOB)
          WHERE instr(payload, CAST(?1 AS BLOB)) > 0
          """, arguments: [old, new])
      report.decisions += Int64(db.changesCount)
    }
  }

  /// The rows stay: who looked is what the log is for.
  private func eraseLooks(at worker: String, _ report: inout ErasureReport) throws {
    try db.execute(sql: "DROP TRIGGER access_log_is_not_changed")
    try db.execute(
      sql: "UPDATE access_log SET worker_id = 'erased' WHERE worker_id = ?", arguments: [worker])
    report.accessRows += Int64(db.changesCount)
    try db.execute(sql: StoreSchema.accessLogIsNotChanged)
  }

  // MARK: Events

  /// Adds all events of a worker to the log, under the name that the worker has now. O(events of the worker).
  private func shipEvents(of number: Int32) throws {
    let finder = WorkerRows(db, damage: damage)
    let known = try buckets(of: number)
    let buckets = try SiteStore.eventBuckets(
      fromMs: known?.lowerBound ?? .min, toMs: known.map { $0.upperBound + SummaryBucket.lengthMs } ?? .max,
      db)
    for bucketMs in buckets {
      try finder.visit(number, bucketMs: bucketMs, fromMs: .min, toMs: .max) { row in
        try ship([.event(ShippedEvent(row.stored))])
      }
    }
  }

  /// Gives events whose own id contains the worker's a random one. Returns the time of the worker's last event.
  private func eraseEventIDs(
    of worker: String, _ number: Int32, _ report: inout ErasureReport
  ) throws -> Int64 {
    let finder = WorkerRows(db, damage: damage)
    let known = try buckets(of: number)
    let buckets = try SiteStore.eventBuckets(
      fromMs: known?.lowerBound ?? .min, toMs: known.map { $0.upperBound + SummaryBucket.lengthMs } ?? .max,
      db)
    var lastMs = Int64.min
    for bucketMs in buckets {
      // Events of one time keep their order, which decides what the worker's state is after them.
      var groups: [[EventRows.NumberedEvent]] = []
      try finder.visit(number, bucketMs: bucketMs, fromMs: .min, toMs: .max) { row in
        report.events += 1
        let timestampMs = row.stored.event.timestampMs
        lastMs = max(lastMs, timestampMs)
        if groups.last?.first?.stored.event.timestampMs == timestampMs {
          groups[groups.count - 1].append(row)
        } else {
          if groups.last.map({ !Self.names(worker, $0) }) == true { groups.removeLast() }
          groups.append([row])
        }
      }
      for group in groups where Self.names(worker, group) {
        try replaceIDs(of: group, bucketMs: bucketMs)
        report.eventIDs += Int64(group.count)
      }
    }
    return lastMs
  }

  private static func names(_ worker: String, _ group: [EventRows.NumberedEvent]) -> Bool {
    group.contains { $0.stored.event.eventID.lowercased().contains(worker.lowercased()) }
  }

  private func replaceIDs(of group: [EventRows.NumberedEvent], bucketMs: Int64) throws {
    let sorted = group.sorted { Event.timelinePrecedes($0.stored.event, $1.stored.event) }
    let ids = group.map { _ in UUID().uuidString.lowercased() }.sorted()
    var change = EventChecksums.Quarter()
    for (row, id) in zip(sorted, ids) {
      let event = row.stored.event
      try db.cachedStatement(
        sql: """
          UPDATE event SET event_id = ? WHERE timestamp_ms = ? AND worker = ? AND kind = ? AND workstation = ?
            AND event_id = ?
          """
      ).execute(arguments: [
        EventIdentifier.column(id), event.timestampMs, row.names.worker, Int64(event.kind.rawValue),
        row.names.workstation, EventIdentifier.column(event.eventID),
      ])
      change += EventChecksums.change(of: row, toID: id)
    }
    try save(bucketMs, change)
  }
}
