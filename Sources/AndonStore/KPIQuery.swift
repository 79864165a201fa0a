package import AndonConfiguration
package import AndonCore
import GRDB

/// Reads KPI records from a site's store: from summaries, or by a full recompute from the events.
package struct KPIQuery: Sendable {
  private let site: SiteSettings
  private let calendars: SiteCalendars
  /// Ignore the summaries and read the events.
  private let recomputes: Bool
  private let scopes: Set<KPIScope>
  private let id: String?

  /// - Parameter id: Only the records of this id; nil: of all.
  package init(
    site: SiteSettings, recomputes: Bool = false, scopes: Set<KPIScope> = Set(KPIScope.allCases),
    id: String? = nil
  ) {
    self.site = site
    calendars = SiteCalendars(site)
    self.recomputes = recomputes
    self.scopes = scopes.intersection(site.privacy.scopes)
    self.id = id
  }

  /// The records of the configured windows that contain `nowMs`, from one snapshot.
  package func openWindows(_ store: SiteStore, nowMs: Int64) throws -> [KPIRecord] {
    try records(store, nowMs: nowMs) { calendars in
      WindowKind.allCases.filter { site.kpi.windows.contains($0.rawValue) }
        .flatMap { calendars.windows($0, containing: nowMs) }
    }
  }

  /// The records of the windows that contain `nowMs`; empty when no shift does.
  package func window(_ kind: WindowKind, _ store: SiteStore, nowMs: Int64) throws -> [KPIRecord] {
    try records(store, nowMs: nowMs) { $0.windows(kind, containing: nowMs) }
  }

  /// The records of any half-open range `[fromMs, toMs)`.
  package func range(fromMs: Int64, toMs: Int64, _ store: SiteStore, nowMs: Int64) throws -> [KPIRecord] {
    try records(store, nowMs: nowMs) { [$0.window(fromMs: fromMs, toMs: toMs, untilMs: nowMs)] }
  }

  /// The records of windows of the calendars, from one snapshot of events and calendars.
  package func records(
    _ store: SiteStore, nowMs: Int64, of windows: (SiteCalendars) throws -> [SiteWindow]
  ) throws -> [KPIRecord] {
    let epoch = store.changes.epoch
    return try store.database.read { db in
      let calendars = try calendars(db)
      return try records(store, windows: windows(calendars), nowMs: nowMs, epoch: epoch, db)
    }
  }

  /// The records of all windows of a kind that overlap a range, by time. Those whose events are deleted are the windows
  /// that there were then, not those of the calendars as they are now.
  ///
  /// - Parameter windows: those of the calendars as they are.
  package func series(
    _ kind: WindowKind, overlapping range: Range<Int64>, _ store: SiteStore, nowMs: Int64,
    of windows: (SiteCalendars) throws -> [SiteWindow]
  ) throws -> [KPIRecord] {
    let epoch = store.changes.epoch
    return try store.database.read { db in
      let finals = try FinalFigures(db, site: site.id, path: store.path)
      let calendars = try calendars(db)
      let past = try finals.windows(kind, overlapping: range).map { SiteWindow($0, layout: site.layout) }
      let computed = try windows(calendars).filter { !finals.covers($0.window) }
      let all = (past + computed).sorted {
        ($0.window.startMs, $0.window.endMs) < ($1.window.startMs, $1.window.endMs)
      }
      return try records(store, windows: all, nowMs: nowMs, epoch: epoch, db)
    }
  }

  /// The records of these windows, each in the order site, areas, lines, workstations, workers, from one snapshot.
  package func records(_ store: SiteStore, windows: [SiteWindow], nowMs: Int64) throws -> [KPIRecord] {
    let epoch = store.changes.epoch
    return try store.database.read {
      try records(store, windows: windows, nowMs: nowMs, epoch: epoch, $0)
    }
  }

  /// The records of windows of the whole site; its lines plan as the windows do.
  package func records(_ store: SiteStore, windows: [Window], nowMs: Int64) throws -> [KPIRecord] {
    try records(
      store, windows: windows.map { SiteWindow($0, layout: site.layout, targets: calendars.targets) },
      nowMs: nowMs)
  }

  /// With the changes by command.
  func calendars(_ db: Database) throws -> SiteCalendars {
    calendars.changed(by: try SiteStore.planChanges(db))
  }

  /// - Parameter epoch: of `store.changes`, read before the snapshot was taken.
  func records(
    _ store: SiteStore, windows: [SiteWindow], nowMs: Int64, epoch: Int64, _ db: Database
  ) throws -> [KPIRecord] {
    let asked = windows.filter { window in scopes.contains { window.has($0, id: id) } }
    guard !asked.isEmpty else { return [] }
    let names = site.names
    return try StopReading.with(
      site, calendars(db), store, epoch: epoch, ignoresSummaries: recomputes, db
    ) { reading in
      let offline = try SiteStore.offlineCameras(db)
      return try asked.flatMap { window in
        site.smallGroups.withhold(try records(of: window, nowMs: nowMs, offline, &reading, store))
      }
    }
    .filter { scopes.contains($0.scope) && (id == nil || $0.id == id) }
    .map { $0.judged(minCoveragePercent: site.kpi.minCoveragePercent).named(by: names) }
  }

  /// What is computed. Whether a record is withheld depends on those beside it.
  private var computedScopes: Set<KPIScope> {
    countsWorkers && scopes != [.worker] ? scopes.union(KPIScope.allCases.filter { $0 != .worker }) : scopes
  }

  private var countsWorkers: Bool { site.privacy.minGroup > 1 }

  private func records(
    of window: SiteWindow, nowMs: Int64, _ offline: Set<String>, _ reading: inout StopReading,
    _ store: SiteStore
  ) throws -> [KPIRecord] {
    if reading.finals.covers(window.window) {
      guard !recomputes else { throw reading.finals.gone(.recompute, window.window) }
      return try reading.finals.records(of: window.window, scopes: computedScopes, nowMs: nowMs)
    }
    var stops: [String: StopTotals]?
    if computedScopes != [.worker] {
      do {
        stops = try StopQuery(site: site).totals(in: window.window, &reading, nowMs: nowMs)
      } catch is FiguresGone {
        // Its other figures are those of the events that are left.
      }
    }
    return recomputes
      ? try recomputed(window, nowMs: nowMs, offline, stops, reading.db)
      : try summed(window, nowMs: nowMs, offline, stops, store, reading.db)
  }

  private func summed(
    _ window: SiteWindow, nowMs: Int64, _ offline: Set<String>, _ stops: [String: StopTotals]?,
    _ store: SiteStore, _ db: Database
  ) throws -> [KPIRecord] {
    var reader = WindowReader(
      siteID: site.id, timeoutMs: site.ingest.stateTimeoutMs, damage: store.damage,
      isInProcess: store.isWriter, scopes: computedScopes)
    reader.countsWorkers = countsWorkers
    let result = try reader.read(window, nowMs: nowMs, from: nil, db)
    return try result.aggregate.records(
      nowMs: nowMs, offlineCameras: offline, recentUnits: result.recentUnits, stops: stops,
      names: NameTexts(db).text)
  }

  private func recomputed(
    _ siteWindow: SiteWindow, nowMs: Int64, _ offline: Set<String>, _ stops: [String: StopTotals]?,
    _ db: Database
  ) throws -> [KPIRecord] {
    let window = siteWindow.window
    let histories = try SiteStore.histories(
      fromMs: window.startMs, toMs: max(window.startMs, min(nowMs, window.endMs)), db)
    let calculator = KPICalculator(
      siteID: site.id, stateTimeoutMs: site.ingest.stateTimeoutMs, countsWorkers: countsWorkers)
    return calculator.records(
      window: siteWindow, nowMs: nowMs, histories: histories, offlineCameras: offline, stops: stops
    ).filter { computedScopes.contains($0.scope) }
  }
}
