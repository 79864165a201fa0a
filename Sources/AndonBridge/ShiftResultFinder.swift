import AndonConfiguration
import AndonCore
import AndonIngest
import AndonRuntime
import AndonStore

/// Computes the results of closed shifts for the rule `productivity`.
///
/// A shift is computed five minutes after its end and again with the next two, so that late events count.
struct ShiftResultFinder: Sendable {
  let site: SiteSettings
  let clock: WallClock
  static let graceMs: Int64 = 300_000

  /// Of each calendar the last `count` shifts that ended at or before `ms`, oldest first; looks back eight days at
  /// most.
  static func closedShifts(_ calendars: SiteCalendars, before ms: Int64, count: Int) -> [SiteWindow] {
    calendars.windows(.shift, endingAfter: ms - 8 * 86_400_000, upTo: ms).flatMap { $0.suffix(count) }
  }

  /// The results of the last three shifts; nil when no other shift has closed since.
  func find(_ store: SiteStore, after lastEndMs: Int64?) throws -> ClosedTimeService.Found? {
    let windows = Self.closedShifts(
      try store.calendars(of: site), before: clock.nowMs - Self.graceMs, count: 3)
    guard let newestMs = windows.map(\.window.endMs).max(), newestMs != lastEndMs else { return nil }
    let query = KPIQuery(site: site, scopes: [.workstation])
    let results = try store.windowsWithEvents(windows).flatMap { window in
      try query.records(store, windows: [window], nowMs: window.window.endMs - 1).compactMap { record in
        // Of a workstation without events nothing is known: that is no result.
        record.lastEventMs == nil
          ? nil
          : ShiftResult(
            workstationID: record.id, shiftID: window.window.shiftID ?? "", startMs: window.window.startMs,
            endMs: window.window.endMs, units: record[.units] ?? 0, utilization: record[.utilization])
      }
    }
    return ClosedTimeService.Found(work: .shifts(results), endMs: newestMs)
  }
}
