import GRDB

/// How far the journals had grown that a report reads beside the events: whether, and since when, one changed.
struct ReportMarks: Equatable {
  private var reasonID: Int64 = 0
  private var alarmSequence: Int64 = 0
  private var gapID: Int64 = 0
  /// The last gap of the whole site may be widened.
  private var gapFromMs: Int64 = 0
  private var gapToMs: Int64 = 0
  /// An erased person's name is replaced in reasons.
  private var erasures: Int64 = 0

  init(_ db: Database) throws {
    func newest(_ column: String, _ table: String) throws -> Int64 {
      try Int64.fetchOne(db.cachedStatement(sql: "SELECT coalesce(max(\(column)), 0) FROM \(table)")) ?? 0
    }
    reasonID = try newest("id", "stop_reason")
    alarmSequence = try newest("seq", "alert_journal")
    erasures = try Int64.fetchOne(db.cachedStatement(sql: "SELECT count(*) FROM erasure")) ?? 0
    let gap = try Row.fetchOne(
      db.cachedStatement(sql: "SELECT from_ms, to_ms FROM gap WHERE camera_id = '' ORDER BY id DESC LIMIT 1"))
    if let gap { (gapFromMs, gapToMs) = (gap[0], gap[1]) }
    gapID = try newest("id", "gap")
  }

  /// Since when something differs from earlier marks: shifts that ended before then are as they were. Nil when nothing
  /// does.
  func changedMs(since last: ReportMarks, _ db: Database) throws -> Int64? {
    if erasures != last.erasures { return .min }
    var times: [Int64?] = []
    func add(_ sql: String, after number: Int64) throws {
      times.append(try Int64.fetchOne(db.cachedStatement(sql: sql), arguments: [number]))
    }
    if reasonID != last.reasonID {
      try add("SELECT min(start_ms) FROM stop_reason WHERE id > ?", after: last.reasonID)
    }
    if alarmSequence != last.alarmSequence {
      try add("SELECT min(noted_ms) FROM alert_journal WHERE seq > ?", after: last.alarmSequence)
    }
    if (gapID, gapFromMs, gapToMs) != (last.gapID, last.gapFromMs, last.gapToMs) {
      try add("SELECT min(from_ms) FROM gap WHERE id >= ?", after: last.gapID)
      times.append(last.gapFromMs)
    }
    return times.compactMap(\.self).min()
  }
}
