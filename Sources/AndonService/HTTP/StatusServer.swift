import AndonCore
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle

/// The small HTTP listener: health, readiness and status. It reads snapshots only and never waits for a lane.
struct StatusServer: Service {
  let settings: HTTPSettings
  let token: String?
  let board: StatusBoard
  let clock: WallClock
  let logger: Logger

  func run() async throws {
    let application = Application(
      router: router(),
      configuration: .init(
        address: .hostname(settings.host, port: settings.port), serverName: "andon"),
      onServerRunning: { channel in
        logger.info("HTTP listens", metadata: ["address": "\(channel.localAddress?.description ?? "?")"])
      },
      logger: Self.quiet(logger))
    try await application.run()
  }

  /// Hummingbird's own start-up lines are no news to an operator.
  private static func quiet(_ logger: Logger) -> Logger {
    var logger = logger
    logger.logLevel = .warning
    return logger
  }

  private func router() -> Router<BasicRequestContext> {
    let router = Router()
    router.get("/healthz") { _, _ in Self.text(.ok, "ok\n") }
    router.get("/readyz") { _, _ in
      board.isReady ? Self.text(.ok, "ready\n") : Self.text(.serviceUnavailable, notReadyReasons())
    }
    router.get("/status") { request, _ in
      guard isAllowed(request) else { return Self.text(.unauthorized, "a bearer token is required\n") }
      return Self.json(StatusDocument.json(board, nowMs: clock.nowMs))
    }
    return router
  }

  private var isLoopback: Bool { ["127.0.0.1", "::1", "localhost"].contains(settings.host) }

  /// With a token configured and a listener beyond loopback, everything needs it.
  private func isAllowed(_ request: Request) -> Bool {
    guard let token, !isLoopback else { return true }
    return request.headers[.authorization].map { Self.equal($0, "Bearer \(token)") } ?? false
  }

  /// Takes the same time whatever the first difference is.
  private static func equal(_ left: String, _ right: String) -> Bool {
    let (left, right) = (Array(left.utf8), Array(right.utf8))
    guard left.count == right.count else { return false }
    return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
  }

  private func notReadyReasons() -> String {
    board.snapshot.filter { !$0.isConnected || $0.trouble != nil }
      .map { site in
        let since = CivilTime.text(epochMs: site.health.sinceMs)
        return
          "\(site.siteID): \(site.health.state.rawValue) since \(since): \(site.trouble ?? "no session yet")\n"
      }.joined()
  }

  private static func text(_ status: HTTPResponse.Status, _ text: String) -> Response {
    Response(
      status: status, headers: [.contentType: "text/plain; charset=utf-8", .cacheControl: "no-store"],
      body: .init(byteBuffer: ByteBuffer(string: text)))
  }

  private static func json(_ bytes: [UInt8]) -> Response {
    Response(
      status: .ok, headers: [.contentType: "application/json", .cacheControl: "no-store"],
      body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
  }
}
