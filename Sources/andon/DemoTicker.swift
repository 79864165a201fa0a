import AndonConfiguration
import AndonCore
import AndonRuntime
import AndonStore

/// A line in the terminal that says what the demo does, every two seconds. Nothing where the output is no terminal.
struct DemoTicker {
  private let site: SiteSettings
  private let store: SiteStore

  /// Nil where the output is no terminal.
  init?(_ settings: Settings) {
    guard Output.isErrorTerminal, let site = settings.sites.first,
      let store = try? SiteStore.openForReading(
        path: settings.databasePath(site: site.id), siteID: site.id)
    else { return nil }
    (self.site, self.store) = (site, store)
  }

  /// Writes until its task is cancelled.
  func run() async {
    while !Task.isCancelled {
      if let line = try? line(nowMs: WallClock.system.nowMs) { Output.writeOver(line) }
      try? await Task.sleep(for: .seconds(2))
    }
    Output.writeOver("")
  }

  func line(nowMs: Int64) throws -> String {
    let records = try KPIQuery(site: site, scopes: [.site, .line]).window(.shift, store, nowMs: nowMs)
    let units = records.first { $0.scope == .site }?[.units] ?? 0
    let lines = site.layout.lines.compactMap { line -> String? in
      guard let gap = records.first(where: { $0.scope == .line && $0.id == line.id })?[.gapUnits] else {
        return nil
      }
      return "\(line.name ?? line.id) \(abs(gap)) \(gap < 0 ? "behind" : "ahead")"
    }
    let alerts = try store.alarms().count { $0.state.isActive }
    let time = SiteCalendar(site).localText(nowMs).suffix(8)
    let events = try store.counters().stored
    return (["\(time)  \(events) events", "\(units) units this shift"] + lines + ["\(alerts) alerts"])
      .joined(separator: " · ")
  }
}
