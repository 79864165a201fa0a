package import AndonConfiguration
package import AndonCore
import GRDB

/// Reads the figures of windows that are compared: of a workstation, a line, an area or the site, each as a question for
/// that window alone gives them, all from one snapshot.
///
/// O(a reading of the figures of each window).
package struct CompareQuery: Sendable {
  private let site: SiteSettings
  private let scope: KPIScope
  private let id: String

  /// - Parameter id: of the scope; of the site its own.
  package init(site: SiteSettings, scope: KPIScope, id: String) {
    (self.site, self.scope, self.id) = (site, scope, id)
  }

  /// The windows of a kind that contain the instants, in their order; nil where none does, or where it has no figures.
  ///
  /// - Throws: `FiguresGone`.
  package func windows(
    _ kind: WindowKind, containing instants: [Int64], _ store: SiteStore, nowMs: Int64
  ) throws -> [KPIRecord?] {
    let epoch = store.changes.epoch
    return try store.database.read { db in
      let source = try Source(site, store, epoch: epoch, db)
      return try instants.map { ms in
        let found = try source.windows(kind, overlapping: ms..<ms + 1).filter { $0.has(scope, id: id) }
        return try record(of: found, source, nowMs: nowMs)
      }
    }
  }

  /// The figures of a shift and of the same one in each of the weeks before it, the oldest first. Weeks in which it did
  /// not run, or has no figures, are left out.
  ///
  /// - Parameter atMs: an instant in the shift, or after it; nil: the last one that is over.
  /// - Throws: `FiguresGone`.
  package func weeks(_ count: Int, atMs: Int64?, _ store: SiteStore, nowMs: Int64) throws -> [KPIRecord] {
    let epoch = store.changes.epoch
    return try store.database.read { db in
      let source = try Source(site, store, epoch: epoch, db)
      let ms = min(atMs ?? nowMs, nowMs)
      let near = try source.windows(.shift, overlapping: ms - 7 * Self.dayMs..<ms + 1)
        .filter { $0.has(scope, id: id) && (atMs == nil ? $0.window.endMs <= nowMs : true) }
        .sorted { $0.window.startMs > $1.window.startMs }
      // Of deleted events it is not known whose shift a window was: the newest that has a record.
      guard let last = try near.first(where: { try record(of: [$0], source, nowMs: nowMs) != nil })
      else { return [] }
      let (startMs, shiftID) = (last.window.startMs, last.window.shiftID)
      var records: [KPIRecord] = []
      for week in (0...Int64(count)).reversed() {
        // A clock change moves it by an hour or two.
        let thenMs = startMs - week * 7 * Self.dayMs
        let found = try source.windows(.shift, overlapping: thenMs - Self.dayMs / 2..<thenMs + Self.dayMs / 2)
          .filter {
            $0.has(scope, id: id) && $0.window.shiftID == shiftID
              && abs($0.window.startMs - thenMs) < Self.dayMs / 2
          }.sorted { abs($0.window.startMs - thenMs) < abs($1.window.startMs - thenMs) }
        if let record = try record(of: found, source, nowMs: nowMs) { records.append(record) }
      }
      return records
    }
  }

  private static let dayMs = CivilTime.millisecondsPerDay

  /// The record of the first of these windows that has one: final figures of a shift are those of one calendar, which
  /// its window does not say.
  private func record(of windows: [SiteWindow], _ source: Source, nowMs: Int64) throws -> KPIRecord? {
    for window in windows {
      let records = try KPIQuery(site: site, scopes: [scope], id: id)
        .records(source.store, windows: [window], nowMs: nowMs, epoch: source.epoch, source.db)
      if let record = records.first(where: { $0.scope == scope && $0.id == id }) { return record }
    }
    return nil
  }

  /// The windows of one snapshot: those of the calendars as they are, and before the oldest events those of then.
  private struct Source {
    let store: SiteStore
    let epoch: Int64
    let db: Database
    private let layout: SiteLayout
    private let calendars: SiteCalendars
    private let finals: FinalFigures

    init(_ site: SiteSettings, _ store: SiteStore, epoch: Int64, _ db: Database) throws {
      (self.store, self.epoch, self.db, layout) = (store, epoch, db, site.layout)
      calendars = SiteCalendars(site).changed(by: try SiteStore.planChanges(db))
      finals = try FinalFigures(db, site: site.id, path: store.path)
    }

    /// Those that overlap a range.
    func windows(_ kind: WindowKind, overlapping range: Range<Int64>) throws -> [SiteWindow] {
      let past = try finals.windows(kind, overlapping: range).map { SiteWindow($0, layout: layout) }
      let now = calendars.windows(
        kind, endingAfter: range.lowerBound, upTo: range.upperBound + 2 * CompareQuery.dayMs
      ).joined().filter { $0.window.startMs < range.upperBound && !finals.covers($0.window) }
      return past + now
    }
  }
}
