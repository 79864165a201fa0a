import AndonCentral
import AndonConfiguration
import AndonCore
import AndonHTTP
import AndonIngest
import AndonNotify
import AndonPublish
import AndonRuntime
import AndonSparkplug
import AndonStore
import Logging
import ServiceLifecycle
import Synchronization

/// All services of one site, started and stopped as one: the ingest loop, the KPI publisher, maintenance,
/// shift results and, if enabled, the Sparkplug node.
final class SiteServices: Sendable {
  let settings: SiteSettings
  let requests: SiteCommandQueue
  let httpQueue: HTTPIngestQueue
  let accessLog: AccessLog
  private let ingestLoop: SiteIngestLoop
  private let group: ServiceGroup
  private let store: StoreReference
  private let shipped: ShippedStores?
  /// Ends with the site.
  private let forgetQueue: @Sendable () -> Void
  private let lifecycle = Mutex(Lifecycle())

  private struct Lifecycle {
    var isStopping = false
    var hasEnded = false
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  /// Composes the services. Nothing runs or is opened before `run`.
  init(_ site: SiteSettings, _ shared: SiteParts) throws {
    var parts = shared
    let publisher = try shared.fleet?.publisher(of: site.id, shared)
    if let publisher { parts.publishQueue = publisher.publishQueue }
    let holder = StoreReference()
    let recomputes = RecomputeQueue()
    let requests = try SiteCommandQueue()
    let sparkplug =
      try parts.settings.sparkplug.isEnabled
      ? SparkplugLink(
        site: site, settings: parts.settings, password: parts.password, status: parts.board,
        clock: parts.clock, refusals: parts.publishQueue.refusals, budget: parts.budget, logger: parts.logger,
        acknowledge: Self.acknowledge(requests, parts.logger)) : nil
    var loopParts = Self.loopParts(site, parts, holder, requests)
    loopParts.recompute = { fromMs, toMs in recomputes.add(fromMs: fromMs, toMs: toMs) }
    loopParts.observers.alarms = sparkplug?.feed
    let notifier =
      try site.notify.isEmpty
      ? nil
      : SiteNotifier(
        site: site, store: holder, board: parts.board, clock: parts.clock, budget: parts.budget,
        logger: parts.logger)
    if let notifier { loopParts.notify = { notifier.wake() } }
    let ingestLoop = SiteIngestLoop(
      site: site, settings: parts.settings, password: parts.password, loopParts)
    let ticker = try KPIPublisher(
      site: site, topics: parts.topics, scalarTags: parts.settings.topics.scalarTags, storeReference: holder,
      publishQueue: parts.publishQueue, metrics: parts.metrics.site(site.id), gauges: parts.metrics.gauges,
      observer: sparkplug?.feed, optional: OptionalTopics(parts.settings), clock: parts.clock,
      logger: parts.logger)
    let keeper = try MaintenanceService(
      site: site, store: holder, recomputes: recomputes, bridgeID: parts.settings.clientName,
      topics: parts.topics,
      publishQueue: parts.publishQueue, status: parts.board, clock: parts.clock, logger: parts.logger)
    // Stopped in reverse order: the ingest loop last, and after it what publishes for it.
    var services: [any Service] = []
    if let publisher {
      services.append(
        ThreadService(
          name: "andon-pub-\(site.id)", body: { publisher.run() }, stop: { publisher.stop() }))
    }
    services += [
      ThreadService(name: "andon-\(site.id)", body: { ingestLoop.run() }, stop: { ingestLoop.stop() }),
      ThreadService(name: "andon-kpi-\(site.id)", body: { ticker.run() }, stop: { ticker.stop() }),
      ThreadService(name: "andon-keep-\(site.id)", body: { keeper.run() }, stop: { keeper.stop() }),
    ]
    services += Self.closedTimes(site, holder, requests, parts)
    services += Self.shiftServices(site, holder, requests, parts)
    if let sparkplug {
      services.append(
        ThreadService(name: "andon-spb-\(site.id)", body: { sparkplug.run() }, stop: { sparkplug.stop() }))
    }
    if let notifier {
      services.append(
        ThreadService(name: "andon-ntf-\(site.id)", body: { notifier.run() }, stop: { notifier.stop() }))
    }
    settings = site
    (store, shipped) = (holder, parts.shipped)
    forgetQueue = { [fleet = parts.fleet] in if let publisher { fleet?.queues.remove(publisher.publishQueue) }
    }
    self.requests = requests
    httpQueue = ingestLoop.httpQueue
    accessLog = AccessLog(siteID: site.id, store: holder)
    self.ingestLoop = ingestLoop
    group = .ending(services, logger: parts.logger)
  }

  private static func loopParts(
    _ site: SiteSettings, _ parts: SiteParts, _ store: StoreReference, _ requests: SiteCommandQueue
  ) -> IngestLoopParts {
    var loopParts = IngestLoopParts(
      publishQueue: parts.publishQueue, status: parts.board, storeReference: store, requests: requests,
      clock: parts.clock, logger: parts.logger)
    loopParts.observers = IngestObservers(
      metrics: parts.metrics.site(site.id), hub: parts.hub, alarms: nil, threshold: parts.threshold)
    loopParts.budget = parts.budget
    loopParts.log = log(of: site, parts.settings.central)
    if let fleet = parts.fleet {
      loopParts.mayConnect = fleet.connectCheck(of: site.id)
      loopParts.gate = fleet.gate(of: site.id)
    }
    return loopParts
  }

  /// What goes into the file's log for the central history.
  private static func log(
    of site: SiteSettings, _ central: CentralSettings
  ) -> (selection: ShipSelection, limitBytes: Int64)? {
    guard central.mode != .off else { return nil }
    return (ShipSelection(of: site, central), central.backlogBytes)
  }

  /// What tells stops and reports.
  private static func shiftServices(
    _ site: SiteSettings, _ store: StoreReference, _ requests: SiteCommandQueue, _ parts: SiteParts
  ) -> [any Service] {
    var services: [any Service] = []
    if site.hasShifts {
      services.append(
        StopService(
          site: site, storeReference: store, requests: requests, clock: parts.clock, logger: parts.logger))
    }
    if ReportService.isNeeded(site) {
      services.append(
        ReportService(
          site: site, storeReference: store, requests: requests, clock: parts.clock, logger: parts.logger))
    }
    return services
  }

  /// What is computed when an hour or a shift is over.
  private static func closedTimes(
    _ site: SiteSettings, _ store: StoreReference, _ requests: SiteCommandQueue, _ parts: SiteParts
  ) -> [ClosedTimeService] {
    func service(
      _ name: String, _ find: @escaping @Sendable (SiteStore, Int64?) throws -> ClosedTimeService.Found?
    ) -> ClosedTimeService {
      ClosedTimeService(
        name: name, siteID: site.id, storeReference: store, requests: requests, logger: parts.logger,
        find: find)
    }
    let rates = service("rates", RateFinder(site: site, clock: parts.clock).find)
    guard site.hasShifts else { return [rates] }
    return [rates, service("shift-results", ShiftResultFinder(site: site, clock: parts.clock).find)]
  }

  /// Runs until `stop`, or until the enclosing service group shuts down.
  func run() async throws {
    shipped?.add(settings, store)
    defer {
      shipped?.remove(settings)
      forgetQueue()
      let waiting = lifecycle.withLock { lifecycle in
        lifecycle.hasEnded = true
        defer { lifecycle.waiting.removeAll() }
        return lifecycle.waiting
      }
      for waiting in waiting { waiting.resume() }
    }
    try await group.run()
  }

  /// Whether `stop` was called.
  var isStopping: Bool { lifecycle.withLock { $0.isStopping } }

  /// In a fleet: no commit of the site succeeds any more.
  func refuse(_ reason: NotShipped) { store.store?.gate?.end(reason) }

  /// Stops the site: what was read is committed and acknowledged, the broker keeps the session, the file is
  /// closed and its lock released. Returns when all that is done.
  func stop() async {
    lifecycle.withLock { $0.isStopping = true }
    ingestLoop.closeAtEnd()
    await group.triggerGracefulShutdown()
    await withCheckedContinuation { continuation in
      let hasEnded = lifecycle.withLock { lifecycle in
        if !lifecycle.hasEnded { lifecycle.waiting.append(continuation) }
        return lifecycle.hasEnded
      }
      if hasEnded { continuation.resume() }
    }
  }

  /// A SCADA operator's acknowledgement takes the same way as all others: the site's command queue.
  private static func acknowledge(_ requests: SiteCommandQueue, _ logger: Logger) -> SparkplugLink.Acknowledge
  {
    { siteID, cameraID, by in
      let alarm = "\(siteID)/drift/\(cameraID)"
      Task {
        let result = await requests.perform(AlarmCommand(alertID: alarm, action: .acknowledge, by: by))
        logger.info(
          "acknowledgement from Sparkplug", metadata: ["alert": "\(alarm)", "result": "\(result.code)"])
      }
    }
  }
}
