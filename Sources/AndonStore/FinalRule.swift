package import AndonConfiguration
import AndonCore

/// Which final records are kept when events are deleted.
package struct FinalRule: Sendable {
  package var site: SiteSettings
  /// The present as retention sees it.
  package var presentMs: Int64
  /// No event before this time is accepted any more: closed windows that end before it do not change.
  package var settledMs: Int64
  /// Windows of workers that begin before it are older than `worker_figures`.
  package var workersFromMs: Int64
  /// The same of all others, and `figures`.
  package var figuresFromMs: Int64

  package init(_ site: SiteSettings, presentMs: Int64) {
    (self.site, self.presentMs) = (site, presentMs)
    settledMs = presentMs - site.ingest.maxAgeMs
    workersFromMs = presentMs - site.retention.workerFiguresMs
    figuresFromMs = presentMs - site.retention.figuresMs
  }

  /// What is kept of a window.
  func scopes(of window: Window) -> Set<KPIScope> {
    var scopes: Set<KPIScope> = window.startMs >= figuresFromMs ? [.site, .area, .line, .workstation] : []
    if window.startMs >= workersFromMs { scopes.insert(.worker) }
    return scopes.intersection(site.privacy.scopes)
  }
}
