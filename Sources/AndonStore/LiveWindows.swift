package import AndonConfiguration
package import AndonCore
import GRDB

/// The windows that are published periodically: the open ones and those closed lately.
///
/// An open window continues from a checkpoint at the last bucket edge as long as no event changed anything
/// before it, so a read costs O(workers) and not O(time since midnight). A closed window is read once after
/// its end, and again when a late event changed it.
package struct LiveWindows {
  /// The result of one read, from one snapshot.
  package struct Reading {
    package var open: [KPIRecord] = []
    package var closed: [Closed] = []
    /// As of the snapshot.
    package var calendar: SiteCalendar
    /// Whether people changed it since the last read.
    package var isCalendarChanged: Bool
  }

  /// A closed window that may have to be published.
  package struct Closed {
    package var window: Window
    /// Whether it is the newest of its kind.
    package var isLatest: Bool
    package var records: [KPIRecord]
    package var published: [FinalRow.Key: FinalRow]
  }

  private let site: SiteSettings
  /// Of the configuration, and with the changes by command as of the last read.
  private let configured: SiteCalendar
  private var calendar: SiteCalendar
  private var changes: [CalendarChange] = []
  private let kinds: [WindowKind]
  private var checkpoints: [WindowKind: WindowAggregator] = [:]
  private var settled: Set<Window> = []
  private var sequence: Int64 = .min
  private var epoch: Int64 = .min

  package init(site: SiteSettings) {
    self.site = site
    configured = SiteCalendar(site)
    calendar = configured
    kinds = WindowKind.allCases.filter { site.kpi.windows.contains($0.rawValue) }
  }

  /// The open windows at `nowMs`, and the closed ones that are not settled.
  package mutating func read(_ store: SiteStore, nowMs: Int64) throws -> Reading {
    let epoch = store.changes.epoch
    return try store.database.read { db in
      let sequence = try SiteStore.sequence(db)
      forget(
        from: epoch == self.epoch ? store.changes.earliestBucket(after: self.sequence, upTo: sequence) : .min)
      (self.epoch, self.sequence) = (epoch, sequence)
      let changes = try SiteStore.calendarChanges(db)
      let isCalendarChanged = changes != self.changes
      if isCalendarChanged {
        (self.changes, calendar) = (changes, configured.changed(by: changes))
        // A retained topic of a shift that is none any more needs what came before it.
        settled = settled.filter { $0.kind != .shift }
      }
      let reader = WindowReader(
        siteID: site.id, timeoutMs: site.ingest.stateTimeoutMs, damage: store.damage,
        isInProcess: store.isWriter)
      let offline = try SiteStore.offlineCameras(db)
      var reading = Reading(calendar: calendar, isCalendarChanged: isCalendarChanged)
      for kind in kinds {
        guard let window = calendar.window(kind, containing: nowMs) else { continue }
        let checkpoint = checkpoints[kind].flatMap {
          $0.window == window && $0.accountedMs <= nowMs ? $0 : nil
        }
        let result = try reader.read(window, nowMs: nowMs, from: checkpoint, db)
        checkpoints[kind] = result.checkpoint
        reading.open += result.aggregate.records(nowMs: nowMs, offlineCameras: offline)
          .map { $0.judged(minCoveragePercent: site.kpi.minCoveragePercent) }
      }
      reading.closed = try closed(reader, nowMs: nowMs, db)
      return reading
    }
  }

  /// Marks a closed window as published; it is read again when it changes.
  package mutating func settle(_ window: Window) { settled.insert(window) }

  /// Reads all closed windows again at the next call.
  package mutating func unsettle() { settled.removeAll() }

  /// Reads everything again at the next call.
  package mutating func forgetEverything() { forget(from: .min) }

  private mutating func forget(from earliestBucketMs: Int64?) {
    guard let earliestBucketMs else { return }
    checkpoints = checkpoints.filter { $0.value.accountedMs <= earliestBucketMs }
    settled = settled.filter { $0.endMs <= earliestBucketMs }
  }

  private mutating func closed(_ reader: WindowReader, nowMs: Int64, _ db: Database) throws -> [Closed] {
    let oldestMs = nowMs - site.kpi.latenessMs
    // Windows that closed before the site's first event are not published.
    let firstMs =
      try Int64.fetchOne(db.cachedStatement(sql: "SELECT min(bucket_ms) FROM summary_bucket")) ?? .max
    var closed: [Closed] = []
    var known: Set<Window> = []
    for kind in kinds {
      let current = calendar.windows(kind, endingAfter: oldestMs, upTo: nowMs)
      let windows = try (kind == .shift ? withdrawn(from: oldestMs, to: nowMs, db) : []) + current
      known.formUnion(windows)
      for window in windows.reversed() where !settled.contains(window) && window.endMs > firstMs {
        let records = try reader.read(window, nowMs: nowMs, from: nil, db).aggregate
          .records(nowMs: nowMs, offlineCameras: [])
          .map { $0.judged(minCoveragePercent: site.kpi.minCoveragePercent) }
        closed.append(
          Closed(
            window: window, isLatest: window == current.last, records: records,
            published: try SiteStore.finals(of: window, db)))
      }
    }
    settled.formIntersection(known)
    return closed
  }

  /// Shifts of which final records were published, and that a change of the calendar withdrew: their records
  /// are corrected, with no planned time.
  private func withdrawn(from oldestMs: Int64, to nowMs: Int64, _ db: Database) throws -> [Window] {
    let starts = try Int64.fetchAll(
      db.cachedStatement(
        sql: "SELECT DISTINCT start_ms FROM kpi_final WHERE window_kind = 'shift' AND start_ms >= ?"),
      arguments: [oldestMs - 2 * CivilTime.millisecondsPerDay])
    return starts.compactMap { startMs in
      guard calendar.shifts(beginningIn: startMs..<startMs + 1).isEmpty else { return nil }
      return calendar.withdrawnShift(startMs: startMs)
    }.filter { oldestMs < $0.endMs && $0.endMs <= nowMs }
  }
}
