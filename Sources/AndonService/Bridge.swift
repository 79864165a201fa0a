import AndonCore
package import Logging
import ServiceLifecycle
package import UnixSignals

/// One Andon process: the list of services in start order is the architecture.
package struct Bridge {
  private let group: ServiceGroup
  private let settings: Settings
  private let budget: DescriptorBudget
  package let board: StatusBoard
  /// Where other services ask a site's lane for something, by site.
  package let requests: [String: SiteMailbox]

  /// Composes the services. Nothing runs and nothing is opened before `run`.
  ///
  /// - Throws: an unreadable password or token file; never anything of the broker's or the disk's.
  package init(
    settings: Settings, environment: [String: String], clock: WallClock = .system,
    signals: [UnixSignal] = [.sigterm, .sigint], logger: Logger
  ) throws {
    let password = try settings.broker.readPassword(environment: environment)
    let token = try settings.http.readToken()
    if let certFile = settings.http.certFile, let keyFile = settings.http.keyFile {
      // A mistake in these is to be seen now, not when all else runs.
      _ = try StatusServer.tls(certFile, keyFile)
    }
    let topics = TopicNames(root: settings.topics.root)
    let board = StatusBoard(
      bridgeID: settings.bridge.id, siteIDs: settings.sites.map(\.id), startedAtMs: clock.nowMs)
    let publisher = try Publisher(
      settings: settings.broker, password: password, bridgeID: settings.bridge.id, topics: topics,
      logger: logger)

    let budget = DescriptorBudget()
    let metrics = BridgeMetrics(outgoing: publisher.outgoing, startedAtMs: clock.nowMs)
    let hub = StreamHub(
      startedAtMs: clock.nowMs, root: settings.topics.root, clientLimit: settings.http.maxStreams)
    publisher.outgoing.listen { hub.offer($0) }
    var mailboxes: [String: IngestMailbox] = [:]

    // Stopped in the opposite order: first no new requests and ticks, then the lanes, last the publisher.
    var services: [any Service] = [
      ThreadService(name: "andon-pub", body: { publisher.run() }, stop: { publisher.stop() })
    ]
    var kept: [Housekeeper.Site] = []
    var requestBoxes: [String: SiteMailbox] = [:]
    for site in settings.sites {
      let holder = StoreHolder()
      let refolds = RefoldRequests()
      kept.append(Housekeeper.Site(settings: site, store: holder, refolds: refolds))
      let requests = try SiteMailbox()
      requestBoxes[site.id] = requests
      let sparkplug =
        try settings.sparkplug.isEnabled
        ? SparkplugLink(
          site: site, settings: settings, password: password, status: board, clock: clock, budget: budget,
          logger: logger, acknowledge: Self.acknowledge(requests, logger)) : nil
      let lane = try SiteLane(
        site: site, settings: settings, password: password, outgoing: publisher.outgoing, status: board,
        storeHolder: holder, requests: requests,
        recompute: { fromMs, toMs in refolds.add(fromMs: fromMs, toMs: toMs) },
        watchers: LaneWatchers(metrics: metrics.site(site.id), hub: hub, alerts: sparkplug?.feed),
        clock: clock,
        budget: budget, logger: logger)
      mailboxes[site.id] = lane.mailbox
      services.append(ThreadService(name: "andon-\(site.id)", body: { lane.run() }, stop: { lane.stop() }))
      let ticker = try KPITicker(
        site: site, topics: topics, scalarTags: settings.topics.scalarTags, storeHolder: holder,
        outgoing: publisher.outgoing, metrics: metrics.site(site.id), observer: sparkplug?.feed, clock: clock,
        logger: logger)
      services.append(
        ThreadService(name: "andon-kpi-\(site.id)", body: { ticker.run() }, stop: { ticker.stop() }))
      if !site.shifts.isEmpty {
        services.append(
          ShiftWatch(site: site, storeHolder: holder, mailbox: requests, clock: clock, logger: logger))
      }
      if let sparkplug {
        services.append(
          ThreadService(
            name: "andon-spb-\(site.id)", body: { sparkplug.run() }, stop: { sparkplug.stop() }))
      }
    }
    let keeper = try Housekeeper(
      sites: kept, bridgeID: settings.bridge.id, topics: topics, outgoing: publisher.outgoing, status: board,
      clock: clock, logger: logger)
    services.append(ThreadService(name: "andon-keep", body: { keeper.run() }, stop: { keeper.stop() }))
    services.append(
      HeartbeatService(
        board: board, topic: topics.bridgeStatus(bridge: settings.bridge.id), outgoing: publisher.outgoing,
        clock: clock))
    if settings.http.isEnabled {
      let api = APIServices(
        settings: settings, board: board, hub: hub, alerts: AlertDesk(requests: requestBoxes),
        metrics: metrics,
        mailboxes: mailboxes, clock: clock)
      services.append(StatusServer(settings: settings.http, token: token, services: api, logger: logger))
    }
    // Last, so that it is told to stop first.
    if let notifier = SystemdNotifier(environment: environment, board: board) { services.append(notifier) }
    var configuration = ServiceGroupConfiguration(
      services: services.map { .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup) },
      gracefulShutdownSignals: signals, logger: Self.quiet(logger))
    configuration.maximumGracefulShutdownDuration = .seconds(4)
    self.board = board
    self.settings = settings
    self.budget = budget
    self.requests = requestBoxes
    group = ServiceGroup(configuration: configuration)
  }

  /// Runs until a signal or `stop`.
  ///
  /// - Throws: `StoreError` before anything runs, when another process has a site's file, or the file is a newer
  ///   Andon's or another site's: a mistake of the set-up that a person must see at once.
  package func run() async throws {
    for site in settings.sites {
      try SiteStore.checkBeforeStart(path: settings.databasePath(site: site.id), siteID: site.id)
    }
    budget.start()
    try await group.run()
  }

  /// Begins the graceful stop: what was read is committed and acknowledged, `offline` is published.
  package func stop() async { await group.triggerGracefulShutdown() }

  /// A SCADA operator's acknowledgement goes the way of all others: into the site's mailbox.
  private static func acknowledge(_ requests: SiteMailbox, _ logger: Logger) -> SparkplugLink.Acknowledge {
    { siteID, cameraID, by in
      let alert = "\(siteID)/drift/\(cameraID)"
      Task {
        let result = await requests.perform(AlertCommand(alertID: alert, action: .acknowledge, by: by))
        logger.info(
          "acknowledgement from Sparkplug", metadata: ["alert": "\(alert)", "result": "\(result.code)"])
      }
    }
  }

  private static func quiet(_ logger: Logger) -> Logger {
    var logger = logger
    logger.logLevel = .warning
    return logger
  }
}
