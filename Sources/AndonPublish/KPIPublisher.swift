package import AndonConfiguration
package import AndonCore
package import AndonRuntime
package import AndonStatus
package import AndonStore
package import Logging

/// Publishes a site's KPIs periodically on a thread of its own: figures change with time even when no event
/// arrives, because states continue and time out, and windows open and close.
///
/// Each cycle reads one snapshot of the store, off the ingest thread. A slow cycle lengthens the pause after
/// it, so that publishing uses at most a tenth of a core.
package final class KPIPublisher: Sendable {
  private let site: SiteSettings
  private let topics: TopicNames
  private let scalarTags: Bool
  private let storeReference: StoreReference
  private let publishQueue: PublishQueue
  private let observer: (any KPIObserver)?
  private let gauges: KPIGauges
  private let optional: OptionalTopics
  private let clock: WallClock
  private let logger: Logger
  private let signal: StopSignal
  private let metrics: SiteMetrics

  package init(
    site: SiteSettings, topics: TopicNames, scalarTags: Bool, storeReference: StoreReference,
    publishQueue: PublishQueue,
    metrics: SiteMetrics, gauges: KPIGauges, observer: (any KPIObserver)?, optional: OptionalTopics,
    clock: WallClock, logger: Logger
  ) throws {
    self.gauges = gauges
    self.optional = optional
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
      site: site, topics: topics, scalarTags: scalarTags, publishQueue: publishQueue, observer: observer,
      gauges: gauges, optional: optional)
    while !signal.raised {
      guard let store = storeReference.store else {
        // The ingest loop has not opened the store yet: check again soon.
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
