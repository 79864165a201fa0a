package import AndonConfiguration
package import AndonCore
import GRDB

/// Reading from the tables what the log does not have.
extension SiteStore {
  /// Ranges that are still to be read, in the order in which they are.
  package func backfills() throws -> [ShipBackfill] { try database.read { try ShipBackfill.all($0) } }

  /// Adds a range, for example the time before the log was switched on.
  package func addBackfill(_ range: ShipRange) throws {
    try commitHere { try $0.addBackfill(range, cause: .asked) }
  }

  /// The next rows of the first back-fill; nil when there is none. `finish` records that they were shipped; without it the
  /// same rows come again.
  ///
  /// - Parameters:
  ///   - rows: at most so many; more when one instant of a small table has more.
  ///   - nowMs: windows that are over by then are final.
  package func nextBackfill(
    of site: SiteSettings, rows: Int = 5000, nowMs: Int64
  ) throws -> ShipBackfillStep? {
    guard let selection = try shipState()?.selection, var first = try backfills().first else { return nil }
    if first.cursor == nil {
      // From now on it is not extended any more.
      try commitHere { transaction in
        try transaction.db.execute(
          sql:
            "UPDATE ship_backfill SET cursor_kind = ?, cursor_ms = from_ms WHERE id = ? AND cursor_kind = 0",
          arguments: [ShipRecord.Kind.event.rawValue, first.id])
      }
      guard let begun = try backfills().first(where: { $0.id == first.id }) else { return nil }
      first = begun
    }
    let reader = ShipBackfillReader(
      store: self, site: site, selection: selection, rows: max(1, rows), nowMs: nowMs)
    var step = ShipBackfillStep(backfill: first, records: [])
    for kind in ShipRecord.Kind.allCases {
      guard let rest = first.rest(of: kind) else { continue }
      let skip = first.cursor.map { $0.kind == kind ? $0.skip : 0 } ?? 0
      let part = try reader.part(of: kind, rest, skip: skip)
      (step.records, step.unreadable) = (part.records, step.unreadable ?? part.unreadable)
      step.next =
        part.nextMs.map { ShipBackfill.Cursor(kind: kind, atMs: $0, skip: part.skip) }
        ?? first.kind(after: kind).map { ShipBackfill.Cursor(kind: $0, atMs: first.range.fromMs) }
      if !part.records.isEmpty || part.nextMs != nil { break }
    }
    return step
  }

  /// The bodies with which a step is shipped: those that wait, or one without records. A step never travels alone: a
  /// server that loses it loses the position, too, and that is how it is noticed.
  package func nextLog(with step: ShipBackfillStep, rows: Int, nowMs: Int64) throws -> ShipBatch? {
    if let batch = try nextLog(rows: rows, nowMs: nowMs), !batch.bodies.isEmpty { return batch }
    let cursor = step.backfill.cursor
    let name = [
      nowMs, step.backfill.id, cursor?.atMs ?? 0, Int64(cursor?.skip ?? 0), Int64(step.records.count),
    ]
    try commitHere { try $0.appendMark("step " + name.map { "\($0)" }.joined(separator: " ")) }
    return try nextLog(rows: rows, nowMs: nowMs)
  }

  /// Notes that the central database refused rows for what is in them: they are missing there, and a gap says so. The same
  /// gap again is not noted.
  ///
  /// - Parameter why: without values of the rows.
  package func noteRefused(_ records: [ShipRecord], why: String, nowMs: Int64) throws {
    // A gap that is refused must not make the next gap.
    let records = records.filter { if case .gap = $0 { false } else { true } }
    guard !records.isEmpty else { return }
    let times = records.compactMap(\.timeMs)
    let (fromMs, toMs) = (times.min() ?? nowMs, (times.max() ?? nowMs) + 1)
    let kinds = Set(records.map { "\($0.kind)" }).sorted().joined(separator: ", ")
    let detail = "the central history refused \(records.count) rows (\(kinds)): \(why)"
    try commitHere { transaction in
      let isKnown = try Bool.fetchOne(
        transaction.db,
        sql: "SELECT EXISTS (SELECT 1 FROM gap WHERE cause = ? AND from_ms = ? AND to_ms = ? AND detail = ?)",
        arguments: [GapRow.Cause.centralLost.rawValue, fromMs, toMs, detail])
      guard isKnown != true else { return }
      try transaction.add([
        GapRow(cause: .centralLost, fromMs: fromMs, toMs: toMs, notedAtMs: nowMs, detail: detail)
      ])
    }
  }

  /// Records that the rows of a step were shipped. If the file changed what they were read from meanwhile, they come
  /// again.
  package func finish(_ step: ShipBackfillStep, nowMs: Int64) throws {
    guard let cursor = step.backfill.cursor else { return }
    try commitHere { transaction in
      let db = transaction.db
      if let lost = step.unreadable {
        try transaction.addLost(lost, nowMs: nowMs, "rows of events are damaged")
      }
      try transaction.readErasedAgain(step.records)
      let same: StatementArguments = [
        step.backfill.id, cursor.kind.rawValue, cursor.atMs, cursor.skip, step.backfill.changes,
      ]
      let condition = "id = ? AND cursor_kind = ? AND cursor_ms = ? AND cursor_skip = ? AND changes = ?"
      guard let next = step.next else {
        return try db.execute(
          sql: "UPDATE ship_backfill SET done_seq = (SELECT acked_seq FROM ship_state) WHERE \(condition)",
          arguments: same)
      }
      try db.execute(
        sql: "UPDATE ship_backfill SET cursor_kind = ?, cursor_ms = ?, cursor_skip = ? WHERE \(condition)",
        arguments: [next.kind.rawValue, next.atMs, next.skip] + same)
    }
  }
}

extension ShipBackfill {
  func kind(after kind: ShipRecord.Kind) -> ShipRecord.Kind? {
    ShipRecord.Kind.allCases.first { $0.rawValue > kind.rawValue && range.kinds.has($0) }
  }
}

extension StoreTransaction {
  /// Notes that retention deletes events that a back-fill has not read yet.
  func noteLostBackfill(_ deleted: Range<Int64>) throws {
    guard log?.selection.events == true else { return }
    for backfill in try ShipBackfill.all(db) {
      guard let rest = backfill.rest(of: .event) else { continue }
      let lost = rest.clamped(to: deleted)
      guard !lost.isEmpty else { continue }
      let nowMs = try progress().committedAtMs ?? deleted.upperBound
      try addLost(lost, nowMs: nowMs, "events became too old")
    }
  }

  /// The server deletes the events of an erased worker whose new name the table does not have: they are read again.
  fileprivate func readErasedAgain(_ records: [ShipRecord]) throws {
    guard log?.selection.events == true else { return }
    for record in records {
      guard case .erasure(let erasure) = record, erasure.replacement.isEmpty else { continue }
      let range = ShipRange(fromMs: 0, toMs: erasure.atMs + 1, kinds: ShipKinds([.event]))
      try addBackfill(range, cause: .erasure)
    }
  }

  /// Adds a gap, or widens the last one if that is near.
  fileprivate func addLost(_ lost: Range<Int64>, nowMs: Int64, _ why: String) throws {
    let near = SummaryBucket.lengthMs
    try db.cachedStatement(
      sql: """
        UPDATE gap SET from_ms = min(from_ms, ?1), to_ms = max(to_ms, ?2)
        WHERE id = (SELECT max(id) FROM gap WHERE cause = ?3) AND from_ms <= ?2 + ?4 AND to_ms >= ?1 - ?4
        """
    ).execute(arguments: [lost.lowerBound, lost.upperBound, GapRow.Cause.centralLost.rawValue, near])
    if db.changesCount > 0 {
      return try ship(
        ShipRows.gaps(
          "id = (SELECT max(id) FROM gap WHERE cause = ?)", [GapRow.Cause.centralLost.rawValue], db))
    }
    try add([
      GapRow(
        cause: .centralLost, fromMs: lost.lowerBound, toMs: lost.upperBound, notedAtMs: nowMs,
        detail:
          "\(why) before the central history had them: they are missing there; this site's figures are right")
    ])
  }
}
