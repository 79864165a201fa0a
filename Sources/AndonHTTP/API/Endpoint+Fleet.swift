import AndonAccess
import AndonConfiguration
import AndonCore
import AndonOverview
import AndonRuntime

extension Endpoint {
  /// What `andon overview` answers beside probes, metrics and documents.
  static let fleet: [Endpoint] = [
    Endpoint(
      path: "/api/v1/fleet", operation: .fleetStatus,
      summary: "The overview itself: its brokers, what it keeps.",
      detail:
        "Of a user with `sites` only what is theirs: the brokers of these sites, their number and bytes.",
      answers: [.init(schema: "fleet_status", help: "As of now.")]
    ) { request, services in
      let fleet = try services.theFleet
      let nowMs = request.nowMs
      let (isWritable, hasHistory) = (fleet.settings.isWritable, fleet.history != nil)
      let caller = request.caller
      let bytes = fleet.board.withFleet { fleet in
        let part = fleet.part(seenBy: caller)
        let brokers = part.brokers.map { broker in
          var broker = broker
          // The errors of a broker name addresses and filters.
          if !caller.may(.bridge), broker.trouble != nil { broker.trouble = "an operator can see why" }
          return broker
        }
        return FleetPayloads.status.json(
          (brokers, part.sites, part.bytes, fleet.counters, isWritable, hasHistory, nowMs))
      }
      return .json(bytes)
    },
    Endpoint(
      path: "/api/v1/fleet/sites", operation: .listFleetSites, summary: "All sites of all brokers.",
      detail: """
        `order=trouble` (the worst first) has one page; `order=name` (by broker and id, in the order of the configuration) has a cursor. Only sites that the \
        caller may see.
        """,
      parameters: [
        .init(
          name: "order", kind: .words(["trouble", "name"]), fallback: "trouble",
          help: "Which ones come first."),
        .init(
          name: "state", kind: .text(limit: 100),
          help: "Comma-separated, of \(SiteState.allCases.map(\.rawValue).joined(separator: ", "))."),
        .init(name: "broker", kind: .identifier, help: "Only of this broker."),
        .init(name: "find", kind: .text(limit: 100), help: "Part of the name or the id."),
        .init(name: "limit", kind: .integer(1...5000), fallback: "1000", help: "Items of a page."), .cursor,
      ],
      answers: [.init(schema: "fleet_site_list", help: "A page.")], sharedForMs: 500, answer: fleetSites),
    Endpoint(
      path: "/api/v1/fleet/alerts", operation: .listFleetAlerts,
      summary: "The open alerts of all sites, the worst first.",
      parameters: [
        .init(name: "broker", kind: .identifier, help: "Only of this broker."),
        .init(name: "find", kind: .text(limit: 100), help: "Part of the site's name or id."),
        .init(name: "limit", kind: .integer(1...5000), fallback: "500", help: "Items."),
      ],
      answers: [.init(schema: "fleet_alert_list", help: "The worst ones, and how many there are.")],
      sharedForMs: 500, answer: fleetAlerts),
    Endpoint(
      method: .post, path: "/api/v1/fleet/sites/{site}/alerts/{id}/ack", operation: .ackFleetAlert,
      summary: "Acknowledge an alert: the command goes to the site's bridge, whose answer this is.",
      detail:
        "`id` is the percent-encoded `alert_id`. Only with `overview.write`. The same again is harmless.",
      parameters: [
        .site,
        .init(name: "id", place: .path, kind: .text(limit: 256), isRequired: true, help: "The alert."),
        .init(
          name: "broker", kind: .identifier, help: "The site's broker, where several have a site of this id."),
        .init(name: "by", kind: .text(limit: 64), fallback: "overview", help: "Who decided."),
        .init(name: "comment", kind: .text(limit: 500), help: "Why."),
      ],
      answers: [.init(schema: "fleet_command_result", help: "Done.")], problems: [409, 503], answer: fleetAck),
    Endpoint(
      path: "/api/v1/fleet/sites/{site}/history", operation: .fleetHistory,
      summary: "The last 30 days and the last shifts of a site, from the central database.",
      parameters: [.site], answers: [.init(schema: "fleet_history", help: "Closed windows, oldest first.")],
      problems: [501, 503], sharedForMs: 30_000, answer: fleetHistory),
    Endpoint(
      path: "/api/v1/fleet/stream", operation: .fleetStream,
      summary: "Server-sent events: site, gone, alert.",
      detail: """
        `site` has the object of the list, at once when its state changes and at most every 5 s with new figures; `gone` \
        takes a site away; `alert` has the object of the list, with `open: false` when it is over. Each has an id; a client \
        that sends the last one as `Last-Event-ID` gets what it missed, or a `gap`, after which it must read the lists again.
        """,
      parameters: [.init(name: "last_event_id", kind: .text(limit: 64), help: "Instead of the header.")],
      answers: [.init(contentType: "text/event-stream", help: "Until either side ends.")], problems: [503],
      answer: fleetStream),
  ]

  /// What `andon overview` answers.
  static let ofOverview =
    health.filter { [.health, .ready, .metrics, .setLogLevel].contains($0.operation) } + [me] + fleet
    + documents.filter { $0.operation == .openapi }

  private static func fleetSites(_ request: APIRequest, _ services: APIServices) async throws -> APIReply {
    let wanted = try request.words("state", of: SiteState.allCases.map(\.rawValue))
    let filter = FleetFilter(request)
    let (limit, nowMs, caller) = (request.integer("limit"), request.nowMs, request.caller)
    let (all, names) = try services.theFleet.board.withFleet { fleet in
      (fleet.sites.values.filter { $0.tile != nil && caller.sees($0.key.site) }, fleet.brokers.map(\.name))
    }
    var states = [Int](repeating: 0, count: SiteState.allCases.count)
    var shown: [(place: TilePlace, index: Int)] = []
    for (index, entry) in all.enumerated() {
      guard let tile = entry.tile else { continue }
      states[tile.state.rank] += 1
      let isShown =
        (wanted?.contains(tile.state.rawValue) ?? true)
        && filter.shows(site: tile.key.site, name: tile.name, broker: tile.broker)
      if isShown { shown.append((tile.place, index)) }
    }
    let head: FleetPayloads.SiteHead = (
      nowMs, shown.count, SiteState.allCases.map { ($0.rawValue, states[$0.rank]) }
    )
    var next: String?
    if request.word("order") == "name" {
      shown.sort { all[$0.index].key < all[$1.index].key }
      if let cursor = try request.text("cursor").map({ text throws(Problem) in try key(text, names) }) {
        shown.removeAll { all[$0.index].key <= cursor }
      }
      if shown.count > limit {
        let last = all[shown[limit - 1].index].key
        next = "\(names[last.broker])/\(last.site)"
      }
    } else {
      guard request.text("cursor") == nil else { throw Problem.parameter("cursor", "is only for order=name") }
      shown.sort { $0.place < $1.place }
    }
    return .list(FleetPayloads.sites, head, shown.prefix(limit).map { all[$0.index].json }, nextCursor: next)
  }

  /// A cursor: the broker's name and the site's id.
  private static func key(_ cursor: String, _ names: [String]) throws(Problem) -> FleetKey {
    let parts = cursor.split(separator: "/").map(String.init)
    guard parts.count == 2, let broker = names.firstIndex(of: parts[0]) else {
      throw .parameter("cursor", "is none of ours")
    }
    return FleetKey(broker: broker, site: parts[1])
  }

  private static func fleetAlerts(_ request: APIRequest, _ services: APIServices) async throws -> APIReply {
    let fleet = try services.theFleet
    let (filter, limit) = (FleetFilter(request), request.integer("limit"))
    let (caller, names) = (request.caller, fleet.settings.brokers.map(\.name))
    let found = fleet.board.withFleet { fleet in
      fleet.openAlerts(limit: limit) { key, name in
        caller.sees(key.site) && filter.shows(site: key.site, name: name, broker: names[key.broker])
      }
    }
    return .list(
      FleetPayloads.alerts, (request.nowMs, found.count), found.views.map { AlertView.payload.json($0) })
  }

  /// The site that a request names.
  private static func fleetKey(_ request: APIRequest, _ fleet: FleetServices) throws(Problem) -> FleetKey {
    let id = request.word("site")
    let names = fleet.settings.brokers.map(\.name)
    let wanted = request.text("broker")
    let keys = names.indices.filter { wanted == nil || wanted == names[$0] }
      .map { FleetKey(broker: $0, site: id) }
    let known = fleet.board.withFleet { fleet in keys.filter { fleet.sites[$0] != nil } }
    guard let first = known.first else {
      throw .notFound("no broker has a site \"\(id)\"", code: "unknown_site")
    }
    guard known.count == 1 else { throw .parameter("broker", "is needed: several brokers have a site \(id)") }
    return first
  }

  private static func fleetAck(_ request: APIRequest, _ services: APIServices) async throws -> APIReply {
    let fleet = try services.theFleet
    let key = try fleetKey(request, fleet)
    guard fleet.settings.isWritable else {
      throw Problem(
        status: 409, code: "read_only", detail: "this overview only reads: overview.write is not set")
    }
    let alertID = request.word("id")
    let (isOpen, broker) = fleet.board.withFleet { ($0.hasAlert(alertID, key), $0.brokers[key.broker]) }
    guard isOpen else {
      throw Problem(status: 404, code: "unknown_alert", detail: "the site has no open alert \"\(alertID)\"")
    }
    guard broker.isConnected else {
      throw Problem.busy(
        503, code: "no_broker", "there is no connection to the broker \(broker.name)", retryAfterSeconds: 5)
    }
    let by = request.word("by")
    let answer = try answer(
      await fleet.commands.acknowledge(key, alertID: alertID, by: by, comment: request.text("comment")),
      broker: broker.name)
    guard answer.isOK else {
      throw Problem(status: 409, code: answer.code, detail: answer.detail ?? "the bridge refused it")
    }
    return .json(
      FleetPayloads.command.json((key, broker.name, alertID, by, answer.code, services.clock.nowMs)))
  }

  /// The bridge's answer, or why there is none, and whether the bridge may still do it.
  private static func answer(_ outcome: CommandOutcome, broker: String) throws(Problem) -> CommandAnswer {
    switch outcome {
    case .answered(let answer): return answer
    case .noAnswer:
      throw Problem.busy(
        503, code: "no_answer", "the site's bridge did not answer within 10 s; it may still do it",
        retryAfterSeconds: 5)
    case .notSent:
      throw Problem.busy(
        503, code: "no_broker", "there is no connection to the broker \(broker); nothing was sent",
        retryAfterSeconds: 5)
    case .busy:
      throw Problem.busy(
        503, code: "busy", "\(FleetCommands.limit) commands wait for their answers; nothing was sent",
        retryAfterSeconds: 5)
    }
  }

  private static func fleetHistory(_ request: APIRequest, _ services: APIServices) async throws -> APIReply {
    guard let history = try services.theFleet.history else {
      throw Problem(
        status: 501, code: "not_available", detail: "no central database is configured: central.url")
    }
    do {
      return .json(
        SiteHistory.payload.json(try await history.history(of: request.word("site"), nowMs: request.nowMs)))
    } catch let error as FleetHistoryError {
      throw Problem.busy(503, code: "no_database", "\(error)", retryAfterSeconds: 30)
    }
  }

  private static func fleetStream(_ request: APIRequest, _ services: APIServices) async throws -> APIReply {
    let filter = StreamFilter(
      siteID: nil, sites: request.caller.sites, kinds: [.site, .gone, .alert], scopes: [], windows: [])
    return try stream(filter, request, services)
  }
}
