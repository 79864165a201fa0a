package import AndonConfiguration
package import AndonCore
import GRDB

/// Reads KPI records from a site's store: from summaries, or by a full recompute from the events.
package struct KPIQuery: Sendable {
  private let site: SiteSettings
  private let calendar: SiteCalendar
  /// Ignore the summaries and read the events.
  private let recomputes: Bool
  private let scopes: Set<KPIScope>

  package init(
    site: SiteSettings, recomputes: Bool = false, scopes: Set<KPIScope> = Set(KPIScope.allCases)
  ) {
    self.site = site
    calendar = SiteCalendar(site)
    self.recomputes = recomputes
    self.scopes = scopes
  }

  /// The records of the configured windows that contain `nowMs`, from one snapshot.
  package func openWindows(_ store: SiteStore, nowMs: Int64) throws -> [KPIRecord] {
    try records(store, nowMs: nowMs) { calendar in
      WindowKind.allCases.filter { site.kpi.windows.contains($0.rawValue) }
        .compactMap { calendar.window($0, containing: nowMs) }
    }
  }

  /// The records of the window that contains `nowMs`; empty when no shift does.
  package func window(_ kind: WindowKind, _ store: SiteStore, nowMs: Int64) throws -> [KPIRecord] {
    try records(store, nowMs: nowMs) { [$0.window(kind, containing: nowMs)].compactMap(\.self) }
  }

  /// The records of any half-open range `[fromMs, toMs)`.
  package func range(fromMs: Int64, toMs: Int64, _ store: SiteStore, nowMs: Int64) throws -> [KPIRecord] {
    try records(store, nowMs: nowMs) { [$0.window(fromMs: fromMs, toMs: toMs, untilMs: nowMs)] }
  }

  /// The records of windows of the calendar, from one snapshot of events and calendar.
  package func records(
    _ store: SiteStore, nowMs: Int64, of windows: (SiteCalendar) throws -> [Window]
  ) throws -> [KPIRecord] {
    try store.database.read { db in
      let calendar = calendar.changed(by: try SiteStore.calendarChanges(db))
      return try records(store, windows: windows(calendar), nowMs: nowMs, db)
    }
  }

  /// The records of these windows, each in the order site, workstations, workers, from one snapshot.
  package func records(_ store: SiteStore, windows: [Window], nowMs: Int64) throws -> [KPIRecord] {
    try store.database.read { try records(store, windows: windows, nowMs: nowMs, $0) }
  }

  private func records(
    _ store: SiteStore, windows: [Window], nowMs: Int64, _ db: Database
  ) throws -> [KPIRecord] {
    let offline = try SiteStore.offlineCameras(db)
    return try windows.flatMap { window in
      recomputes
        ? try recomputed(window, nowMs: nowMs, offline, db)
        : try summed(window, nowMs: nowMs, offline, store, db)
    }.map { $0.judged(minCoveragePercent: site.kpi.minCoveragePercent) }
  }

  private func summed(
    _ window: Window, nowMs: Int64, _ offline: Set<String>, _ store: SiteStore, _ db: Database
  ) throws -> [KPIRecord] {
    let reader = WindowReader(
      siteID: site.id, timeoutMs: site.ingest.stateTimeoutMs, damage: store.damage,
      isInProcess: store.isWriter,
      scopes: scopes)
    return try reader.read(window, nowMs: nowMs, from: nil, db).aggregate
      .records(nowMs: nowMs, offlineCameras: offline)
  }

  private func recomputed(
    _ window: Window, nowMs: Int64, _ offline: Set<String>, _ db: Database
  ) throws -> [KPIRecord] {
    let histories = try SiteStore.histories(
      fromMs: window.startMs, toMs: max(window.startMs, min(nowMs, window.endMs)), db)
    let calculator = KPICalculator(siteID: site.id, stateTimeoutMs: site.ingest.stateTimeoutMs)
    return calculator.records(window: window, nowMs: nowMs, histories: histories, offlineCameras: offline)
      .filter { scopes.contains($0.scope) }
  }
}
