import AndonConfiguration
import AndonCore
import GRDB

/// Reads rows of the tables for a back-fill, kind by kind and in order of time.
struct ShipBackfillReader {
  /// What one look gives.
  struct Part {
    var records: [ShipRecord] = []
    /// Where the kind continues; nil at its end.
    var nextMs: Int64?
    var skip: Int64 = 0
    var unreadable: Range<Int64>?
  }

  let store: SiteStore
  let site: SiteSettings
  let selection: ShipSelection
  let rows: Int
  let nowMs: Int64

  /// Final figures are read for so much time at once: about ten windows.
  private static let finalsMs: Int64 = 6 * 3_600_000

  func part(of kind: ShipRecord.Kind, _ rest: Range<Int64>, skip: Int64) throws -> Part {
    switch kind {
    case .event: return selection.events ? try events(rest, skip: skip) : Part()
    case .final: return try finals(rest)
    case .camera: return Part(records: try store.database.read { try ShipRows.cameras($0) })
    case .counters: return Part(records: [try store.database.read { try ShipRows.counters(nil, $0) }])
    case .alarm: return try table("noted_ms", "seq", rest, ShipRows.alarms)
    case .gap: return try table("noted_at_ms", "id", rest, ShipRows.gaps)
    case .stop: return try table("start_ms", "workstation_id", rest, ShipRows.stops)
    case .reason: return try table("start_ms", "id", rest, ShipRows.reasons)
    case .target: return try table("at_ms", "id", rest, ShipRows.targets)
    case .calendar: return try table("at_ms", "id", rest, ShipRows.calendarChanges)
    case .report: return try table("end_ms", "scope, id", rest, ShipRows.reports)
    case .erasure: return try table("at_ms", "id", rest, ShipRows.erasures)
    // No table has them: a base tells the state.
    case .patch: return Part()
    }
  }

  /// Rows of whole milliseconds: those of the last one that does not fit are left to the next look.
  private func table(
    _ time: String, _ key: String, _ rest: Range<Int64>,
    _ read: (String, StatementArguments, Database) throws -> [ShipRecord]
  ) throws -> Part {
    try store.database.read { db in
      var part = Part(
        records: try read(
          "\(time) >= ? AND \(time) < ? ORDER BY \(time), \(key) LIMIT ?",
          [rest.lowerBound, rest.upperBound, rows + 1], db))
      guard part.records.count > rows, let lastMs = part.records.last?.timeMs else { return part }
      part.records.removeAll { $0.timeMs == lastMs }
      part.nextMs = lastMs
      if part.records.isEmpty {
        part.records = try read("\(time) = ? ORDER BY \(key)", [lastMs], db)
        part.nextMs = lastMs + 1
      }
      return part
    }
  }

  /// Whole milliseconds; of one that has more rows than one look, a part.
  private func events(_ rest: Range<Int64>, skip: Int64) throws -> Part {
    try store.database.read { db in
      var part = Part()
      var reader = EventRows(db)
      do {
        try reader.visit(
          where: """
            timestamp_ms >= ? AND timestamp_ms < ?
            ORDER BY timestamp_ms, worker, kind, workstation, event_id LIMIT ? OFFSET ?
            """, [rest.lowerBound, rest.upperBound, Int64(rows) + 1, skip]
        ) { row in
          part.records.append(.event(ShippedEvent(row.stored)))
          return true
        }
      } catch let error as DatabaseError where error.resultCode == .SQLITE_CORRUPT {
        return unreadable(part, rest)
      }
      guard part.records.count > rows, let lastMs = part.records.last?.timeMs else { return part }
      let isOneMs = lastMs == part.records.first?.timeMs
      if isOneMs {
        part.records.removeLast()
        let isContinued = lastMs == rest.lowerBound
        (part.nextMs, part.skip) = (lastMs, (isContinued ? skip : 0) + Int64(rows))
      } else {
        part.records.removeAll { $0.timeMs == lastMs }
        part.nextMs = lastMs
      }
      return part
    }
  }

  /// A damaged row: what lies before it is delivered; then its quarter of an hour is left out.
  private func unreadable(_ part: Part, _ rest: Range<Int64>) -> Part {
    var part = part
    let lastMs = part.records.last?.timeMs ?? rest.lowerBound
    let endMs = min(rest.upperBound, SummaryBucket.start(of: lastMs) + SummaryBucket.lengthMs)
    part.unreadable = lastMs..<max(lastMs, endMs)
    part.nextMs = endMs < rest.upperBound ? endMs : nil
    return part
  }

  /// The figures of the windows that begin in the next hours and are over, as a query gives them.
  private func finals(_ rest: Range<Int64>) throws -> Part {
    let firstMs = try store.database.read { db in
      try Int64.fetchOne(
        db,
        sql: """
          SELECT min(first) FROM (SELECT min(timestamp_ms) AS first FROM event
            UNION ALL SELECT min(start_ms) FROM final_figures)
          """)
    }
    guard let firstMs else { return Part() }
    let fromMs = max(rest.lowerBound, firstMs - 2 * CivilTime.millisecondsPerDay)
    let endMs = min(rest.upperBound, nowMs)
    guard fromMs < endMs else { return Part() }
    let range = fromMs..<min(endMs, fromMs + Self.finalsMs)
    var part = Part(nextMs: range.upperBound < endMs ? range.upperBound : nil)
    let query = KPIQuery(site: site, scopes: selection.scopes)
    for kind in WindowKind.allCases where site.kpi.windows.contains(kind.rawValue) {
      do {
        // Before the first event there is no figure.
        part.records += try records(kind, range, since: firstMs, query)
      } catch is FiguresGone {
        // Older than the site keeps figures.
      }
    }
    return part
  }

  private func records(
    _ kind: WindowKind, _ range: Range<Int64>, since firstMs: Int64, _ query: KPIQuery
  ) throws -> [ShipRecord] {
    let records = try query.series(kind, overlapping: range, store, nowMs: nowMs) { calendars in
      calendars.windows(kind, endingAfter: range.lowerBound, upTo: nowMs).joined()
        .filter { range.contains($0.window.startMs) }
    }.filter {
      range.contains($0.window.startMs) && $0.window.endMs <= nowMs && $0.window.endMs > firstMs
        && !$0.isWithheld
    }
    return try store.database.read { db in
      var known: [Window: [FinalRow.Key: FinalRow]] = [:]
      return try records.map { record in
        let window = record.window
        let finals = try known[window] ?? SiteStore.finals(of: window, db)
        known[window] = finals
        let key = FinalRow.Key(kind: kind, startMs: window.startMs, scope: record.scope, id: record.id)
        return .final(ShippedFinal(record, revision: finals[key]?.revision ?? 0))
      }
    }
  }
}

extension ShippedEvent {
  init(_ stored: StoredEvent) {
    self.init(
      event: stored.event, cameraID: stored.cameraID, isAccepted: stored.isAccepted,
      receivedAtMs: stored.receivedAtMs)
  }
}
