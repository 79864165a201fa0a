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
    /// Those of open windows that must not be shown.
    package var withheld: [KPIRecord] = []
    package var closed: [Closed] = []
    /// As of the snapshot.
    package var calendars: SiteCalendars
    /// Whether people changed it since the last read.
    package var isCalendarChanged: Bool
    package var areTargetsChanged: Bool
  }

  /// A closed window that may have to be published.
  package struct Closed {
    package var window: SiteWindow
    /// Whether it is the newest of its kind and calendar.
    package var isLatest: Bool
    package var records: [KPIRecord]
    package var published: [FinalRow.Key: FinalRow]
  }

  private let site: SiteSettings
  /// Of the configuration, and with the changes by command as of the last read.
  private let configured: SiteCalendars
  private var calendars: SiteCalendars
  private var changes = PlanChanges()
  private let kinds: [WindowKind]
  private let siteNames: SiteNames
  private let stopQuery: StopQuery
  private var checkpoints: [SiteWindow: WindowAggregator] = [:]
  /// With a hash of their stops.
  private var settled: [SiteWindow: Int] = [:]
  /// The hashes of the closed windows of the last read.
  private var stopHashes: [SiteWindow: Int] = [:]
  private var lastReason: Int64 = 0
  /// The present of the last read.
  private var lastMs: Int64 = .min
  private var sequence: Int64 = .min
  private var epoch: Int64 = .min

  package init(site: SiteSettings) {
    self.site = site
    siteNames = site.names
    stopQuery = StopQuery(site: site)
    configured = SiteCalendars(site)
    calendars = configured
    kinds = WindowKind.allCases.filter { site.kpi.windows.contains($0.rawValue) }
  }

  /// The open windows at `nowMs`, and the closed ones that are not settled.
  package mutating func read(_ store: SiteStore, nowMs: Int64) throws -> Reading {
    let epoch = store.changes.epoch
    return try store.database.read { db in
      let sequence = try SiteStore.sequence(db)
      let changedMs =
        epoch == self.epoch ? store.changes.earliestBucket(after: self.sequence, upTo: sequence) : .min
      forget(from: changedMs)
      (self.epoch, self.sequence) = (epoch, sequence)
      let changes = try SiteStore.planChanges(db)
      let isCalendarChanged = changes.calendar != self.changes.calendar
      let areTargetsChanged = changes.targets != self.changes.targets
      // A window knows its targets: those that a new target changes are other windows, which are not settled.
      if changes != self.changes { calendars = configured.changed(by: changes) }
      self.changes = changes
      if isCalendarChanged {
        // A retained topic of a shift that is none any more needs what came before it.
        settled = settled.filter { $0.key.window.kind != .shift }
        // A shift that ends at another time has other stops in windows whose own plan did not change.
        lastMs = .min
      }
      return try StopReading.with(site, calendars, store, epoch: epoch, db) { stops in
        var reader = WindowReader(
          siteID: site.id, timeoutMs: site.ingest.stateTimeoutMs, damage: store.damage,
          isInProcess: store.isWriter, scopes: site.privacy.scopes)
        reader.countsWorkers = site.privacy.minGroup > 1
        var reading = Reading(
          calendars: calendars, isCalendarChanged: isCalendarChanged, areTargetsChanged: areTargetsChanged)
        let names = NameTexts(db)
        try addOpen(to: &reading, reader, &stops, nowMs: nowMs, names)
        try unsettleOtherStops(changedMs, &stops, nowMs: nowMs)
        reading.closed = try closed(reader, &stops, nowMs: nowMs, names)
        return reading
      }
    }
  }

  private mutating func addOpen(
    to reading: inout Reading, _ reader: WindowReader, _ stops: inout StopReading, nowMs: Int64,
    _ names: NameTexts
  ) throws {
    let offline = try SiteStore.offlineCameras(stops.db)
    var continued: [SiteWindow: WindowAggregator] = [:]
    for window in kinds.flatMap({ calendars.windows($0, containing: nowMs) }) {
      let checkpoint = checkpoints[window].flatMap { $0.accountedMs <= nowMs ? $0 : nil }
      let result = try reader.read(window, nowMs: nowMs, from: checkpoint, stops.db)
      continued[window] = result.checkpoint
      let totals = try totals(window, &stops, nowMs: nowMs)
      let records = try result.aggregate.records(
        nowMs: nowMs, offlineCameras: offline, recentUnits: result.recentUnits, stops: totals,
        names: names.text)
      for record in site.smallGroups.withhold(records) {
        if record.isWithheld {
          reading.withheld.append(record)
        } else {
          reading.open.append(complete(record))
        }
      }
    }
    checkpoints = continued
  }

  /// Nil when only figures of workers are published, without shifts, and when the events of a shift are gone.
  private func totals(
    _ window: SiteWindow, _ stops: inout StopReading, nowMs: Int64
  ) throws -> [String: StopTotals]? {
    guard site.privacy.scopes != [.worker] else { return nil }
    do {
      return try stopQuery.totals(in: window.window, &stops, nowMs: nowMs)
    } catch is FiguresGone {
      return nil
    }
  }

  /// Unsettles the windows whose stops are others now, though no event in them changed: a pause at their end has become
  /// long enough for a stop, a workstation is seen for the first time in the shift, or a stop has another reason.
  private mutating func unsettleOtherStops(
    _ changedMs: Int64?, _ stops: inout StopReading, nowMs: Int64
  ) throws {
    let reasons = try SiteStore.newReasons(after: lastReason, stops.db)
    let fromMs = min(
      changedMs ?? .max, lastMs, nowMs, reasons.startMs.map { $0 - SiteStore.longestStopMs } ?? .max)
    let startMs = calendars.shiftStartMs(
      endingAfter: max(fromMs, nowMs - site.kpi.latenessMs - SiteStore.longestStopMs), beginningBefore: nowMs)
    if let startMs {
      for (window, hash) in settled where window.window.endMs > startMs {
        if try totals(window, &stops, nowMs: nowMs).hashValue != hash { settled[window] = nil }
      }
    }
    // Not before: what was not compared because the file could not be read is compared the next time.
    (lastReason, lastMs) = (reasons.newest, nowMs)
  }

  /// With what the configuration says about the figures.
  private func complete(_ record: KPIRecord) -> KPIRecord {
    record.judged(minCoveragePercent: site.kpi.minCoveragePercent).named(by: siteNames)
  }

  /// Marks a closed window as published; it is read again when it changes.
  package mutating func settle(_ window: SiteWindow) {
    settled[window] = stopHashes[window]
  }

  /// Reads all closed windows again at the next call.
  package mutating func unsettle() { settled.removeAll() }

  /// Reads everything again at the next call.
  package mutating func forgetEverything() { forget(from: .min) }

  private mutating func forget(from earliestBucketMs: Int64?) {
    guard let earliestBucketMs else { return }
    checkpoints = checkpoints.filter { $0.value.accountedMs <= earliestBucketMs }
    settled = settled.filter { $0.key.window.endMs <= earliestBucketMs }
  }

  private mutating func closed(
    _ reader: WindowReader, _ stops: inout StopReading, nowMs: Int64, _ names: NameTexts
  ) throws -> [Closed] {
    let db = stops.db
    let oldestMs = nowMs - site.kpi.latenessMs
    // Windows that closed before the site's first event are not published.
    let firstMs =
      try Int64.fetchOne(db.cachedStatement(sql: "SELECT min(bucket_ms) FROM summary_bucket")) ?? .max
    var closed: [Closed] = []
    var known: Set<SiteWindow> = []
    stopHashes = [:]
    let withdrawn = try kinds.contains(.shift) ? withdrawn(from: oldestMs, to: nowMs, db) : [:]
    for kind in kinds {
      for (place, current) in calendars.windows(kind, endingAfter: oldestMs, upTo: nowMs).enumerated() {
        let windows = (kind == .shift ? withdrawn[place] ?? [] : []) + current
        known.formUnion(windows)
        for window in windows.reversed() where settled[window] == nil && window.window.endMs > firstMs {
          // Nothing changes the figures of a window whose events are deleted.
          if stops.finals.covers(window.window) { continue }
          let records = try records(closed: window, reader, &stops, nowMs: nowMs, names)
          closed.append(
            Closed(
              window: window, isLatest: window == current.last, records: records,
              published: try SiteStore.finals(of: window.window, db)))
        }
      }
    }
    settled = settled.filter { known.contains($0.key) }
    return closed
  }

  private mutating func records(
    closed window: SiteWindow, _ reader: WindowReader, _ stops: inout StopReading, nowMs: Int64,
    _ names: NameTexts
  ) throws -> [KPIRecord] {
    let totals = try totals(window, &stops, nowMs: nowMs)
    stopHashes[window] = totals.hashValue
    let records = try reader.read(window, nowMs: nowMs, from: nil, stops.db).aggregate
      .records(nowMs: nowMs, offlineCameras: [], stops: totals, names: names.text)
    return site.smallGroups.withhold(records).filter { !$0.isWithheld }.map(complete)
  }

  /// By the place of their calendar, shifts of which final records were published, and that a change withdrew: those
  /// records, and no others, are corrected, with no planned time.
  private func withdrawn(from oldestMs: Int64, to nowMs: Int64, _ db: Database) throws -> [Int: [SiteWindow]]
  {
    let rows = try Row.fetchAll(
      db.cachedStatement(
        sql: """
          SELECT DISTINCT start_ms, CASE scope WHEN 'line' THEN id END FROM kpi_final
          WHERE window_kind = 'shift' AND start_ms >= ? AND scope IN ('site', 'worker', 'line')
          """), arguments: [oldestMs - 2 * CivilTime.millisecondsPerDay])
    var published: [Int64: (isOfSite: Bool, lines: Set<String>)] = [:]
    for row in rows {
      // The site's calendar is that of its workers, too.
      let line: String? = row[1]
      if let line { published[row[0], default: (false, [])].lines.insert(line) }
      if line == nil { published[row[0], default: (false, [])].isOfSite = true }
    }
    var withdrawn: [Int: [SiteWindow]] = [:]
    for (startMs, about) in published.sorted(by: { $0.key < $1.key }) {
      for place in calendars.all.indices {
        let window = calendars.withdrawnShift(
          startMs: startMs, ofCalendar: place, isOfSite: about.isOfSite, lines: about.lines)
        guard let window, oldestMs < window.window.endMs, window.window.endMs <= nowMs else { continue }
        withdrawn[place, default: []].append(window)
      }
    }
    return withdrawn
  }
}
