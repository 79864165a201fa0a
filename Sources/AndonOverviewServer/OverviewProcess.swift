import AndonAccess
import AndonCentral
package import AndonConfiguration
import AndonHTTP
import AndonOverview
import AndonPublish
package import AndonRuntime
package import AndonStatus
package import Logging
import Mosquitto
import ServiceLifecycle
package import UnixSignals

/// The process of `andon overview`: one thread a broker, and the listener. It stores nothing.
package struct OverviewProcess {
  private let group: ServiceGroup
  /// Has the port of the listener.
  package let board: StatusBoard

  /// Composes the services. Nothing runs before `run`.
  ///
  /// - Throws: for an unreadable password, token, users or certificate file; never for a broker or the database.
  package init(
    settings: OverviewSettings, environment: [String: String], clock: WallClock = .system,
    signals: [UnixSignal] = [.sigterm, .sigint], threshold: LogThreshold? = nil, logger: Logger
  ) throws {
    let token = try settings.http.readToken()
    let users = try settings.http.usersFile.map { try UserDirectory(path: $0) }
    if let certFile = settings.http.certFile, let keyFile = settings.http.keyFile {
      _ = try StatusServer.tls(certFile, keyFile)
    }
    let wakeups = try settings.brokers.map { _ in try Wakeup() }
    let fleet = FleetBoard(
      Fleet(
        brokers: settings.brokers.map { ($0.name, $0.root, $0.dashboard) }, limits: FleetLimits(settings)))
    let commands = FleetCommands(roots: settings.brokers.map(\.root), wakeups: wakeups)
    board = StatusBoard(bridgeID: "overview", siteIDs: [], startedAtMs: clock.nowMs, clock: clock)
    var services: [any Service] = []
    for (index, broker) in settings.brokers.enumerated() {
      let parts = BrokerWatch.Parts(
        settings: try Self.connection(broker, environment), root: broker.root, broker: index,
        name: broker.name, sendsCommands: settings.isWritable)
      let watch = BrokerWatch(
        parts, board: fleet, commands: commands, wakeup: wakeups[index], clock: clock, logger: logger)
      services.append(
        ThreadService(name: "andon-ov-\(index)", body: { watch.run() }, stop: { watch.stop() }))
    }
    let history = try Self.history(settings.central, into: &services)
    let api = try Self.services(
      settings,
      FleetServices(settings: settings, board: fleet, commands: commands, history: history),
      board, threshold, clock, logger)
    services.append(StatusServer(settings.http, token: token, users: users, services: api, logger: logger))
    if let users { services.append(UsersReload(users: users, logger: logger)) }
    group = .ending(services, signals: signals, secondsToStop: 4, logger: logger)
  }

  /// The thread that asks the central database; nil where none is configured.
  private static func history(
    _ settings: CentralSettings, into services: inout [any Service]
  ) throws -> CentralHistory? {
    guard settings.url != nil else { return nil }
    let interrupt = try CentralReader.Interrupt()
    // Mistakes in the URL and an unreadable password must show at the start.
    _ = try CentralReader(settings, interrupt: interrupt)
    let history = CentralHistory(settings, interrupt: interrupt, wakeup: try Wakeup())
    services.append(
      ThreadService(
        name: "andon-ov-pg",
        body: { history.run() }, stop: { history.stop() }))
    return history
  }

  /// Runs until a signal or `stop`.
  package func run() async throws { try await group.run() }

  package func stop() async { await group.triggerGracefulShutdown() }

  /// A session that the broker forgets at the end: what it keeps comes again with the next connection. The client id is
  /// new with each start, so that two overviews do not take the connection from each other.
  private static func connection(
    _ broker: OverviewSettings.Broker, _ environment: [String: String]
  ) throws -> ConnectionSettings {
    // One variable cannot hold the passwords of several brokers.
    let password = try broker.connection.readPassword(environment: [:])
    var connection = ConnectionSettings(
      broker.connection, password: password, clientID: "andon-overview-\(RandomToken.make().prefix(12))")
    connection.cleanStart = true
    connection.sessionExpirySeconds = 0
    connection.maximumPacketBytes = 1 << 20
    return connection
  }

  private static func services(
    _ settings: OverviewSettings, _ fleet: FleetServices, _ board: StatusBoard, _ threshold: LogThreshold?,
    _ clock: WallClock, _ logger: Logger
  ) throws -> APIServices {
    let hub = EventBroadcaster(startedAtMs: clock.nowMs, root: "", clientLimit: settings.http.maxStreams)
    // It publishes nothing by itself.
    let queue = PublishQueue(wakeup: try Wakeup())
    return APIServices(
      settings: settings.ofListener, board: board, hub: hub,
      metrics: BridgeMetrics(publishQueue: PublishQueues(queue), startedAtMs: clock.nowMs),
      directory: SiteDirectory(),
      cache: ReplyCache(), threshold: threshold, clock: clock, logger: logger, fleet: fleet)
  }
}

extension FleetLimits {
  init(_ settings: OverviewSettings) {
    self.init()
    (sites, alerts, bytes) = (settings.siteLimit, settings.alertLimit, settings.byteLimit)
    staleAfterMs = settings.staleAfterMs
  }
}
