package import AndonCore
import GRDB

/// Reads the final records of windows whose events are deleted.
struct FinalFigures {
  private let db: Database
  private let siteID: String
  private let path: String
  /// Windows that end after its lower and begin before its upper bound are final; nil while there are none.
  let range: Range<Int64>?

  init(_ db: Database, site: String, path: String) throws {
    (self.db, siteID, self.path) = (db, site, path)
    range = try StoreTransaction(reading: db).finalRange()
  }

  /// Whether the figures of the window come from here, and from nowhere else.
  func covers(_ window: Window) -> Bool {
    guard let range else { return false }
    return range.lowerBound < window.endMs && window.startMs < range.upperBound
  }

  /// The final windows of a kind that overlap a range, by time: those of the calendar of then.
  func windows(_ kind: WindowKind, overlapping asked: Range<Int64>) throws -> [Window] {
    guard range != nil else { return [] }
    return try Row.fetchAll(
      db.cachedStatement(
        sql: """
          SELECT DISTINCT window_kind, start_ms, end_ms, shift_id FROM final_figures
          WHERE window_kind = ? AND start_ms < ? AND start_ms >= ? AND end_ms > ? ORDER BY start_ms, end_ms, shift_id
          """),
      arguments: [
        kind.rawValue, asked.upperBound, asked.lowerBound - 2 * CivilTime.millisecondsPerDay,
        asked.lowerBound,
      ]
    ).compactMap { FinalWindow($0)?.window }
      // Those of a shift that has lost its first events are kept before they are needed.
      .filter(covers)
  }

  /// The records of a covered window: of an hour, shift or day, or of a range that is exactly an hour or a day. Those of
  /// a scope whose age is over are left out.
  ///
  /// - Throws: `FiguresGone`; `StoreError.damaged` when a row does not match its checksum.
  func records(of window: Window, scopes: Set<KPIScope>, nowMs: Int64) throws -> [KPIRecord] {
    guard nowMs >= window.endMs else { throw gone(.open, window) }
    for kind in window.kind.map({ [$0] }) ?? [.hour, .day] {
      let rows = try Row.fetchAll(
        db.cachedStatement(
          sql: """
            SELECT scope, records FROM final_figures
            WHERE window_kind = ? AND start_ms = ? AND end_ms = ? AND shift_id = ?
            """), arguments: [kind.rawValue, window.startMs, window.endMs, window.shiftID ?? ""])
      let stored = rows.reduce(into: [KPIScope: DatabaseValue]()) { stored, row in
        if let scope = KPIScope(rawValue: row[0]) { stored[scope] = row[1] }
      }
      if stored.isEmpty, window.kind == nil { continue }
      return try Self.order.filter(scopes.contains).flatMap { scope in
        try stored[scope].map { try records($0, scope, kind, window, nowMs: nowMs) } ?? []
      }
    }
    throw gone(.noWindow, window)
  }

  /// The stops of a window that were kept with its records, while its shift still had all of its events; nil when there
  /// are none of workstations.
  func keptStops(of window: Window, nowMs: Int64) throws -> [String: StopTotals]? {
    guard range != nil, nowMs >= window.endMs else { return nil }
    var records: [KPIRecord] = []
    do {
      records = try self.records(of: window, scopes: [.workstation], nowMs: nowMs)
    } catch is FiguresGone {
      return nil
    }
    let stops = records.compactMap { record in record.stops.map { (record.id, $0) } }
    return stops.isEmpty ? nil : Dictionary(stops) { first, _ in first }
  }

  /// The order of records that are computed.
  private static let order: [KPIScope] = [.site, .area, .line, .workstation, .worker]

  /// How many rows there are, and those that do not match their checksum, in words. O(rows).
  static func check(_ db: Database) throws -> (count: Int, damaged: [String]) {
    guard try db.tableExists("final_figures") else { return (0, []) }
    var (count, damaged): (Int, [String]) = (0, [])
    let rows = try Row.fetchCursor(
      db, sql: "SELECT window_kind, start_ms, end_ms, shift_id, scope, records FROM final_figures")
    while let row = try rows.next() {
      count += 1
      if let window = FinalWindow(row), let scope = KPIScope(rawValue: row[4]),
        window.records(row[5], scope, site: "", nowMs: window.endMs) != nil
      {
        continue
      }
      damaged.append(
        "\(row[4] as String) figures of the \(row[0] as String) from \(CivilTime.text(epochMs: row[1]))")
    }
    return (count, damaged)
  }

  private func records(
    _ stored: DatabaseValue, _ scope: KPIScope, _ kind: WindowKind, _ window: Window, nowMs: Int64
  ) throws -> [KPIRecord] {
    let final = FinalWindow(kind: kind, window)
    guard let records = final.records(stored, scope, site: siteID, of: window, nowMs: nowMs) else {
      throw StoreError.damaged(
        path: path,
        problem: "the final \(scope.rawValue) figures of the \(kind.rawValue) from "
          + "\(CivilTime.text(epochMs: window.startMs)) are not what was stored; a backup may have them")
    }
    return records
  }

  func gone(_ reason: FiguresGone.Cause, _ window: Window) -> FiguresGone {
    FiguresGone(
      reason: reason, fromMs: window.startMs, toMs: window.endMs, eventsFromMs: range?.upperBound ?? .min)
  }
}

extension SiteStore {
  /// How many rows of final figures there are, and those that are not what was stored, in words. O(rows).
  package func checkFinalFigures() throws -> (count: Int, damaged: [String]) {
    try database.read { try FinalFigures.check($0) }
  }

  /// The final records of a worker, by kind of window and time. O(all final records of workers).
  ///
  /// - Throws: `StoreError.damaged` when a row does not match its checksum.
  package func visitFinalRecords(ofWorker id: String, _ visit: (KPIRecord) throws -> Void) throws {
    try database.read { db in
      guard try db.tableExists("final_figures") else { return }
      let rows = try Row.fetchCursor(
        db,
        sql: """
          SELECT window_kind, start_ms, end_ms, shift_id, records FROM final_figures WHERE scope = 'worker'
          ORDER BY window_kind, start_ms, end_ms, shift_id
          """)
      while let row = try rows.next() {
        guard let window = FinalWindow(row),
          let records = window.records(row[4], .worker, site: siteID, nowMs: window.endMs)
        else {
          throw StoreError.damaged(
            path: path,
            problem:
              "final figures of workers from \(CivilTime.text(epochMs: row[1])) are not what was stored")
        }
        for record in records where record.id == id { try visit(record) }
      }
    }
  }

  /// Those of these windows whose events are not deleted.
  package func windowsWithEvents(_ windows: [SiteWindow]) throws -> [SiteWindow] {
    try database.read { db in
      let finals = try FinalFigures(db, site: siteID, path: path)
      return windows.filter { !finals.covers($0.window) }
    }
  }
}

extension StoreTransaction {
  /// Windows that end after its lower and begin before its upper bound have final records only.
  func finalRange() throws -> Range<Int64>? {
    // A file that no bridge of this version has opened yet.
    guard try db.tableExists("final_range") else { return nil }
    return try Row.fetchOne(db.cachedStatement(sql: "SELECT from_ms, to_ms FROM final_range")).map {
      let (from, to): (Int64, Int64) = ($0[0], $0[1])
      return from..<max(from, to)
    }
  }

  func saveFinalRange(_ range: Range<Int64>) throws {
    try db.cachedStatement(sql: "INSERT OR REPLACE INTO final_range (id, from_ms, to_ms) VALUES (1, ?, ?)")
      .execute(arguments: [range.lowerBound, range.upperBound])
  }

  /// Keeps records of a window; those that are kept already stay as they are.
  func keep(_ records: [KPIRecord], _ scope: KPIScope, of window: FinalWindow) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO final_figures (window_kind, start_ms, end_ms, shift_id, scope, records) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT DO NOTHING
        """
    ).execute(arguments: [
      window.kind.rawValue, window.startMs, window.endMs, window.shiftID, scope.rawValue,
      BlobKey.finalFigures(window, scope).sealed(KPIRecord.encoded(records)),
    ])
  }
}
