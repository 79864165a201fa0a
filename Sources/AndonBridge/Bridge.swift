import AndonAccess
import AndonCentral
package import AndonConfiguration
import AndonCore
import AndonHTTP
package import AndonIngest
import AndonNotify
import AndonPublish
package import AndonRuntime
package import AndonStatus
import AndonStore
package import Logging
import ServiceLifecycle
package import UnixSignals

/// One Andon process. The list of services, in start order, is the architecture.
package struct Bridge {
  private let group: ServiceGroup
  private let settings: Settings
  private let budget: FileDescriptorBudget
  private let directory: SiteDirectory
  private let reloader: Reloader?
  package let board: StatusBoard

  /// Composes the services. Nothing runs or is opened before `run`.
  ///
  /// - Parameters:
  ///   - reload: Reads the configuration again at SIGHUP; nil: the signal is not handled.
  ///   - threshold: The log level, for commands that set it.
  /// - Throws: for an unreadable password, token, users or certificate file; never for the broker or the disk.
  package init(
    settings: Settings, environment: [String: String], clock: WallClock = .system,
    signals: [UnixSignal] = [.sigterm, .sigint], reload: (@Sendable () throws -> Settings)? = nil,
    threshold: LogThreshold? = nil, logger: Logger
  ) throws {
    let password = try settings.broker.readPassword(environment: environment)
    let token = try settings.http.readToken()
    let users = try settings.http.usersFile.map { try UserDirectory(path: $0) }
    if let certFile = settings.http.certFile, let keyFile = settings.http.keyFile {
      // Errors in these files must show at the start.
      _ = try StatusServer.tls(certFile, keyFile)
    }
    let topics = TopicNames(root: settings.topics.root)
    let board = StatusBoard(
      bridgeID: settings.bridge.id, siteIDs: settings.sites.map(\.id), startedAtMs: clock.nowMs, clock: clock)
    let publisher = try Publisher(
      settings: settings.broker, password: password, identity: .bridge(settings.bridge.id, topics),
      host: settings.discovery.homeAssistantPrefix.map { DiscoveryHost(homeAssistant: $0) },
      report: { board.updatePublisher($0) }, logger: logger)
    let queues = PublishQueues(publisher.publishQueue)
    board.observe(queues)
    let budget = FileDescriptorBudget()
    let metrics = BridgeMetrics(publishQueue: queues, startedAtMs: clock.nowMs)
    let hub = EventBroadcaster(
      startedAtMs: clock.nowMs, root: settings.topics.root, clientLimit: settings.http.maxStreams)
    publisher.publishQueue.listen { hub.offer($0) }
    let directory = SiteDirectory()
    let cache = ReplyCache()
    let retired = RetiredTopics(
      dataDirectory: settings.bridge.dataDirectory, root: settings.topics.root,
      publishQueue: publisher.publishQueue, logger: logger)
    // Sites of a fleet are not in the configuration: their topics are the next bridge's.
    if settings.central.mode != .fleet { retired.resume(sites: Set(settings.sites.map(\.id))) }
    let shipped = settings.central.mode == .off ? nil : ShippedStores()
    let fleet = settings.central.mode == .fleet ? (leases: FleetLeases(), mailbox: FleetMailbox()) : nil
    let shippings =
      try shipped.map {
        try Self.shippings(settings, $0, fleet, board, clock, logger)
      } ?? []
    let sites = try SiteSupervisor(
      parts: SiteParts(
        settings: settings, password: password, publishQueue: publisher.publishQueue, retired: retired,
        board: board, metrics: metrics,
        hub: hub, threshold: threshold, shipped: shipped,
        fleet: fleet.map { Self.parts(of: $0.mailbox, queues, shippings) }, clock: clock, budget: budget,
        logger: logger),
      directory: directory, cache: cache)

    let shipping = shippings.enumerated().map { share, shipping in
      ThreadService(name: "andon-ship-\(share)", body: { shipping.run() }, stop: { shipping.stop() })
    }
    // Stopped in reverse order: first no new requests, then the sites, last the publisher.
    var services: [any Service] = [
      ThreadService(name: "andon-pub", body: { publisher.run() }, stop: { publisher.stop() })
    ]
    if let fleet {
      // They outlive the sites, whose last commits are shipped before the sites are given up.
      services += shipping
      services.append(
        try Self.fleetService(settings, fleet.leases, fleet.mailbox, sites, board, logger))
    }
    services += [
      sites,
      HeartbeatService(
        board: board, topic: topics.bridgeStatus(bridge: settings.bridge.id),
        publishQueue: publisher.publishQueue,
        clock: clock),
    ]
    services += try Self.watches(settings, password, board, clock, logger)
    if fleet == nil { services += shipping }
    if settings.http.isEnabled {
      let api = APIServices(
        settings: settings, board: board, hub: hub, metrics: metrics, directory: directory, cache: cache,
        threshold: threshold, clock: clock, logger: logger)
      services.append(StatusServer(settings.http, token: token, users: users, services: api, logger: logger))
    }
    let notifier = SystemdNotifier(environment: environment, board: board)
    reloader = reload.map {
      Reloader(
        settings: settings, load: $0, sites: sites, users: users, board: board, clock: clock, logger: logger)
    }
    if let reloader { services.append(ReloadService(reloader: reloader, notifier: notifier)) }
    // Last, so that it is stopped first.
    if let notifier { services.append(notifier) }
    (self.board, self.settings, self.budget, self.directory) = (board, settings, budget, directory)
    group = .ending(services, signals: signals, secondsToStop: 4, logger: logger)
  }

  /// The look for sites that are not configured, and the dead-man's switch where one is configured.
  private static func watches(
    _ settings: Settings, _ password: String?, _ board: StatusBoard, _ clock: WallClock, _ logger: Logger
  ) throws -> [ThreadService] {
    let watch = try UnlistedSiteWatch(
      settings: settings, password: password, board: board, clock: clock, logger: logger)
    let look = ThreadService(name: "andon-look", body: { watch.run() }, stop: { watch.stop() })
    guard let heartbeat = settings.heartbeat else { return [look] }
    let beat = try NotifyHeartbeat(heartbeat, board: board, clock: clock, logger: logger)
    return [look, ThreadService(name: "andon-beat", body: { beat.run() }, stop: { beat.stop() })]
  }

  /// What sends the logs of sites to the central database.
  private static func shippings(
    _ settings: Settings, _ stores: ShippedStores, _ fleet: (leases: FleetLeases, mailbox: FleetMailbox)?,
    _ board: StatusBoard, _ clock: WallClock, _ logger: Logger
  ) throws -> [CentralShipping] {
    let server = try settings.central.server()
    return try (0..<settings.central.connections).map { share in
      try CentralShipping(
        settings.central, server, bridge: settings.bridge.id, stores: stores, share: share,
        fleet: fleet.map { fleet in
          (fleet.leases, { site in fleet.mailbox.tell { $0.unfit.append(site) } })
        }, board: board, clock: clock, logger: logger)
    }
  }

  /// What the sites of a fleet's bridge share.
  private static func parts(
    of mailbox: FleetMailbox, _ queues: PublishQueues, _ shippings: [CentralShipping]
  ) -> FleetParts {
    FleetParts(
      queues: queues, mayConnect: { mailbox.mayConnect($0) },
      wake: { shippings[ShippedStores.share($0, shippings.count)].wake() })
  }

  private static func fleetService(
    _ settings: Settings, _ leases: FleetLeases, _ mailbox: FleetMailbox, _ sites: SiteSupervisor,
    _ board: StatusBoard, _ logger: Logger
  ) throws -> ThreadService {
    let service = try FleetService(
      settings, server: settings.central.server(), leases: leases, mailbox: mailbox, supervisor: sites,
      board: board, logger: logger
    ) { grant, site in
      let source = try CentralRestore(settings.central.server(), site: site.id)
      defer { source.close() }
      let path = settings.databasePath(site: site.id)
      let report = try SiteRestore(
        path: path, siteID: site.id, timeoutMs: site.ingest.stateTimeoutMs,
        selection: ShipSelection(of: site, settings.central), limitBytes: settings.central.backlogBytes,
        nowMs: WallClock.system.nowMs
      ).run(source)
      logger.notice(
        "fleet: a site's file was made from the central database",
        metadata: [
          "site": "\(site.id)", "events": "\(report.events)", "patches": "\(report.patches)",
          "ms": "\(report.milliseconds)",
        ])
    }
    return ThreadService(name: "andon-fleet", body: { service.run() }, stop: { service.stop() })
  }

  /// The command queue of a site; nil for a site that does not run here.
  package func requests(site: String) -> SiteCommandQueue? { directory[site]?.requests }

  /// Reads the configuration again, as at SIGHUP; returns when the sites have changed.
  package func reload() async { await reloader?.reload() }

  /// Runs until a signal or `stop`.
  ///
  /// - Throws: `StoreError` before anything runs, when another process has a site's file, or the file is from
  ///   a newer Andon or another site: set-up errors that must show at once.
  package func run() async throws {
    for site in settings.sites {
      try SiteStore.checkBeforeStart(path: settings.databasePath(site: site.id), siteID: site.id)
    }
    budget.start()
    try await group.run()
  }

  /// Begins the graceful stop: what was read is committed and acknowledged, `offline` is published.
  package func stop() async { await group.triggerGracefulShutdown() }
}
