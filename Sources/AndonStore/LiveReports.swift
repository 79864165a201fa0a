package import AndonConfiguration
package import AndonCore
import GRDB

/// The reports that are told while a bridge runs: of the shifts that ended in the last day or within
/// `kpi.lateness`, if that is longer; a month at most.
///
/// The report of a shift is read once after its end, and again when a late event, a reason, a target, an alarm or a gap
/// changed it; at most `atOnce` of them in one read. A read that finds nothing new costs O(shifts of the time).
package struct LiveReports: Sendable {
  /// The result of one read, from one snapshot.
  package struct Reading: Sendable {
    /// Those that differ from what was told.
    package var reports: [ShiftReport] = []
    /// Told, and the calendar has no such shift any more.
    package var withdrawn: [ToldReport] = []
    /// What was read.
    var due: Set<Due> = []
  }

  struct Due: Hashable {
    /// Knows its plan and its targets: one that they change is another one.
    var window: SiteWindow
    var scope: KPIScope
    var id: String

    var key: ReportKey { ReportKey(scope, id, startMs: window.window.startMs) }

    /// The newest shift first, of it the site.
    func comesBefore(_ other: Due) -> Bool {
      (other.window.window.endMs, key.startMs, scope == .site ? 0 : 1, id)
        < (window.window.endMs, other.key.startMs, other.scope == .site ? 0 : 1, other.id)
    }
  }

  private let site: SiteSettings
  private let configured: SiteCalendars
  private let horizonMs: Int64
  private let graceMs: Int64
  private let paceMs: Int64
  /// When each report was read last.
  private var readMs: [ReportKey: Int64] = [:]
  /// Read and told.
  private var settled: Set<Due> = []
  private var marks: ReportMarks?
  private var sequence: Int64 = .min
  private var epoch: Int64 = .min
  private var store: ObjectIdentifier?

  /// Longer than a month is not looked back.
  private static let longestMs = 31 * CivilTime.millisecondsPerDay
  /// So long what was told is kept: no shift is told later than `longestMs` after its end, also with another
  /// configuration.
  package static let keptMs = longestMs + 2 * CivilTime.millisecondsPerDay
  private static let atOnce = 16

  /// - Parameters:
  ///   - graceMs: So long after its end a shift is read first: the last events are on their way.
  ///   - paceMs: So long after a reading a report is read again, however many late events come.
  package init(site: SiteSettings, graceMs: Int64 = 5000, paceMs: Int64 = 15_000) {
    (self.site, self.graceMs, self.paceMs) = (site, graceMs, paceMs)
    configured = SiteCalendars(site)
    horizonMs = min(Self.longestMs, max(CivilTime.millisecondsPerDay, site.kpi.latenessMs))
  }

  package mutating func read(_ store: SiteStore, nowMs: Int64) throws -> Reading {
    let epoch = store.changes.epoch
    if self.store != ObjectIdentifier(store) || epoch != self.epoch {
      (settled, sequence, marks) = ([], .min, nil)
      (self.store, self.epoch) = (ObjectIdentifier(store), epoch)
    }
    return try store.database.read { db in
      try forgetChanged(store, db)
      let calendars = configured.changed(by: try SiteStore.planChanges(db))
      let fromMs = nowMs - horizonMs
      let present = calendars.windows(.shift, endingAfter: fromMs, upTo: nowMs).joined().flatMap(subjects)
      let told = try SiteStore.toldReports(endingAfter: fromMs, upTo: nowMs, db)
      var reading = Reading()
      let keys = Set(present.map(\.key))
      reading.withdrawn = told.filter { !$0.isRetracted && !keys.contains($0.key) }
      settled.formIntersection(present)
      let hasData = try hasData(db)
      readMs = readMs.filter { keys.contains($0.key) }
      // None waits for ever behind others that change again and again: those that wait longest come first.
      let due = present.filter { !settled.contains($0) && $0.window.window.endMs + graceMs <= nowMs }
        .filter { readMs[$0.key].map { nowMs < $0 || $0 + paceMs <= nowMs } ?? true }.filter(hasData)
        .sorted { one, other in
          let (oneMs, otherMs) = (readMs[one.key] ?? .min, readMs[other.key] ?? .min)
          return oneMs == otherMs ? one.comesBefore(other) : oneMs < otherMs
        }
      let known = Dictionary(told.map { ($0.key, $0) }) { first, _ in first }
      for one in due.prefix(Self.atOnce) {
        reading.due.insert(one)
        readMs[one.key] = nowMs
        let query = ShiftReportQuery(site: site, scope: one.scope, id: one.id)
        // Of a shift whose stops are not known any more nothing new can be told.
        guard
          let report = try Self.ifKnown({
            try query.report(
              of: one.window, calendars, store, nowMs: nowMs, epoch: epoch, db)
          })
        else { continue }
        if let last = known[one.key], !last.isRetracted, last.face == report.face { continue }
        reading.reports.append(report)
      }
      return reading
    }
  }

  /// What was read is told, or need not be: it is read again when something changes it.
  package mutating func settle(_ reading: Reading) { settled.formUnion(reading.due) }

  private static func ifKnown(_ read: () throws -> ShiftReport?) throws -> ShiftReport? {
    do { return try read() } catch is FiguresGone { return nil }
  }

  private func subjects(_ window: SiteWindow) -> [Due] {
    (window.isOfSite ? [Due(window: window, scope: .site, id: site.id)] : [])
      + window.lines.map { Due(window: window, scope: .line, id: $0.id) }
  }

  /// Whether there can be a report: a shift that was over before the first event of the site has none, nor has one whose
  /// events are deleted.
  private func hasData(_ db: Database) throws -> (Due) -> Bool {
    let firstMs =
      try Int64.fetchOne(db.cachedStatement(sql: "SELECT min(bucket_ms) FROM summary_bucket")) ?? .max
    let finals = try FinalFigures(db, site: site.id, path: "")
    return { $0.window.window.endMs > firstMs && !finals.covers($0.window.window) }
  }

  private mutating func forgetChanged(_ store: SiteStore, _ db: Database) throws {
    let current = try SiteStore.sequence(db)
    let newMarks = try ReportMarks(db)
    let changed = [
      store.changes.earliestBucket(after: sequence, upTo: current),
      try marks.flatMap { try newMarks.changedMs(since: $0, db) },
    ].compactMap(\.self).min()
    if let changed { settled = settled.filter { $0.window.window.endMs <= changed } }
    (sequence, marks) = (current, newMarks)
  }
}
