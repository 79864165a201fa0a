import AndonConfiguration
import AndonCore
import AndonIngest
import AndonRuntime
import AndonStore
import Foundation
import Logging
import ServiceLifecycle

/// Computes the results of closed shifts and sends them to the ingest loop for the rule `productivity`.
///
/// A shift is computed five minutes after its end and again with the next two, so that late events count. It
/// runs off the ingest thread.
struct ShiftResultService: Service {
  let site: SiteSettings
  let storeReference: StoreReference
  let requests: SiteCommandQueue
  let clock: WallClock
  let logger: Logger
  static let graceMs: Int64 = 300_000
  static let pause: Duration = .seconds(60)

  func run() async throws {
    let queue = DispatchQueue(label: "andon.shifts.\(site.id)")
    await cancelWhenGracefulShutdown {
      var lastEndMs: Int64?
      while !Task.isCancelled {
        if let store = storeReference.store {
          let lastMs = lastEndMs
          let found = await withCheckedContinuation { done in
            queue.async { done.resume(returning: results(store, after: lastMs)) }
          }
          if let (results, newestMs) = found, await requests.send(.shifts(results)).isOK {
            lastEndMs = newestMs
          }
        }
        do { try await Task.sleep(for: Self.pause) } catch { return }
      }
    }
  }

  /// Of each calendar the last `count` shifts that ended at or before `ms`, oldest first; looks back eight days at
  /// most.
  static func closedShifts(_ calendars: SiteCalendars, before ms: Int64, count: Int) -> [SiteWindow] {
    calendars.windows(.shift, endingAfter: ms - 8 * 86_400_000, upTo: ms).flatMap { $0.suffix(count) }
  }

  /// The results of the last three shifts; nil when no other shift has closed since.
  private func results(_ store: SiteStore, after lastEndMs: Int64?) -> (results: [ShiftResult], endMs: Int64)?
  {
    do {
      let windows = Self.closedShifts(
        try store.calendars(of: site), before: clock.nowMs - Self.graceMs, count: 3)
      guard let newestMs = windows.map(\.window.endMs).max(), newestMs != lastEndMs else { return nil }
      let query = KPIQuery(site: site, scopes: [.workstation])
      let results = try windows.flatMap { window in
        try query.records(store, windows: [window], nowMs: window.window.endMs - 1).map { record in
          ShiftResult(
            workstationID: record.id, shiftID: window.window.shiftID ?? "", startMs: window.window.startMs,
            endMs: window.window.endMs, units: record[.units] ?? 0, utilization: record[.utilization])
        }
      }
      return (results, newestMs)
    } catch {
      logger.warning("shifts not added up", metadata: ["site": "\(site.id)", "error": "\(error)"])
      return nil
    }
  }
}
