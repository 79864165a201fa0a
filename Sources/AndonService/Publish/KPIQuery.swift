package import AndonCore

/// Asks a site's store for KPIs by recomputing them from the raw rows.
package struct KPIQuery: Sendable {
  private let site: SiteSettings
  private let calendar: SiteCalendar

  package init(site: SiteSettings) {
    self.init(site: site, calendar: SiteCalendar(site))
  }

  init(site: SiteSettings, calendar: SiteCalendar) {
    self.site = site
    self.calendar = calendar
  }

  /// The configured windows that contain `nowMs`, from one snapshot. O(events of the longest window).
  package func openWindows(_ store: SiteStore, nowMs: Int64) throws -> [KPIRecord] {
    let windows = WindowKind.allCases.filter { site.kpi.windows.contains($0.rawValue) }
      .compactMap { calendar.window($0, containing: nowMs) }
    return try records(store, windows: windows, nowMs: nowMs)
  }

  /// One window that contains `nowMs`; empty when no shift does.
  package func window(_ kind: WindowKind, _ store: SiteStore, nowMs: Int64) throws -> [KPIRecord] {
    try records(store, windows: [calendar.window(kind, containing: nowMs)].compactMap(\.self), nowMs: nowMs)
  }

  /// Any half-open range `[fromMs, toMs)`.
  package func range(fromMs: Int64, toMs: Int64, _ store: SiteStore, nowMs: Int64) throws -> [KPIRecord] {
    try records(store, windows: [Window(fromMs: fromMs, toMs: toMs)], nowMs: nowMs)
  }

  private func records(_ store: SiteStore, windows: [Window], nowMs: Int64) throws -> [KPIRecord] {
    guard let fromMs = windows.map(\.startMs).min(), let endMs = windows.map(\.endMs).max() else { return [] }
    let histories = try store.histories(fromMs: fromMs, toMs: min(nowMs, endMs))
    let offline = Set(try store.cameras().filter { $0.status == "offline" }.map(\.cameraID))
    let calculator = KPICalculator(siteID: site.id, stateTimeoutMs: site.ingest.stateTimeoutMs)
    return windows.flatMap {
      calculator.records(window: $0, nowMs: nowMs, histories: histories, offlineCameras: offline)
    }
  }
}
