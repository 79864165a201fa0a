import AndonCore
import Foundation
import GRDB

/// Changes of bodies that are in the log: damage, another history, an erasure.
extension StoreTransaction {
  private struct Stored {
    var seq: Int64
    var tip: Int64
    var bytes: [UInt8]
    var rows: Int
    var range: ShipRange?
  }

  private func stored(_ condition: String, _ seq: Int64) throws -> Stored? {
    try Row.fetchOne(
      db,
      sql: "SELECT seq, tip, body, rows, kinds, oldest_ms, newest_ms FROM ship_log WHERE seq \(condition) ? "
        + "ORDER BY seq LIMIT 1", arguments: [seq]
    ).map { row in
      Stored(
        seq: row[0], tip: row[1], bytes: Array(row[2] as Data), rows: row[3],
        range: ShipRange(kinds: row[4], oldestMs: row[5], newestMs: row[6]))
    }
  }

  // MARK: Damage

  /// Mends a body that does not match the chain: its tip where that is what is wrong; else the body is left empty, and
  /// its rows are read from the tables.
  func mendLog(_ seq: Int64) throws {
    guard var state = try ShipState.read(db), seq > state.trimmed.seq else { return }
    let before = [state.acked, state.trimmed].first { $0.seq == seq - 1 }
    let tipBefore =
      try before?.tip
      ?? Int64.fetchOne(db, sql: "SELECT tip FROM ship_log WHERE seq = ?", arguments: [seq - 1]) ?? 0
    guard let body = try stored("=", seq) else { return try replaceMissing(seq, tipBefore, &state) }
    guard !body.bytes.isEmpty else { return }
    let tip = ShipChain.tip(after: tipBefore, body.bytes)
    let isReadable = (try? ShipBody.records(body.bytes)) != nil
    if tip == body.tip, isReadable { return }
    let after = try stored("=", seq + 1)
    let isTipOfNext =
      after.map { !$0.bytes.isEmpty && ShipChain.tip(after: tip, $0.bytes) == $0.tip }
      ?? (tip == state.committed.tip)
    if isReadable, isTipOfNext {
      return try db.execute(sql: "UPDATE ship_log SET tip = ? WHERE seq = ?", arguments: [tip, seq])
    }
    try empty(body, tip: seq == state.committed.seq ? state.committed.tip : body.tip, &state)
  }

  /// Before bodies get another chain: it would pass off what is damaged as sound.
  ///
  /// - Parameter andKept: also what was acknowledged and is kept.
  func mendUnshipped(andKept: Bool = false) throws {
    guard let state = try ShipState.current(db) else { return }
    var reader = ShipLogReader(
      db, behind: andKept || state.acked.seq < state.trimmed.seq ? state.trimmed : state.acked)
    var mended: Int64?
    while true {
      do {
        if try reader.next() == nil { return }
      } catch let damaged as DamagedShipBody where damaged.seq != mended {
        try mendLog(damaged.seq)
        mended = damaged.seq
      }
    }
  }

  private func empty(_ body: Stored, tip: Int64, _ state: inout ShipState) throws {
    wantBase()
    try db.execute(
      sql: "UPDATE ship_log SET tip = ?, rows = 0, body = x'' WHERE seq = ?", arguments: [tip, body.seq])
    if body.seq > state.acked.seq {
      state.backlogBytes = max(0, state.backlogBytes - Int64(body.bytes.count))
    } else {
      state.keptBytes = max(0, state.keptBytes - Int64(body.bytes.count))
    }
    try state.save(db)
    try addBackfill(body.range ?? Self.everything, cause: .damage)
  }

  /// What a lost body told is not known.
  private static let everything = ShipRange(fromMs: 0, toMs: .max, kinds: .all)

  private func replaceMissing(_ seq: Int64, _ tipBefore: Int64, _ state: inout ShipState) throws {
    guard seq <= state.committed.seq else { return }
    wantBase()
    let tip = seq == state.committed.seq ? state.committed.tip : ShipChain.tip(after: tipBefore, [])
    try db.execute(
      sql: "INSERT OR REPLACE INTO ship_log (seq, tip, rows, kinds, body) VALUES (?, ?, 0, 0, x'')",
      arguments: [seq, tip])
    try addBackfill(Self.everything, cause: .damage)
  }

  // MARK: Another history

  /// Gives what is not shipped numbers behind a position, with a chain from its tip. The caller saves the state, and lists
  /// the back-fill for the time since.
  func renumber(_ state: inout ShipState, behind position: ShipPosition) throws {
    var bodies: [(bytes: [UInt8], row: Row)] = []
    if state.backlogBytes <= SiteStore.rewrittenLogBytes {
      // Also what was acknowledged and is kept: that is what a server that went back does not have.
      let isAll = state.isRewrittenWhole
      let rows = try Row.fetchCursor(
        db, sql: "SELECT rows, kinds, oldest_ms, newest_ms, body FROM ship_log WHERE seq > ? ORDER BY seq",
        arguments: [isAll ? 0 : state.acked.seq])
      while let row = try rows.next() { bodies.append((Array(row[4] as Data), row.copy())) }
    } else {
      try dropUnshipped(&state, cause: .renumbered)
    }
    try db.execute(sql: "DELETE FROM ship_log")
    (state.acked, state.trimmed, state.committed) = (position, position, position)
    (state.keptBytes, state.backlogBytes, state.markSeq) = (0, 0, position.seq)
    for (bytes, row) in bodies {
      state.committed = ShipPosition(
        seq: state.committed.seq + 1, tip: ShipChain.tip(after: state.committed.tip, bytes))
      state.backlogBytes += Int64(bytes.count)
      try db.cachedStatement(
        sql: """
          INSERT INTO ship_log (seq, tip, rows, kinds, oldest_ms, newest_ms, body) VALUES (?, ?, ?, ?, ?, ?, ?)
          """
      ).execute(
        arguments: [
          state.committed.seq, state.committed.tip, row[0] as Int64, row[1] as Int64, row[2] as Int64?,
          row[3] as Int64?, Data(bytes),
        ])
    }
  }

  /// Deletes all bodies that are not shipped; what they told is read from the tables. Erasures are told again.
  private func dropUnshipped(_ state: inout ShipState, cause: ShipBackfill.Cause) throws {
    wantBase()
    let rows = try Row.fetchCursor(
      db, sql: "SELECT seq, tip, kinds, oldest_ms, newest_ms FROM ship_log WHERE seq > ? ORDER BY seq",
      arguments: [state.acked.seq])
    var range: ShipRange?
    var position = state.acked.seq < state.trimmed.seq ? state.trimmed : state.acked
    while let row = try rows.next() {
      let before = position
      position = ShipPosition(seq: row[0], tip: row[1])
      guard let more = ShipRange(kinds: row[2], oldestMs: row[3], newestMs: row[4]) else { continue }
      range = range?.union(more) ?? more
      if more.kinds.has(.erasure) { try repeatErasures(of: position, after: before) }
    }
    if let range { try addBackfill(range, cause: cause) }
    try db.execute(sql: "DELETE FROM ship_log")
    (state.trimmed, state.backlogBytes, state.keptBytes) = (state.committed, 0, 0)
  }

  /// The server may not have what was read from the tables since it had this body.
  func repeatBackfills(from seq: Int64) throws {
    try db.execute(
      sql: """
        UPDATE ship_backfill SET done_seq = NULL, cursor_kind = 0, cursor_ms = 0, cursor_skip = 0, changes = changes + 1
        WHERE done_seq IS NULL OR done_seq >= ?
        """, arguments: [seq])
  }

  // MARK: Erasure

  /// Takes a worker out of what is not shipped, with a new chain, deletes what is kept of what was shipped, and adds the
  /// erasure to the log. O(bytes that are not shipped).
  ///
  /// - Parameter name: what the events are called now; empty where there are none.
  func eraseFromLog(_ worker: String, _ erasure: Erasure, named name: String) throws {
    guard let log, !log.bodies.isPaused else { return }
    guard var state = try ShipState.current(db) else { return }
    if state.backlogBytes <= SiteStore.rewrittenLogBytes {
      try mendUnshipped()
      guard let mended = try ShipState.current(db) else { return }
      state = mended
    }
    // Rows that go have the worker's id in their keys.
    leavePatchOut()
    let eraser = ShipEraser(worker)
    var range: ShipRange?
    for body in log.bodies.dequeue() {
      for record in try ShipBody.records(body.bytes) {
        if let left = eraser.left(of: record, &range) { log.bodies.append(left) }
      }
    }
    try trim(&state, upTo: state.acked.seq)
    if state.backlogBytes > SiteStore.rewrittenLogBytes {
      try dropUnshipped(&state, cause: .erasure)
    } else {
      try rebuild(&state, eraser, &range)
    }
    if let range { try addBackfill(range, cause: .erasure) }
    try db.execute(sql: "UPDATE ship_backfill SET cursor_skip = 0, changes = changes + 1")
    try state.save(db)
    log.bodies.append(
      .erasure(
        ShippedErasure(
          atMs: erasure.atMs, salt: erasure.salt, digest: erasure.digest, replacement: name)))
  }

  private func rebuild(_ state: inout ShipState, _ eraser: ShipEraser, _ range: inout ShipRange?) throws {
    var position = state.acked.seq < state.trimmed.seq ? state.trimmed : state.acked
    var isChanged = false
    while var body = try stored(">", position.seq) {
      let count = Int64(body.bytes.count)
      if eraser.isMentioned(in: body.bytes) {
        isChanged = true
        do throws(ShipBodyError) {
          let writer = ShipBodyWriter()
          for record in try ShipBody.records(body.bytes) {
            if let left = eraser.left(of: record, &range) { writer.append(left) }
          }
          let left = writer.dequeue().first
          (body.bytes, body.rows) = (left?.bytes ?? [], left?.rows ?? 0)
        } catch {
          // What cannot be read must not keep a name.
          (body.bytes, body.rows) = ([], 0)
          range = range?.union(body.range ?? Self.everything) ?? body.range ?? Self.everything
        }
      }
      if isChanged {
        let tip = ShipChain.tip(after: position.tip, body.bytes)
        if state.selection.keepsState {
          // A file that keeps the state is never renumbered.
          try db.cachedStatement(sql: "INSERT OR IGNORE INTO ship_alias (seq, tip) VALUES (?, ?)")
            .execute(arguments: [body.seq, body.tip])
        }
        try db.cachedStatement(sql: "UPDATE ship_log SET tip = ?, rows = ?, body = ? WHERE seq = ?")
          .execute(arguments: [tip, body.rows, Data(body.bytes), body.seq])
        body.tip = tip
        state.backlogBytes += Int64(body.bytes.count) - count
      }
      position = ShipPosition(seq: body.seq, tip: body.tip)
    }
    if position.seq == state.committed.seq { state.committed = position }
  }
}
