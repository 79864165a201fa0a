import AndonCore
import Foundation
import Logging
import ServiceLifecycle

/// Publishes a site's KPIs of the open windows, again and again, because time passes even when no event comes.
///
/// Each round is a plain recompute from a snapshot of the stored rows on a reader of its own, off the lane. A
/// round that takes long makes the pause longer, so that it never uses more than a tenth of a core.
struct KPITicker: Service {
  let site: SiteSettings
  let topics: TopicNames
  let scalarTags: Bool
  let storeHolder: StoreHolder
  let outgoing: Outgoing
  let clock: WallClock
  let logger: Logger

  func run() async throws {
    let worker = KPIRound(site: site, topics: topics, scalarTags: scalarTags, outgoing: outgoing)
    let queue = DispatchQueue(label: "andon.kpi.\(site.id)")
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        let start = ContinuousClock.now
        await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
          queue.async {
            tick(worker)
            done.resume()
          }
        }
        let spent = ContinuousClock.now - start
        // Until the lane has opened the store there is nothing to compute: look again soon.
        let isOpen = storeHolder.store != nil
        let pause: Duration =
          !isOpen ? .milliseconds(100) : max(.milliseconds(site.kpi.publishIntervalMs), spent * 9)
        do { try await Task.sleep(for: pause) } catch { return }
      }
    }
  }

  private func tick(_ worker: KPIRound) {
    guard let store = storeHolder.store else { return }
    do {
      try worker.publish(store, nowMs: clock.nowMs)
    } catch {
      logger.warning("KPIs not computed", metadata: ["site": "\(site.id)", "error": "\(error)"])
    }
  }
}
