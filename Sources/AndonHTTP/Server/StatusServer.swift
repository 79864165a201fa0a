package import AndonAccess
package import AndonConfiguration
import AndonStatus
import Foundation
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
package import Logging
import NIOCore
import NIOPosix
package import NIOSSL
import ServiceLifecycle

/// The HTTP listener: dashboard, API, stream and metrics. It uses snapshots and its own connections to the
/// store, on one event loop, and never blocks an ingest loop.
package struct StatusServer: Service {
  package let settings: HTTPSettings
  package let token: String?
  /// The users of `http.users_file`; nil without one.
  package let users: UserDirectory?
  package let services: APIServices
  package let logger: Logger

  package init(
    _ settings: HTTPSettings, token: String?, users: UserDirectory?, services: APIServices, logger: Logger
  ) {
    self.settings = settings
    self.token = token
    self.users = users
    self.services = services
    self.logger = logger
  }

  /// One thread, so that clients cannot take a second core from the ingest loops. It lives as long as the
  /// process: connections that are closing may use it after the listener has ended.
  private static let loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)

  package func run() async throws {
    let ledger = ConnectionLedger(
      limit: settings.maxConnections, perClient: settings.maxConnectionsPerClient)
    let application = Application(
      responder: responder,
      server: try server(ledger),
      configuration: .init(
        address: .hostname(settings.host, port: settings.port), serverName: "andon"),
      onServerRunning: { channel in
        let port = channel.localAddress?.port ?? settings.port
        services.board.setHTTPPort(port)
        logger.info(
          "HTTP listens",
          metadata: ["url": "\(settings.certFile == nil ? "http" : "https")://\(settings.host):\(port)/"])
      },
      eventLoopGroupProvider: .shared(Self.loops), logger: Self.quiet(logger))
    let hub = services.hub
    try await withGracefulShutdownHandler {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { [services] in
          if let fleet = services.fleet {
            await FleetStreamWriter(hub: hub, board: fleet.board, clock: services.clock).run()
          } else {
            await EventStreamWriter(hub: hub, board: services.board, clock: services.clock).run()
          }
        }
        group.addTask {
          do { try await application.run() } catch let error as IOError { throw cannotListen(error) }
        }
        // The end of one ends the other.
        try await group.next()
        group.cancelAll()
      }
    } onGracefulShutdown: {
      // An open stream would keep the listener from ending.
      hub.close()
    }
  }

  private var responder: APIResponder {
    let sessions = users.map {
      SessionTable(users: $0, idleMs: settings.sessionIdleMs, lifetimeMs: settings.sessionLifetimeMs)
    }
    let board = services.board
    let oidc = settings.oidc.map { provider in
      OIDCVerifier(provider, clock: services.clock, log: logger) { health in
        board.identityProvider = IdentityProviderStatus(
          address: health.place, keys: health.keys, readMs: health.readMs, error: health.error)
      }
    }
    let authenticator = Authenticator(
      settings, token: token, users: users, sessions: sessions, oidc: oidc)
    var login: LoginPages?
    if let users, let sessions {
      login = LoginPages(
        login: Login(users: users), sessions: sessions, authenticator: authenticator,
        refusals: services.refusals, log: logger)
    }
    return APIResponder(
      services: services, rules: AccessRules(settings), authenticator: authenticator, login: login,
      limiter: RateLimiter(perSecond: settings.rateLimit), settings: settings, refusals: services.refusals)
  }

  /// The error with its key, and what to do.
  private func cannotListen(_ error: IOError) -> SettingsError {
    let port = settings.port
    let words =
      switch error.errnoCode {
      case EADDRINUSE:
        "port \(port) is in use by another program, which 'ss -ltnp sport = :\(port)' shows; stop it, or choose another"
      case EADDRNOTAVAIL: "\(settings.host) is no address of this machine"
      case EACCES: "this user may not use port \(port); choose one above 1023"
      default: "\(error)"
      }
    return SettingsError(
      file: "configuration", line: nil, path: "http.listen",
      message: "cannot listen on \(settings.host):\(port): \(words)")
  }

  private func server(_ ledger: ConnectionLedger) throws -> HTTPServerBuilder {
    let patience = TimeAmount.milliseconds(settings.requestTimeoutMs)
    let refusals = services.refusals
    let base = HTTPServerBuilder.http1(
      configuration: .init(
        additionalChannelHandlers: [
          SlowClientHandler(patience: patience, gate: ConnectionGate(ledger: ledger, refusals: refusals))
        ],
        idleTimeout: .milliseconds(settings.idleTimeoutMs),
        httpDecoderConfiguration: .init(
          maxHeaderFieldSize: 8192, maxHeaderListSize: 16_384, maxHeaderFieldCount: 100)))
    guard let certFile = settings.certFile, let keyFile = settings.keyFile else { return base }
    return try .tls(base, tlsConfiguration: Self.tls(certFile, keyFile))
  }

  /// - Throws: `SettingsError`, which names the file.
  package static func tls(_ certFile: String, _ keyFile: String) throws -> TLSConfiguration {
    func failure(_ file: String, _ key: String, _ error: any Error) -> SettingsError {
      SettingsError(file: file, line: nil, path: key, message: "this file cannot be used: \(error)")
    }
    let chain: [NIOSSLCertificateSource]
    do { chain = try NIOSSLCertificate.fromPEMFile(certFile).map { .certificate($0) } } catch {
      throw failure(certFile, "http.cert_file", error)
    }
    let key: NIOSSLPrivateKeySource
    do { key = .privateKey(try NIOSSLPrivateKey(file: keyFile, format: .pem)) } catch {
      throw failure(keyFile, "http.key_file", error)
    }
    var configuration = TLSConfiguration.makeServerConfiguration(certificateChain: chain, privateKey: key)
    configuration.minimumTLSVersion = .tlsv12
    configuration.applicationProtocols = ["http/1.1"]
    return configuration
  }

  /// Hummingbird's start-up messages are not for operators.
  private static func quiet(_ logger: Logger) -> Logger {
    var logger = logger
    logger.logLevel = .warning
    return logger
  }
}
