import AndonCore
import AndonRuntime
import AndonStatus
import Logging

extension Endpoint {
  /// Probes, status and metrics.
  static let health: [Endpoint] = [
    Endpoint(
      path: "/healthz", name: "health", summary: "The process answers.", access: .open,
      answers: [.init(contentType: "text/plain", help: "It does.")]
    ) { _, _ in .text("ok\n") },
    Endpoint(
      path: "/readyz", name: "ready",
      summary: "Every site has its broker session, and the bridge can publish.",
      detail: "The reasons are named to those who may read.", access: .open,
      answers: [
        .init(contentType: "text/plain", help: "Ready."),
        .init(
          status: 503, contentType: "text/plain",
          help: "Not ready; one line a site or connection that is not."),
      ]
    ) { request, services in
      let reasons = services.board.whyNotReady
      if reasons.isEmpty { return .text("ready\n") }
      guard request.isAuthorized else { return .text("not ready\n", status: 503) }
      return .text(reasons.map { $0 + "\n" }.joined(), status: 503)
    },
    Endpoint(
      path: "/status", name: "status", summary: "The bridge, its sites, cameras and resources.",
      answers: [.init(schema: "status", help: "As of now.")]
    ) { _, services in
      .json(
        StatusDocument.json(
          services.board, nowMs: services.clock.nowMs, logLevel: services.threshold?.level.rawValue,
          process: services.process.sample()))
    },
    Endpoint(
      path: "/metrics", name: "metrics", summary: "Metrics in the text format of Prometheus.",
      answers: [.init(contentType: "text/plain", help: "Version 0.0.4 of the format.")]
    ) { _, services in
      var reply = APIReply.text(services.metrics.render(services))
      reply.contentType = "text/plain; version=0.0.4; charset=utf-8"
      return reply
    },
    Endpoint(
      method: .post, path: "/api/v1/log-level", name: "setLogLevel",
      summary: "Log more or less, for a while and without a restart.",
      detail: "Afterwards the level of the start holds again; setting that one ends it at once.",
      access: .write,
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
