import AndonCore
import Foundation
import GRDB

/// The log for the central history: switching it on, and its reading side.
extension SiteStore {
  /// How long bodies are kept after their acknowledgement, and at most how many bytes of them: a server that lost its
  /// newest commits gets them again. They are kept for between one and two such times.
  package static let keptLogMs: Int64 = 600_000
  package static let keptLogBytes: Int64 = 64 << 20
  /// How much earlier than a lost event the figures begin that it is in: two days.
  private static let figuresMs: Int64 = 172_800_000
  /// What is rewritten in one transaction; more is read from the tables instead.
  static let rewrittenLogBytes: Int64 = 64 << 20

  /// Nil while the log is off. O(1).
  package func shipState() throws -> ShipState? { try database.read { try ShipState.read($0) } }

  /// Switches the log on with what goes into it, or (nil) off, which deletes it. Later openings of the file, also by
  /// other programs, continue it. What was committed before is not in it.
  ///
  /// - Parameters:
  ///   - limitBytes: more than that is not kept while the server is away.
  ///   - sinceMs: when the log is switched on, or gets more than before, small tables are read from the file as a whole,
  ///     and events and figures since this time, epoch milliseconds. Nil: nothing is; `addBackfill` asks for the rest.
  package func setLog(
    _ selection: ShipSelection?, limitBytes: Int64 = 1 << 30, sinceMs: Int64? = nil
  ) throws {
    try write { db in
      let known = try ShipState.read(db)
      guard known?.selection != selection || known.map({ $0.limitBytes != limitBytes }) ?? false else {
        return
      }
      try db.inTransaction(.immediate) {
        if let selection {
          var state = known ?? ShipState(selection: selection, limitBytes: limitBytes)
          (state.selection, state.limitBytes) = (selection, limitBytes)
          try state.save(db)
          try Self.setPatches(selection, before: known?.selection, at: state.committed, db)
          if let sinceMs, known.map({ !$0.selection.contains(selection) }) ?? true {
            let timed = ShipKinds([.event, .final])
            for (fromMs, kinds) in [(0, ShipKinds.all.subtracting(timed)), (sinceMs, timed)] {
              let range = ShipRange(fromMs: fromMs, toMs: .max, kinds: kinds)
              try ShipBackfill.insert(range, cause: .switchedOn, db)
            }
          }
        } else {
          for table in ["ship_state", "ship_log", "ship_backfill", "ship_patch", "ship_alias"] {
            try db.execute(sql: "DELETE FROM \(table)")
          }
        }
        return .commit
      }
      // Still in the writer's turn: the next commit sees it.
      shipSelection = selection
      logChanged()
    }
  }

  /// Begins, or ends, to keep the state: a base is due then, as nothing of before is in the log.
  private static func setPatches(
    _ selection: ShipSelection, before: ShipSelection?, at committed: ShipPosition, _ db: Database
  ) throws {
    guard selection.keepsState != (before?.keepsState ?? false) else { return }
    guard selection.keepsState else { return try db.execute(sql: "DELETE FROM ship_patch") }
    guard Patchset.isAvailable else {
      throw DatabaseError(message: "this SQLite has no session extension, which central.mode: fleet needs")
    }
    // Another chain than that of an earlier time.
    let tip = ShipChain.tip(after: committed.tip, [])
    try ShipPatchState(tip: tip, dueSeq: max(1, committed.seq)).save(db)
  }

  // MARK: Reading

  /// Where a server may stand that has everything of this file, or all but what was not acknowledged; empty while the log
  /// is off. At most 100, so a file with more that waits is not recognized by all of it.
  package func logPositions() throws -> [ShipPosition] {
    try database.read { db in
      guard let state = try ShipState.read(db) else { return [] }
      let rows = try Row.fetchAll(
        db, sql: "SELECT seq, tip FROM ship_log WHERE seq > ? ORDER BY seq LIMIT 99",
        arguments: [state.acked.seq])
      return [state.acked] + rows.map { ShipPosition(seq: $0[0], tip: $0[1]) }
    }
  }

  /// The bodies behind the acknowledged one; nil when there are none. At least one, and then as many as fit.
  ///
  /// A body that does not match the chain, or cannot be decoded, is left empty, and its rows are read from the tables.
  ///
  /// While the log keeps the state, a part ends with a commit, so that the server never has a half of one. Where a patch is
  /// left out, the part goes to the end of the log and has a base: without one the server's state could not be restored.
  ///
  /// - Parameter nowMs: also sends a base when the one that the server has is old; nil: only when it is needed.
  package func nextLog(
    rows: Int = ShipBody.fullRows, bytes: Int = 4 << 20, nowMs: Int64? = nil
  ) throws -> ShipBatch? {
    while true {
      do {
        return try database.read { try Self.nextLog(rows: rows, bytes: bytes, nowMs: nowMs, $0) }
      } catch let damaged as DamagedShipBody {
        damage.found(.shipBody(seq: damaged.seq))
        try mendLog(damaged.seq)
        damage.repaired(.shipBody(seq: damaged.seq))
      }
    }
  }

  private static func nextLog(
    rows: Int, bytes: Int, nowMs: Int64?, _ db: Database
  ) throws -> ShipBatch? {
    guard let state = try ShipState.read(db) else { return nil }
    let patches = state.selection.keepsState ? try ShipPatchState.read(db) : nil
    let wantsBase =
      patches.map { patches in
        patches.dueSeq > 0
          || nowMs.map { patches.isOld(committed: state.committed.seq, nowMs: $0) } ?? false
      } ?? false
    let isLeftOut = patches.map { $0.dueSeq > state.acked.seq } ?? false
    guard state.acked.seq < state.committed.seq || wantsBase else { return nil }
    var batch = try part(
      of: state, rows: isLeftOut ? wholeLogRows : rows, bytes: isLeftOut ? Int(rewrittenLogBytes) : bytes, db)
    if wantsBase, batch.last == state.committed { batch.base = try workingState(state, db) }
    return batch
  }

  /// A part that tells a base has at most so many rows.
  private static let wholeLogRows = 1 << 18

  private static func part(
    of state: ShipState, rows: Int, bytes: Int, _ db: Database
  ) throws -> ShipBatch {
    var batch = ShipBatch(firstSeq: state.acked.seq + 1, last: state.acked, bodies: [], bytes: 0)
    var reader = ShipLogReader(db, behind: state.acked.seq < state.trimmed.seq ? state.trimmed : state.acked)
    var count = 0
    // Whether it ends with a commit; one that was damaged may have lost its end.
    var isWhole = true
    while batch.bodies.isEmpty || count < rows && batch.bytes < bytes
      || !isWhole && batch.bytes < rewrittenLogBytes
    {
      guard let body = try reader.next() else { break }
      let isTooMuch = count + body.records.count > rows || batch.bytes + body.bytes > bytes
      if isTooMuch, isWhole, !batch.bodies.isEmpty { break }
      isWhole = !state.selection.keepsState || body.records.contains { $0.kind == .patch }
      batch.bodies.append((body.position.seq, body.records))
      batch.last = body.position
      batch.bytes += body.bytes
      count += body.records.count
    }
    if batch.bodies.isEmpty, state.acked.seq < state.committed.seq {
      guard state.trimmed == state.committed else {
        throw DamagedShipBody(seq: max(state.acked.seq, state.trimmed.seq) + 1, words: "it is missing")
      }
      // All that is left was dropped: the server only moves on.
      batch.last = state.committed
    }
    return batch
  }

  // MARK: What the server says

  /// Whether a position of the server is of this file's history.
  package func knowledge(of position: ShipPosition) throws -> ShipKnowledge {
    try database.read { try ShipState.read($0)?.own(position, $0) == nil ? .unknown : .known }
  }

  /// Records that the server has all up to a position, which may lie behind what was acknowledged before: then what
  /// follows it is shipped again.
  ///
  /// - Returns: `unknown`, and nothing is changed, when the position is not of this file's history.
  package func acknowledgeLog(
    _ position: ShipPosition, epoch: Int64, cluster: [UInt8]
  ) throws -> ShipKnowledge {
    let knowledge = try commitHere { transaction -> ShipKnowledge in
      let db = transaction.db
      guard var state = try ShipState.read(db), let position = try state.own(position, db) else {
        return .unknown
      }
      if state.selection.keepsState {
        try db.cachedStatement(sql: "DELETE FROM ship_alias WHERE seq < ?").execute(arguments: [position.seq])
      }
      let (low, high) = (min(state.acked.seq, position.seq), max(state.acked.seq, position.seq))
      let moved =
        try Int64.fetchOne(
          db.cachedStatement(sql: "SELECT sum(length(body)) FROM ship_log WHERE seq > ? AND seq <= ?"),
          arguments: [low, high]) ?? 0
      let isBack = position.seq < state.acked.seq
      if isBack {
        try transaction.repeatBackfills(from: position.seq)
        // It may have lost the base, too.
        if var patches = state.selection.keepsState ? try ShipPatchState.read(db) : nil {
          patches.dueSeq = max(1, state.committed.seq)
          try patches.save(db)
        }
      }
      let signed = isBack ? -moved : moved
      (state.backlogBytes, state.keptBytes) = (
        max(0, state.backlogBytes - signed), max(0, state.keptBytes + signed)
      )
      (state.acked, state.epoch, state.clusterID) = (position, epoch, cluster)
      state.markSeq = min(state.markSeq, position.seq)
      try state.save(db)
      return .known
    }
    if knowledge == .known { gate?.acknowledged(position.seq) }
    return knowledge
  }

  /// Deletes what was acknowledged long enough ago, or is more than may be kept. Returns whether there was something.
  package func trimLog(nowMs: Int64) throws -> Bool {
    guard let state = try shipState() else { return false }
    // A clock that was set back must not make the time longer.
    let isDue = nowMs < state.markMs || nowMs - state.markMs >= Self.keptLogMs
    guard isDue && state.acked.seq > state.trimmed.seq || state.keptBytes > Self.keptLogBytes else {
      return false
    }
    return try commitHere { transaction in
      guard var state = try ShipState.read(transaction.db) else { return false }
      let before = state.trimmed
      if nowMs < state.markMs || nowMs - state.markMs >= Self.keptLogMs {
        try transaction.trim(&state, upTo: min(state.markSeq, state.acked.seq))
        (state.markSeq, state.markMs) = (state.acked.seq, nowMs)
      }
      if state.keptBytes > Self.keptLogBytes { try transaction.trim(&state, upTo: state.acked.seq) }
      try state.save(transaction.db)
      return state.trimmed != before
    }
  }

  /// Continues behind another history than the file's: the server has commits that the file does not know (an older
  /// copy of the file was put back), or lost some that the log does not have any more. What is not shipped gets numbers
  /// behind the server's position, with a chain from its tip, and the time since is read from the tables.
  ///
  /// - Parameter fromMs: the time of the newest event that the server certainly has; nil: of the newest one of this file.
  package func renumberLog(
    behind position: ShipPosition, epoch: Int64, cluster: [UInt8], fromMs: Int64? = nil, nowMs: Int64
  ) throws {
    try commitHere { transaction in
      let db = transaction.db
      if let state = try ShipState.current(db), state.backlogBytes <= Self.rewrittenLogBytes {
        try transaction.mendUnshipped(andKept: state.isRewrittenWhole)
      }
      guard var state = try ShipState.read(db) else { return }
      // The server's base is of another history.
      transaction.leavePatchOut()
      let oldestMs = try Int64.fetchOne(db, sql: "SELECT min(oldest_ms) FROM ship_log")
      let newestMs = try transaction.progress().newestEventMs
      let sinceMs = [fromMs, oldestMs, fromMs == nil ? newestMs : nil].compactMap(\.self).min() ?? nowMs
      let toMs = max(nowMs, newestMs ?? nowMs) + 1
      let timed = ShipKinds([.event, .final])
      // Figures of a day begin a day before its last event, and are corrected later.
      try transaction.addBackfill(
        ShipRange(fromMs: sinceMs - Self.figuresMs, toMs: toMs, kinds: timed), cause: .renumbered)
      // Small tables: what was said later of earlier times is in them, too.
      try transaction.addBackfill(
        ShipRange(fromMs: 0, toMs: toMs, kinds: ShipKinds.all.subtracting(timed)), cause: .renumberedJournals)
      try transaction.repeatBackfills(from: min(position.seq, state.trimmed.seq))
      try transaction.renumber(&state, behind: position)
      (state.epoch, state.clusterID) = (epoch, cluster)
      try state.save(db)
    }
  }
}

extension ShipState {
  /// A position as this file has it now; nil for one that is not of this history, or when what follows it is not in the log.
  func own(_ position: ShipPosition, _ db: Database) throws -> ShipPosition? {
    if position == trimmed || position == acked || position == committed { return position }
    guard position.seq > trimmed.seq else { return nil }
    let tip = try Int64.fetchOne(
      db.cachedStatement(sql: "SELECT tip FROM ship_log WHERE seq = ?"), arguments: [position.seq])
    guard let tip else { return nil }
    if tip == position.tip { return position }
    guard selection.keepsState else { return nil }
    let isAlias = try Bool.fetchOne(
      db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM ship_alias WHERE seq = ? AND tip = ?)"),
      arguments: [position.seq, position.tip])
    return isAlias == true ? ShipPosition(seq: position.seq, tip: tip) : nil
  }
}
