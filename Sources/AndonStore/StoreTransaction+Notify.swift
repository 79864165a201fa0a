package import AndonCore
import Foundation
import GRDB

/// Pages for receivers outside of MQTT. They are written in the transaction of the journal.
extension StoreTransaction {
  /// How many rows a site keeps while receivers take none: about 10 MB.
  static let notificationLimit: Int64 = 10_000

  /// Rows that were added, and the oldest ones that were deleted for them.
  package struct NotifyCount: Sendable, Hashable {
    package var rows = 0
    package var dropped = 0

    package init() {}

    package static func += (left: inout NotifyCount, right: NotifyCount) {
      left.rows += right.rows
      left.dropped += right.dropped
    }
  }

  /// Writes what a transition means to the routes.
  ///
  /// A page goes to every route of `NotifyRules.stages`, to the later ones with the time at which they are due. An
  /// acknowledgement, or the end of the alert, deletes what is not due yet and is told to the routes that got the page.
  package func notify(_ record: AlarmRecord, _ rules: NotifyRules) throws -> NotifyCount {
    guard !rules.routes.isEmpty, let transition = record.transition else { return NotifyCount() }
    let key = (record.alertID, record.machine.key.modelVersion)
    var told: [(route: String, priority: String)] = []
    for row in try openNotifications(key) where row.dueMs <= transition.nowMs {
      told.append((row.route, row.priority))
    }
    let isOver =
      !record.machine.isRaised || record.machine.shelf != nil || record.machine.occurrence?.attachedTo != nil
    if transition.page, !isOver {
      if transition.kind == .renotify, !told.isEmpty { return try repeatPage(record, told, key) }
      return try open(record, rules, key)
    }
    guard isOver || transition.kind == .acknowledged else { return NotifyCount() }
    try withdraw(key, after: transition.nowMs)
    if isOver { try delete("notification_open", key) }
    let listeners = told.filter { rules.sendsResolved($0.route) || isOver && rules.hearsEnd($0.route) }
    return try insert(record, listeners.map { ($0.route, $0.priority, transition.nowMs) })
  }

  private typealias OpenKey = (alertID: String, modelVersion: String)

  /// A page that begins: what is left of an earlier one is replaced.
  private func open(_ record: AlarmRecord, _ rules: NotifyRules, _ key: OpenKey) throws -> NotifyCount {
    try withdraw(key, after: record.nowMs)
    try delete("notification_open", key)
    let priority = AlarmRecord.priority(severity: record.machine.severity)
    let stages = rules.stages(record, nowMs: record.nowMs)
    let statement = try db.cachedStatement(
      sql: """
        INSERT INTO notification_open (route, alert_id, model_version, priority, due_ms, payload)
        VALUES (?, ?, ?, ?, ?, ?)
        """)
    let payload = Data(record.json())
    for stage in stages {
      try statement.execute(
        arguments: [stage.route, key.alertID, key.modelVersion, priority, stage.dueMs, payload])
    }
    return try insert(record, stages.map { ($0.route, priority, $0.dueMs) })
  }

  /// The page is still unacknowledged: the routes that got the page get it again, the others keep their turn.
  private func repeatPage(
    _ record: AlarmRecord, _ told: [(route: String, priority: String)], _ key: OpenKey
  ) throws -> NotifyCount {
    try db.cachedStatement(
      sql: """
        UPDATE notification_open SET payload = ? WHERE alert_id = ? AND model_version = ? AND due_ms <= ?
        """
    ).execute(arguments: [Data(record.json()), key.alertID, key.modelVersion, record.nowMs])
    return try insert(record, told.map { ($0.route, $0.priority, record.nowMs) })
  }

  private func insert(
    _ record: AlarmRecord, _ rows: [(route: String, priority: String, dueMs: Int64)]
  ) throws -> NotifyCount {
    var count = NotifyCount()
    guard !rows.isEmpty else { return count }
    let statement = try db.cachedStatement(
      sql: """
        INSERT INTO notification (route, alert_id, model_version, priority, queued_ms, due_ms, payload)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        """)
    let payload = Data(record.json())
    for row in rows {
      try statement.execute(
        arguments: [
          row.route, record.alertID, record.machine.key.modelVersion, row.priority, record.nowMs, row.dueMs,
          payload,
        ])
    }
    count.rows = rows.count
    // Sequence numbers are never reused, so at most `notificationLimit` rows remain.
    try db.cachedStatement(sql: "DELETE FROM notification WHERE seq <= ?")
      .execute(arguments: [db.lastInsertedRowID - Self.notificationLimit])
    count.dropped = db.changesCount
    return count
  }

  private func openNotifications(
    _ key: OpenKey
  ) throws -> [(route: String, priority: String, dueMs: Int64)] {
    try Row.fetchAll(
      db.cachedStatement(
        sql: "SELECT route, priority, due_ms FROM notification_open WHERE alert_id = ? AND model_version = ?"),
      arguments: [key.alertID, key.modelVersion]
    ).map { ($0[0], $0[1], $0[2]) }
  }

  /// Takes back the escalations that are not due yet.
  private func withdraw(_ key: OpenKey, after nowMs: Int64) throws {
    for table in ["notification", "notification_open"] {
      try db.cachedStatement(
        sql: "DELETE FROM \(table) WHERE alert_id = ? AND model_version = ? AND due_ms > ?"
      ).execute(arguments: [key.alertID, key.modelVersion, nowMs])
    }
  }

  private func delete(_ table: String, _ key: OpenKey) throws {
    try db.cachedStatement(sql: "DELETE FROM \(table) WHERE alert_id = ? AND model_version = ?")
      .execute(arguments: [key.alertID, key.modelVersion])
  }

  /// Removes rows that a receiver took, or that are given up.
  package func removeNotifications(_ sequences: [Int64]) throws {
    let statement = try db.cachedStatement(sql: "DELETE FROM notification WHERE seq = ?")
    for sequence in sequences { try statement.execute(arguments: [sequence]) }
  }

  /// Deletes what waits for routes that are no longer configured. Returns how many rows each had.
  package func keepNotifications(of routes: [String]) throws -> [String: Int] {
    var gone: [String: Int] = [:]
    for row in try Row.fetchAll(db, sql: "SELECT route, count(*) FROM notification GROUP BY route") {
      let route: String = row[0]
      if !routes.contains(route) { gone[route] = row[1] }
    }
    for route in gone.keys {
      try db.execute(sql: "DELETE FROM notification WHERE route = ?", arguments: [route])
    }
    let known = Set(try String.fetchAll(db, sql: "SELECT DISTINCT route FROM notification_open"))
    for route in known.subtracting(routes) {
      try db.execute(sql: "DELETE FROM notification_open WHERE route = ?", arguments: [route])
    }
    return gone
  }
}
