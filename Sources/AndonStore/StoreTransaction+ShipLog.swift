import AndonCore
import Foundation
import GRDB

/// Writing the log: each row in the transaction of what it tells.
extension StoreTransaction {
  /// Adds rows to the log of this transaction; nothing is read while the log is off.
  func ship(_ records: @autoclosure () throws -> [ShipRecord]) throws {
    guard let log, !log.bodies.isPaused else { return }
    for record in try records() { log.bodies.append(record) }
  }

  /// Writes the bodies of this transaction, as its last step.
  ///
  /// - Returns: the number of the newest one; nil when there is none.
  @discardableResult func writeLog() throws -> Int64? {
    guard let log else { return nil }
    var patches = try addPatch(log)
    guard !log.bodies.isEmpty else { return nil }
    let fresh = Int64(log.bodies.count)
    let stored = try integers(
      "SELECT committed_seq, committed_tip, backlog_bytes, limit_bytes FROM ship_state", columns: 4)
    guard var end = stored else { return nil }
    if end[2] + fresh > end[3], var state = try ShipState.current(db) {
      try dropOldest(&state, bytes: end[2] + fresh - end[3], fresh: fresh)
      end[2] = state.backlogBytes
    }
    var committed = ShipPosition(seq: end[0], tip: end[1])
    for body in log.bodies.dequeue() {
      try append(body, &committed)
      end[2] += Int64(body.bytes.count)
    }
    let statement = try db.cachedStatement(
      sql: "UPDATE ship_state SET committed_seq = ?, committed_tip = ?, backlog_bytes = ?")
    statement.setUncheckedArguments([
      committed.seq.databaseValue, committed.tip.databaseValue, end[2].databaseValue,
    ])
    try statement.execute()
    // Also what was dropped had patches.
    if log.leavesPatchOut || log.wantsBase { patches?.dueSeq = committed.seq }
    try patches?.save(db)
    return committed.seq
  }

  /// Adds what the transaction changed in the small tables as its last record. Returns how the patches stand then; nil when
  /// the log does not keep the state, or nothing was committed.
  private func addPatch(_ log: ShipLogWriter) throws -> ShipPatchState? {
    guard let patchset = log.patchset else { return nil }
    let bytes = log.leavesPatchOut ? [] : try patchset.bytes()
    guard !bytes.isEmpty || !log.bodies.isEmpty || log.leavesPatchOut || log.wantsBase || log.wantsMark,
      var state = try ShipPatchState.read(db)
    else { return nil }
    if bytes.count > ShipPatchState.largestPatch { log.leavesPatchOut = true }
    let patch = ShippedPatch(after: state.tip, bytes: log.leavesPatchOut ? nil : bytes)
    log.bodies.append(.patch(patch))
    state.tip = patch.tip
    state.totalBytes += Int64(bytes.count)
    return state
  }

  /// What this transaction changes in the small tables must not be in a patch, or cannot be: a base tells it.
  func leavePatchOut() { log?.leavesPatchOut = true }

  /// Has a new base sent: older ones have what the server must not have any more, or patches are lost.
  func wantBase() { log?.wantsBase = true }

  private func append(_ body: ShipBody, _ committed: inout ShipPosition) throws {
    committed = ShipPosition(seq: committed.seq + 1, tip: ShipChain.tip(after: committed.tip, body.bytes))
    let statement = try db.cachedStatement(
      sql: """
        INSERT INTO ship_log (seq, tip, rows, kinds, oldest_ms, newest_ms, body) VALUES (?, ?, ?, ?, ?, ?, ?)
        """)
    statement.setUncheckedArguments([
      committed.seq.databaseValue, committed.tip.databaseValue, body.rows.databaseValue,
      body.kinds.rawValue.databaseValue, body.times?.lowerBound.databaseValue ?? .null,
      body.times?.upperBound.databaseValue ?? .null, Data(body.bytes).databaseValue,
    ])
    try statement.execute()
  }

  /// Adds a body without records.
  func appendMark(_ name: String) throws {
    // Each body has a patch then.
    if let log, log.patchset != nil {
      log.wantsMark = true
      return
    }
    guard var state = try ShipState.current(db) else { return }
    let body = ShipBody.mark(name)
    try append(body, &state.committed)
    state.backlogBytes += Int64(body.bytes.count)
    try state.save(db)
  }

  // MARK: What is more than the limit

  /// A lower limit is reached in steps, so that no commit takes long.
  private static let droppedAtOnce: Int64 = 4 << 20

  /// Deletes the oldest bodies that are not shipped; what they told is read from the tables later. Erasures are told
  /// again in this transaction, as the tables do not have all of them.
  private func dropOldest(_ state: inout ShipState, bytes: Int64, fresh: Int64) throws {
    try trim(&state, upTo: state.acked.seq)
    var left = min(bytes, max(2 * fresh, Self.droppedAtOnce))
    let rows = try Row.fetchCursor(
      db.cachedStatement(
        sql: """
          SELECT seq, tip, kinds, oldest_ms, newest_ms, length(body) FROM ship_log WHERE seq > ? ORDER BY seq
          """), arguments: [state.trimmed.seq])
    var end = state.trimmed
    var range: ShipRange?
    var dropped: Int64 = 0
    while left > 0, let row = try rows.next() {
      let before = end
      end = ShipPosition(seq: row[0], tip: row[1])
      if ShipKinds(rawValue: row[2]).has(.patch) { wantBase() }
      if let more = ShipRange(kinds: row[2], oldestMs: row[3], newestMs: row[4]) {
        range = range?.union(more) ?? more
        if more.kinds.has(.erasure) { try repeatErasures(of: end, after: before) }
      }
      left -= row[5]
      dropped += row[5]
    }
    guard end != state.trimmed else { return }
    if let range { try addBackfill(range, cause: .backlog) }
    try db.cachedStatement(sql: "DELETE FROM ship_log WHERE seq <= ?").execute(arguments: [end.seq])
    state.trimmed = end
    state.backlogBytes = max(0, state.backlogBytes - dropped)
    try state.save(db)
  }

  func repeatErasures(of position: ShipPosition, after before: ShipPosition) throws {
    let body = try Data.fetchOne(
      db.cachedStatement(sql: "SELECT body FROM ship_log WHERE seq = ?"), arguments: [position.seq])
    // A damaged one: those that the table knows come with the back-fill.
    guard let bytes = body.map({ Array($0) }), ShipChain.tip(after: before.tip, bytes) == position.tip,
      let records = try? ShipBody.records(bytes)
    else { return }
    for case .erasure(var erasure) in records {
      // It now comes behind events that the worker may have had since then: there they go, and are read again.
      erasure.replacement = ""
      log?.bodies.append(.erasure(erasure))
      guard log?.selection.events == true else { continue }
      try addBackfill(
        ShipRange(fromMs: 0, toMs: erasure.atMs + 1, kinds: ShipKinds([.event])), cause: .erasure)
    }
  }

  /// Deletes acknowledged bodies up to a number.
  func trim(_ state: inout ShipState, upTo seq: Int64) throws {
    guard seq > state.trimmed.seq else { return }
    let end = try Row.fetchOne(
      db, sql: "SELECT seq, tip FROM ship_log WHERE seq <= ? ORDER BY seq DESC LIMIT 1", arguments: [seq])
    guard let end else { return }
    let bytes =
      try Int64.fetchOne(
        db, sql: "SELECT sum(length(body)) FROM ship_log WHERE seq <= ?", arguments: [end[0] as Int64]) ?? 0
    try overwriting {
      try db.execute(sql: "DELETE FROM ship_log WHERE seq <= ?", arguments: [end[0] as Int64])
    }
    // The state's tip is the server's; a damaged row's may be wrong.
    state.trimmed = end[0] == state.acked.seq ? state.acked : ShipPosition(seq: end[0], tip: end[1])
    state.keptBytes = max(0, state.keptBytes - bytes)
    // The newest ones stay: a server that goes back far does not have what they read.
    try db.execute(
      sql: """
        DELETE FROM ship_backfill WHERE done_seq < ?
          AND id <= (SELECT id FROM ship_backfill ORDER BY id DESC LIMIT 1 OFFSET 100)
        """, arguments: [state.trimmed.seq])
    try state.save(db)
  }

  /// Deletes so that the bytes are overwritten: bodies have ids of workers as text, and large files are not rebuilt.
  private func overwriting(_ delete: () throws -> Void) throws {
    let before = try Int.fetchOne(db, sql: "PRAGMA secure_delete") ?? 0
    try db.execute(sql: "PRAGMA secure_delete = ON")
    try delete()
    if before != 1 { try db.execute(sql: "PRAGMA secure_delete = \(before)") }
  }

  // MARK: Back-fill

  /// Adds a range that is read from the tables. One that was not begun takes it up, so that there are few.
  func addBackfill(_ range: ShipRange, cause: ShipBackfill.Cause) throws {
    try db.cachedStatement(
      sql: """
        UPDATE ship_backfill SET kinds = kinds | ?3,
          from_ms = CASE WHEN ?1 = ?2 THEN from_ms WHEN from_ms = to_ms THEN ?1 ELSE min(from_ms, ?1) END,
          to_ms = CASE WHEN ?1 = ?2 THEN to_ms WHEN from_ms = to_ms THEN ?2 ELSE max(to_ms, ?2) END
        WHERE id = (SELECT max(id) FROM ship_backfill WHERE cause = ?4 AND cursor_kind = 0 AND done_seq IS NULL)
          -- What people ask for is not joined to one span, unless they ask very often.
          AND (?4 <> 'asked' OR (from_ms <= ?2 AND to_ms >= ?1)
            OR (SELECT count(*) FROM ship_backfill WHERE done_seq IS NULL) > 100)
        """
    ).execute(arguments: [range.fromMs, range.toMs, range.kinds.rawValue, cause.rawValue])
    guard db.changesCount == 0 else { return }
    try ShipBackfill.insert(range, cause: cause, db)
  }
}
