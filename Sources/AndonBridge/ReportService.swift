import AndonConfiguration
import AndonCore
import AndonIngest
import AndonRuntime
import AndonStore
import Foundation
import Logging
import ServiceLifecycle

/// Reads the reports of shifts that are over, off the ingest thread, and sends those that differ from what was told to
/// the site's ingest loop, which tells them.
///
/// A read that takes long is repeated less often: it uses at most a tenth of a core.
struct ReportService: Service {
  let site: SiteSettings
  let storeReference: StoreReference
  let requests: SiteCommandQueue
  let clock: WallClock
  let logger: Logger
  private static let pause: Duration = .seconds(2)
  private static let rest = 9

  /// Whether reports of the site are told: shifts are published, and there are some.
  static func isNeeded(_ site: SiteSettings) -> Bool {
    site.hasShifts && site.kpi.windows.contains(WindowKind.shift.rawValue)
  }

  private struct Found: Sendable {
    var live: LiveReports
    var reading: LiveReports.Reading?
    var error: String?
  }

  func run() async throws {
    let queue = DispatchQueue(label: "andon.reports.\(site.id)")
    await cancelWhenGracefulShutdown {
      var live = LiveReports(site: site)
      var trouble: String?
      while !Task.isCancelled {
        let begin = ContinuousClock.now
        if let store = storeReference.store {
          let last = live
          let found = await withCheckedContinuation { done in
            queue.async { done.resume(returning: read(store, last)) }
          }
          live = found.live
          if let reading = found.reading {
            let finding = ReportFinding(reports: reading.reports, withdrawn: reading.withdrawn)
            var isTaken = finding.isEmpty
            if !isTaken { isTaken = await requests.send(.reports(finding)).isOK }
            if isTaken { live.settle(reading) }
          }
          if let error = found.error, error != trouble {
            logger.warning("reports not read", metadata: ["site": "\(site.id)", "error": "\(error)"])
          }
          trouble = found.error
        }
        let pause = max(Self.pause, (ContinuousClock.now - begin) * Self.rest)
        do { try await Task.sleep(for: pause) } catch { return }
      }
    }
  }

  private func read(_ store: SiteStore, _ last: LiveReports) -> Found {
    var live = last
    do {
      let reading = try live.read(store, nowMs: clock.nowMs)
      return Found(live: live, reading: reading)
    } catch {
      return Found(live: LiveReports(site: site), error: "\(error)")
    }
  }
}
