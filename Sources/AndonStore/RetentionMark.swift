import GRDB

/// The state of retention, kept in the site's file: one row.
package struct RetentionMark: Sendable, Hashable {
  /// The present time as retention sees it, epoch milliseconds; `.min` before the first look.
  package var referenceMs = Int64.min
  /// For how long the bridge must still run before anything is deleted, milliseconds; and why.
  package var heldForMs: Int64 = 0
  package var reason = ""
  /// For how long deletion was held lately, milliseconds; time without a hold is subtracted again.
  package var heldMs: Int64 = 0
  /// By how much the reference may move at the next look. Not stored: 0 after a restart.
  package var allowanceMs: Int64 = 0

  package init() {}
}

extension SiteStore {
  /// The stored state of retention; nil before the first look.
  package func retentionMark() throws -> RetentionMark? {
    try database.read { db in
      try Row.fetchOne(db, sql: "SELECT reference_ms, held_for_ms, held_ms, reason FROM retention_mark").map {
        var mark = RetentionMark()
        (mark.referenceMs, mark.heldForMs, mark.heldMs, mark.reason) = ($0[0], $0[1], $0[2], $0[3])
        return mark
      }
    }
  }

  package func save(_ mark: RetentionMark) throws {
    try commit { transaction in
      try transaction.db.execute(
        sql: """
          INSERT INTO retention_mark (id, reference_ms, held_for_ms, held_ms, reason) VALUES (1, ?, ?, ?, ?)
          ON CONFLICT DO UPDATE SET reference_ms = excluded.reference_ms, held_for_ms = excluded.held_for_ms,
            held_ms = excluded.held_ms, reason = excluded.reason
          """, arguments: [mark.referenceMs, mark.heldForMs, mark.heldMs, mark.reason])
    }
  }

  /// The time of the newest stored event, ignoring the `count` newest ones, so that a few events with wrong
  /// times do not matter; nil when there are no more than those. O(count).
  package func newestEventMs(besides count: Int) throws -> Int64? {
    try database.read { db in
      try Int64.fetchOne(
        db, sql: "SELECT timestamp_ms FROM event ORDER BY timestamp_ms DESC LIMIT 1 OFFSET ?",
        arguments: [count])
    }
  }

  /// The time of the oldest stored event. O(1).
  package func oldestEventMs() throws -> Int64? {
    try database.read { try Int64.fetchOne($0, sql: "SELECT min(timestamp_ms) FROM event") }
  }
}
