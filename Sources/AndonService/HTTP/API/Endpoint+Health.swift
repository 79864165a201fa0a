import AndonCore

extension Endpoint {
  /// Probes, status and metrics.
  static let health: [Endpoint] = [
    Endpoint(
      path: "/healthz", name: "health", summary: "The process answers.", access: .open,
      answers: [.init(contentType: "text/plain", help: "It does.")]
    ) { _, _ in .text("ok\n") },
    Endpoint(
      path: "/readyz", name: "ready", summary: "Every site has its broker session.",
      detail: "The reasons are named to those who may read.", access: .open,
      answers: [
        .init(contentType: "text/plain", help: "Ready."),
        .init(status: 503, contentType: "text/plain", help: "Not ready; one line a site that is not."),
      ]
    ) { request, services in
      if services.board.isReady { return .text("ready\n") }
      guard request.isAuthorized else { return .text("not ready\n", status: 503) }
      let reasons = services.board.snapshot.filter { !$0.isConnected || $0.trouble != nil }.map { site in
        let since = CivilTime.text(epochMs: site.health.sinceMs)
        return
          "\(site.siteID): \(site.health.state.rawValue) since \(since): \(site.trouble ?? "no session yet")\n"
      }
      return .text(reasons.joined(), status: 503)
    },
    Endpoint(
      path: "/status", name: "status", summary: "The bridge, its sites, cameras and resources.",
      answers: [.init(schema: "status", help: "As of now.")]
    ) { _, services in
      .json(
        StatusDocument.json(services.board, nowMs: services.clock.nowMs, process: services.process.sample()))
    },
    Endpoint(
      path: "/metrics", name: "metrics", summary: "Metrics in the text format of Prometheus.",
      answers: [.init(contentType: "text/plain", help: "Version 0.0.4 of the format.")]
    ) { _, services in
      var reply = APIReply.text(services.metrics.render(services))
      reply.contentType = "text/plain; version=0.0.4; charset=utf-8"
      return reply
    },
  ]
}
