import AndonAccess
import AndonCore
import AndonRuntime
import AndonStatus
import Logging

extension Endpoint {
  /// Probes, status and metrics.
  static let health: [Endpoint] = [
    Endpoint(
      path: "/healthz", operation: .health, summary: "The process answers.",
      answers: [.init(contentType: "text/plain", help: "It does.")]
    ) { _, _ in .text("ok\n") },
    Endpoint(
      path: "/readyz", operation: .ready,
      summary: "Every site has its broker session, and the bridge can publish.",
      detail: "The reasons are named to those who may read.",
      answers: [
        .init(contentType: "text/plain", help: "Ready."),
        .init(
          status: 503, contentType: "text/plain",
          help: "Not ready; one line a site or connection that is not."),
      ]
    ) { request, services in
      let reasons = services.fleet?.whyNotReady ?? services.board.whyNotReady
      if reasons.isEmpty { return .text("ready\n") }
      guard request.caller.may(.figures), request.caller.sites == nil else {
        return .text("not ready\n", status: 503)
      }
      return .text(reasons.map { $0 + "\n" }.joined(), status: 503)
    },
    Endpoint(
      path: "/status", operation: .status, summary: "The bridge, its sites, cameras and resources.",
      detail: "Of the sites that the caller may see; cameras and errors only for those who may see them.",
      answers: [.init(schema: "status", help: "As of now.")]
    ) { request, services in
      let caller = request.caller
      let audience = StatusDocument.Audience(
        sites: caller.sites, seesCameras: caller.may(.cameras), seesBridge: caller.may(.bridge))
      return .json(
        StatusDocument.json(
          services.board, for: audience, nowMs: services.clock.nowMs,
          logLevel: services.threshold?.level.rawValue, process: services.process.sample()))
    },
    Endpoint(
      path: "/metrics", operation: .metrics, summary: "Metrics in the text format of Prometheus.",
      answers: [.init(contentType: "text/plain", help: "Version 0.0.4 of the format.")]
    ) { request, services in
      var reply = APIReply.text(services.metrics.render(services, for: request.caller))
      reply.contentType = "text/plain; version=0.0.4; charset=utf-8"
      return reply
    },
    Endpoint(
      method: .post, path: "/api/v1/log-level", operation: .setLogLevel,
      summary: "Log more or less, for a while and without a restart.",
      detail: "Afterwards the level of the start holds again; setting that one ends it at once.",
      parameters: [
        .init(
          name: "level", kind: .words(Logger.Level.allCases.map(\.rawValue)), isRequired: true,
          help: "The least that is logged."),
        .init(
          name: "duration_s", kind: .integer(1...86_400), fallback: "\(LogThreshold.standardSeconds)",
          help: "For how long."),
      ],
      answers: [.init(schema: "log_level", help: "Holds from now on.")], problems: [501], answer: setLogLevel),
  ]

  private static func setLogLevel(
    _ request: APIRequest, _ services: APIServices
  ) async throws -> APIReply {
    guard let threshold = services.threshold, let level = Logger.Level(rawValue: request.word("level")) else {
      throw Problem(status: 501, code: "not_available", detail: "this process has no log level of its own")
    }
    threshold.set(level, for: .seconds(request.integer("duration_s")))
    services.log.notice(
      "log level", metadata: ["level": "\(level)", "for_s": "\(request.integer("duration_s"))"])
    let seconds = level == threshold.normal ? 0 : request.integer("duration_s")
    return .json(
      APIAnswers.logLevel.json((threshold.level.rawValue, threshold.normal.rawValue, seconds)))
  }
}
