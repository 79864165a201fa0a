import AndonCore
import Foundation
import GRDB

/// Rows of the file as records of the log. The log and its back-fill read them with the same statements, so that both
/// tell the same. Names of people who decided something are left out.
enum ShipRows {
  static func alarms(_ condition: String, _ arguments: StatementArguments, _ db: Database) throws
    -> [ShipRecord]
  {
    try Row.fetchAll(
      db.cachedStatement(
        sql: """
          SELECT seq, alert_id, occurrence_id, revision, event, page, at_ms, noted_ms, first_ms, count,
            CASE WHEN json_valid(record) THEN json_remove(record, '$.by', '$.acked_by', '$.shelved_by') ELSE '' END
          FROM alert_journal WHERE \(condition)
          """), arguments: arguments
    ).map { row in
      .alarm(
        ShippedAlarm(
          number: row[0], alertID: row[1], occurrenceID: row[2], revision: row[3], event: row[4],
          isPage: row[5], atMs: row[6], notedMs: row[7], firstMs: row[8], count: row[9], record: row[10]))
    }
  }

  static func gaps(_ condition: String, _ arguments: StatementArguments, _ db: Database) throws
    -> [ShipRecord]
  {
    try Row.fetchAll(
      db.cachedStatement(
        sql: "SELECT id, cause, camera_id, from_ms, to_ms, noted_at_ms, detail FROM gap WHERE \(condition)"),
      arguments: arguments
    ).map { row in
      .gap(
        ShippedGap(
          number: row[0], cause: row[1], cameraID: row[2], fromMs: row[3], toMs: row[4], notedAtMs: row[5],
          detail: row[6]))
    }
  }

  static func cameras(_ db: Database) throws -> [ShipRecord] {
    try Row.fetchAll(
      db,
      sql: """
        SELECT camera_id, events, last_event_ms, last_received_ms, status, qos0_received, qos0_last_ms FROM camera
        ORDER BY camera_id
        """
    ).map { row in
      .camera(
        ShippedCamera(
          cameraID: row[0], events: row[1], lastEventMs: row[2], lastReceivedMs: row[3], status: row[4],
          qos0Received: row[5], lastQoS0Ms: row[6]))
    }
  }

  private static let counterColumns = OutcomeCounters.names.map(\.name).joined(separator: ", ")

  /// All counters, or those that change by `change`.
  static func counters(_ change: OutcomeCounters?, _ db: Database) throws -> ShipRecord {
    let names = OutcomeCounters.names
    let counters = try StoreTransaction(reading: db).integers(
      "SELECT \(counterColumns) FROM progress", columns: names.count)
    var values: [Int: Int64] = [:]
    for (place, value) in (counters ?? []).enumerated() {
      if let change, change[keyPath: names[place].path] == 0 { continue }
      values[place] = value
    }
    return .counters(ShippedCounters(values))
  }

  static func stops(_ condition: String, _ arguments: StatementArguments, _ db: Database) throws
    -> [ShipRecord]
  {
    try Row.fetchAll(
      db.cachedStatement(
        sql: """
          SELECT workstation_id, start_ms, end_ms, open, duration_ms, kind, shift_id, revision, retracted,
            CASE WHEN json_valid(CAST(payload AS TEXT))
              THEN json_remove(CAST(payload AS TEXT), '$.by', '$.by_verified') ELSE '' END
          FROM told_stop WHERE \(condition)
          """), arguments: arguments
    ).map { row in
      .stop(
        ShippedStop(
          workstationID: row[0], startMs: row[1], endMs: row[2], isOpen: row[3], durationMs: row[4],
          kind: row[5], shiftID: row[6], revision: row[7], isRetracted: row[8], payload: row[9]))
    }
  }

  static func reasons(_ condition: String, _ arguments: StatementArguments, _ db: Database) throws
    -> [ShipRecord]
  {
    try Row.fetchAll(
      db.cachedStatement(
        sql: """
          SELECT id, workstation_id, start_ms, end_ms, reason, comment, at_ms FROM stop_reason WHERE \(condition)
          """), arguments: arguments
    ).map { row in
      .reason(
        ShippedReason(
          number: row[0], workstationID: row[1], startMs: row[2], endMs: row[3], reasonID: row[4],
          comment: row[5], atMs: row[6]))
    }
  }

  static func targets(_ condition: String, _ arguments: StatementArguments, _ db: Database) throws
    -> [ShipRecord]
  {
    try Row.fetchAll(
      db.cachedStatement(
        sql: """
          SELECT id, at_ms, scope, subject, from_ms, until_ms, micro_units_per_hour, order_id, product
          FROM target_change WHERE \(condition)
          """), arguments: arguments
    ).map { row in
      .target(
        ShippedTarget(
          number: row[0], atMs: row[1], scope: row[2], subject: row[3], fromMs: row[4], untilMs: row[5],
          microUnitsPerHour: row[6], order: row[7], product: row[8]))
    }
  }

  static func calendarChanges(_ condition: String, _ arguments: StatementArguments, _ db: Database) throws
    -> [ShipRecord]
  {
    try Row.fetchAll(
      db.cachedStatement(
        sql: """
          SELECT id, at_ms, action, from_day, to_day, line, shifts, reason FROM calendar_change WHERE \(condition)
          """), arguments: arguments
    ).map { row in
      .calendar(
        ShippedCalendarChange(
          number: row[0], atMs: row[1], action: row[2], fromDay: row[3], toDay: row[4], line: row[5],
          shifts: row[6], reason: row[7]))
    }
  }

  static func reports(_ condition: String, _ arguments: StatementArguments, _ db: Database) throws
    -> [ShipRecord]
  {
    try Row.fetchAll(
      db.cachedStatement(
        sql: """
          SELECT scope, id, start_ms, end_ms, shift_id, revision, retracted, face FROM told_report
          WHERE \(condition)
          """), arguments: arguments
    ).map { row in
      .report(
        ShippedReport(
          scope: row[0], id: row[1], startMs: row[2], endMs: row[3], shiftID: row[4], revision: row[5],
          isRetracted: row[6], face: row[7]))
    }
  }

  /// Erasures whose digest is still known.
  static func erasures(_ condition: String, _ arguments: StatementArguments, _ db: Database) throws
    -> [ShipRecord]
  {
    try Row.fetchAll(
      db.cachedStatement(
        sql: "SELECT at_ms, salt, digest FROM erasure WHERE digest <> '' AND \(condition)"),
      arguments: arguments
    ).map { row in
      .erasure(
        ShippedErasure(atMs: row[0], salt: Array(row[1] as Data), digest: row[2], replacement: ""))
    }
  }
}
