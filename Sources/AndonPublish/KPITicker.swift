package import AndonConfiguration
package import AndonCore
package import AndonRuntime
package import AndonStatus
package import AndonStore
package import Logging

/// Publishes a site's KPIs again and again, on a thread of its own, because time passes even when no event
/// comes: states run on and time out, windows open and close.
///
/// Each round reads one snapshot of the store, off the lane. A round that takes long makes the pause longer, so
/// that it never uses more than a tenth of a core.
package final class KPITicker: Sendable {
  private let site: SiteSettings
  private let topics: TopicNames
  private let scalarTags: Bool
  private let storeHolder: StoreHolder
  private let outgoing: Outgoing
  private let observer: (any KPIObserver)?
  private let clock: WallClock
  private let logger: Logger
  private let signal: StopSignal
  private let metrics: SiteMetrics

  package init(
    site: SiteSettings, topics: TopicNames, scalarTags: Bool, storeHolder: StoreHolder, outgoing: Outgoing,
    metrics: SiteMetrics, observer: (any KPIObserver)?, clock: WallClock, logger: Logger
  ) throws {
    self.metrics = metrics
    self.site = site
    self.topics = topics
    self.scalarTags = scalarTags
    self.storeHolder = storeHolder
    self.outgoing = outgoing
    self.observer = observer
    self.clock = clock
    self.logger = logger
    signal = StopSignal()
  }

  package func stop() { signal.raise() }

  /// Blocks its thread until `stop`.
  package func run() {
    let round = KPIRound(
      site: site, topics: topics, scalarTags: scalarTags, outgoing: outgoing, observer: observer)
    while !signal.raised {
      guard let store = storeHolder.store else {
        // Until the lane has opened the store there is nothing to compute: look again soon.
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
