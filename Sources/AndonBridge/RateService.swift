import AndonConfiguration
import AndonCore
import AndonIngest
import AndonRuntime
import AndonStore
import Foundation
import Logging
import ServiceLifecycle

/// Judges the closed hours of a site's cameras and sends the verdicts to the ingest loop for the rule `rate_low`.
///
/// An hour is judged five minutes after its end and again in the week that follows, so that late events count. It runs
/// off the ingest thread, once an hour.
struct RateService: Service {
  let site: SiteSettings
  let storeReference: StoreReference
  let requests: SiteCommandQueue
  let clock: WallClock
  let logger: Logger
  static let pause: Duration = .seconds(60)

  func run() async throws {
    let queue = DispatchQueue(label: "andon.rates.\(site.id)")
    await cancelWhenGracefulShutdown {
      var lastHour: Int64?
      while !Task.isCancelled {
        let hour = RateJudge.lastHour(nowMs: clock.nowMs)
        if let store = storeReference.store, hour != lastHour {
          let found = await withCheckedContinuation { done in
            queue.async { done.resume(returning: findings(store)) }
          }
          if let found, found.isEmpty { lastHour = hour }
          if let found, !found.isEmpty, await requests.send(.rates(found)).isOK { lastHour = hour }
        }
        do { try await Task.sleep(for: Self.pause) } catch { return }
      }
    }
  }

  /// Nil when they cannot be found, which is logged.
  private func findings(_ store: SiteStore) -> [RateFinding]? {
    do {
      return try RateJudge(site: site).findings(store, nowMs: clock.nowMs)
    } catch {
      logger.warning("rates not judged", metadata: ["site": "\(site.id)", "error": "\(error)"])
      return nil
    }
  }
}
