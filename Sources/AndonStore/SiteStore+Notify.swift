import Foundation
import GRDB

extension SiteStore {
  /// The oldest rows of a route that are due, oldest first, after a sequence number. O(log rows + limit).
  package func notifications(
    route: String, after sequence: Int64 = 0, dueMs: Int64, limit: Int
  ) throws -> [NotificationRow] {
    try database.read { db in
      try Row.fetchAll(
        db.cachedStatement(
          sql: """
            SELECT seq, alert_id, model_version, priority, queued_ms, payload FROM notification
            WHERE route = ? AND seq > ? AND due_ms <= ? ORDER BY seq LIMIT ?
            """), arguments: [route, sequence, dueMs, limit]
      ).map { row in
        NotificationRow(
          sequence: row[0], alertID: row[1], modelVersion: row[2], priority: row[3], queuedMs: row[4],
          payload: Array(row[5] as Data))
      }
    }
  }

  /// The alerts of which a route got a page and which are not over, by id; for receivers that must hear of them again
  /// and again. Those with a row that waits are left out: it comes first.
  package func openNotifications(route: String, dueMs: Int64, limit: Int) throws -> [NotificationRow] {
    try database.read { db in
      try Row.fetchAll(
        db.cachedStatement(
          sql: """
            SELECT alert_id, model_version, priority, due_ms, payload FROM notification_open AS o
            WHERE route = ? AND due_ms <= ? AND NOT EXISTS (SELECT 1 FROM notification AS n
              WHERE n.alert_id = o.alert_id AND n.model_version = o.model_version AND n.route = o.route)
            ORDER BY alert_id, model_version LIMIT ?
            """), arguments: [route, dueMs, limit]
      ).map { row in
        NotificationRow(
          sequence: 0, alertID: row[0], modelVersion: row[1], priority: row[2], queuedMs: row[3],
          payload: Array(row[4] as Data))
      }
    }
  }

  /// What waits, by route. O(rows), without their payloads.
  package func notificationBacklogs(nowMs: Int64) throws -> [String: NotificationBacklog] {
    try database.read { db in
      var backlogs: [String: NotificationBacklog] = [:]
      let rows = try Row.fetchAll(
        db.cachedStatement(
          sql: """
            SELECT route, count(*) FILTER (WHERE due_ms <= ?1), min(queued_ms) FILTER (WHERE due_ms <= ?1),
              count(*) FILTER (WHERE due_ms > ?1) FROM notification GROUP BY route
            """), arguments: [nowMs])
      for row in rows {
        var backlog = NotificationBacklog()
        (backlog.rows, backlog.oldestMs, backlog.escalating) = (row[1], row[2], row[3])
        backlogs[row[0]] = backlog
      }
      return backlogs
    }
  }

  /// When the next escalation is due; nil when none waits. O(rows).
  package func nextNotificationMs(after nowMs: Int64) throws -> Int64? {
    try database.read { db in
      try Int64.fetchOne(
        db.cachedStatement(sql: "SELECT min(due_ms) FROM notification WHERE due_ms > ?"), arguments: [nowMs])
    }
  }

  /// Deletes what waits for routes that are no longer configured; writes only when there is something. Returns how many
  /// rows each had.
  package func keepNotifications(of routes: [String]) throws -> [String: Int] {
    let known = try database.read { db in
      try String.fetchAll(
        db, sql: "SELECT DISTINCT route FROM notification UNION SELECT DISTINCT route FROM notification_open")
    }
    guard known.contains(where: { !routes.contains($0) }) else { return [:] }
    return try commit { try $0.keepNotifications(of: routes) }
  }
}
