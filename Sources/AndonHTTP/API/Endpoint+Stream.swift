import AndonAccess
import AndonCore

extension Endpoint {
  /// Server-sent events.
  static let stream: [Endpoint] = [
    Endpoint(
      path: "/api/v1/stream", operation: .stream, summary: "Server-sent events: kpi, alert, event, status.",
      detail: """
        Each has an id; a client that sends the last one as `Last-Event-ID` gets what it missed, or a `gap`. \
        Events are a sample (20 a second and site at most). A client that does not keep up gets `dropped` and \
        is cut. Comments are heartbeats, at least every ten seconds.
        """,
      parameters: [
        .init(name: "site", kind: .identifier, help: "Only of this site."),
        .init(
          name: "type", kind: .text(limit: 64),
          help: "Comma-separated, of kpi, alert, event, status; all that you may see by default."),
        .init(
          name: "scope", kind: .text(limit: 64), fallback: "site",
          help: "Of KPIs: comma-separated, of site, workstation, worker."),
        .init(name: "window", kind: .text(limit: 64), help: "Of KPIs: comma-separated, of hour, shift, day."),
        .init(name: "last_event_id", kind: .text(limit: 64), help: "Instead of the header."), .reason,
      ],
      answers: [.init(contentType: "text/event-stream", help: "Until either side ends.")], problems: [503]
    ) { request, services in
      if request.text("site") != nil { _ = try services.site(request) }
      let caller = request.caller
      let kinds = try request.words("type", of: StreamMessage.Kind.ofBridge.map(\.rawValue))
      let mayHave = StreamMessage.Kind.ofBridge.filter { $0 != .event || caller.may(.workers) }
      let filter = StreamFilter(
        siteID: request.text("site"), sites: caller.sites,
        kinds: Set(kinds.map { $0.compactMap(StreamMessage.Kind.init) } ?? mayHave),
        scopes: try request.words("scope", of: KPIScope.allCases.map(\.rawValue)) ?? [],
        windows: try request.words("window", of: WindowKind.allCases.map(\.rawValue)) ?? [])
      return try stream(filter, request, services)
    }
  ]

  /// Opens a stream, behind the last event that the client has.
  static func stream(
    _ filter: StreamFilter, _ request: APIRequest, _ services: APIServices
  ) throws(Problem) -> APIReply {
    let last = request.lastEventID ?? request.text("last_event_id")
    guard
      let client = services.hub.subscribe(filter, lastEventID: last, isStillValid: request.isStillValid)
    else {
      throw .busy(
        503, code: "too_many_streams", "as many streams as http.max_streams allows are open",
        retryAfterSeconds: 10)
    }
    return APIReply(contentType: "text/event-stream", body: .stream(client))
  }
}
