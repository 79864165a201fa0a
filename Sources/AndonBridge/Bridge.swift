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
    let (directory, cache) = (SiteDirectory(), ReplyCache())
    let retired = RetiredTopics(
      dataDirectory: settings.bridge.dataDirectory, root: settings.topics.root,
      publishQueue: publisher.publishQueue, logger: logger)
    // Sites of a fleet are not in the configuration: their topics are the next bridge's.
    if settings.central.mode != .fleet { retired.resume(sites: Set(settings.sites.map(\.id))) }
    let central = try CentralServices(settings, board, clock, logger)
    let sites = try SiteSupervisor(
      parts: SiteParts(
        settings: settings, password: password, publishQueue: publisher.publishQueue, retired: retired,
        board: board, metrics: metrics, hub: hub, threshold: threshold, shipped: central.stores,
        fleet: central.parts(queues), clock: clock, budget: budget, logger: logger),
      directory: directory, cache: cache)

    // Stopped in reverse order: first no new requests, then the sites, last the publisher.
    var services: [any Service] = [
      ThreadService(name: "andon-pub", body: { publisher.run() }, stop: { publisher.stop() })
    ]
    services += try central.before(sites, publisher.publishQueue)
    services += [
      sites,
      HeartbeatService(
        board: board, topic: topics.bridgeStatus(bridge: settings.bridge.id),
        publishQueue: publisher.publishQueue, clock: clock),
    ]
    services += try Self.watches(settings, password, board, clock, logger)
    services += central.after
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
    // Which sites other bridges of a fleet have is not known here.
    let looks = settings.central.mode == .fleet ? [] : [try look(settings, password, board, clock, logger)]
    guard let heartbeat = settings.heartbeat else { return looks }
    let beat = try NotifyHeartbeat(heartbeat, board: board, clock: clock, logger: logger)
    return looks + [ThreadService(name: "andon-beat", body: { beat.run() }, stop: { beat.stop() })]
  }

  private static func look(
    _ settings: Settings, _ password: String?, _ board: StatusBoard, _ clock: WallClock, _ logger: Logger
  ) throws -> ThreadService {
    let watch = try UnlistedSiteWatch(
      settings: settings, password: password, board: board, clock: clock, logger: logger)
    return ThreadService(name: "andon-look", body: { watch.run() }, stop: { watch.stop() })
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
