package import AndonConfiguration
package import AndonCore
package import AndonRuntime
package import AndonStatus
package import AndonStore
package import Logging

/// Publishes a site's KPIs again and again, on a thread of its own, because time passes even when no event
/// comes: states run on and time out, windows open and close.
///
/// Each round reads one snapshot of the store, off the ingestLoop. A round that takes long makes the pause longer, so
/// that it never uses more than a tenth of a core.
package final class KPIPublisher: Sendable {
  private let site: SiteSettings
  private let topics: TopicNames
  private let scalarTags: Bool
  private let storeReference: StoreReference
  private let publishQueue: PublishQueue
  private let observer: (any KPIObserver)?
  private let clock: WallClock
  private let logger: Logger
  private let signal: StopSignal
  private let metrics: SiteMetrics

  package init(
    site: SiteSettings, topics: TopicNames, scalarTags: Bool, storeReference: StoreReference,
    publishQueue: PublishQueue,
    metrics: SiteMetrics, observer: (any KPIObserver)?, clock: WallClock, logger: Logger
  ) throws {
    self.metrics = metrics
    self.site = site
    self.topics = topics
    self.scalarTags = scalarTags
    self.storeReference = storeReference
    self.publishQueue = publishQueue
    self.observer = observer
    self.clock = clock
    self.logger = logger
    signal = StopSignal()
  }

  package func stop() { signal.raise() }

  /// Blocks its thread until `stop`.
  package func run() {
    let round = KPIPublishCycle(
      site: site, topics: topics, scalarTags: scalarTags, publishQueue: publishQueue, observer: observer)
    while !signal.raised {
      guard let store = storeReference.store else {
        // Until the ingestLoop has opened the store there is nothing to compute: look again soon.
        signal.pause(milliseconds: 100)
        continue
      }
      let start = ContinuousClock.now
      do {
        try round.publish(store, nowMs: clock.nowMs)
      } catch {
        logger.warning("KPIs not computed", metadata: ["site": "\(site.id)", "error": "\(error)"])
      }
      let spent = ContinuousClock.now - start
      metrics.ticked(spent)
      let spentMs = spent / .milliseconds(1)
      signal.pause(milliseconds: max(site.kpi.publishIntervalMs, Int64(spentMs * 9)))
    }
  }
}
