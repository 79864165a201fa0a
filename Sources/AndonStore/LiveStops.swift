package import AndonConfiguration
package import AndonCore
import GRDB

/// The stops that are told while a bridge runs: those of the last day or of `kpi.lateness`, if that is longer.
///
/// A shift that is over is read once, and again when a late event changed it; of the running shift only the buckets that
/// changed are read again. So a read costs O(workers), not O(events of the shift).
package struct LiveStops: Sendable {
  /// The result of one read, from one snapshot.
  package struct Reading: Sendable {
    /// All stops with a part in `[fromMs, nowMs)` are in it.
    package var fromMs: Int64
    package var parts: [StopPart]
  }

  private let site: SiteSettings
  private let query: StopQuery
  private let horizonMs: Int64

  private static let dayMs = CivilTime.millisecondsPerDay
  /// Longer than a month is not looked back at every second.
  private static let longestMs = 31 * dayMs

  package init(site: SiteSettings) {
    self.site = site
    query = StopQuery(site: site)
    horizonMs = min(Self.longestMs, max(Self.dayMs, site.kpi.latenessMs))
  }

  package func read(_ store: SiteStore, nowMs: Int64) throws -> Reading {
    var fromMs = nowMs - horizonMs
    store.stations.trim(
      shiftsBefore: fromMs, summariesBefore: nowMs - 2 * Self.dayMs,
      stationsBefore: fromMs - StopShift.lookBackMs - 2 * Self.dayMs)
    while true {
      do {
        let parts =
          try fromMs < nowMs ? query.latestStops(overlapping: fromMs..<nowMs, store, nowMs: nowMs) : []
        return Reading(fromMs: fromMs, parts: parts)
      } catch let gone as FiguresGone where gone.toMs > fromMs {
        fromMs = min(nowMs, gone.toMs)
      }
    }
  }
}
