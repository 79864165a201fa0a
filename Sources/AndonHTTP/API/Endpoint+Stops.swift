import AndonAccess
import AndonConfiguration
import AndonCore
import AndonIngest
import AndonRuntime
import AndonStore

extension Endpoint {
  /// When workstations stood, and where the time went.
  static let stops: [Endpoint] = [
    Endpoint(
      path: "/api/v1/sites/{site}/stops", operation: .listStops,
      summary: "The stops of workstations that have a part in a range.",
      detail: "At most 31 days. Micro-stops, which are not longer than `stops.min`, are not listed.",
      parameters: stopParameters + [
        .init(
          name: "reason", kind: .identifier,
          help: "Only stops with this reason; `none`: only those without one."),
        .init(name: "open", kind: .words(["true", "false"]), help: "Only open stops, or only ended ones."),
        .largeLimit, .cursor,
      ],
      answers: [.init(schema: "stop_list", help: "By start, then by workstation.")], problems: [409, 503],
      sharedForMs: 1000, answer: list),
    Endpoint(
      path: "/api/v1/sites/{site}/stops/pareto", operation: .sumStops,
      summary: "Number and time of stops by workstation, line or reason, the longest time first.",
      detail: "At most 31 days. A stop counts with its part in the range.",
      parameters: stopParameters + [
        .init(
          name: "by", kind: .words(StopParetoRow.Key.allCases.map(\.rawValue)), fallback: "workstation",
          help: "What the stops are grouped by.")
      ],
      answers: [.init(schema: "stop_sum_list", help: "The longest time first, then by id.")],
      problems: [409, 503],
      sharedForMs: 5000, answer: sums),
    Endpoint(
      method: .post, path: "/api/v1/sites/{site}/stops/reason", operation: .giveReason,
      summary: "Says why a workstation stands or stood.",
      detail:
        "Takes effect at once and is kept over restarts. The newest reason of a stop counts; all stay in the journal.",
      parameters: [
        .site,
        .init(name: "stop_id", kind: .text(limit: 96), help: "The stop, e.g. S3:1768370400000."),
        .init(
          name: "workstation_id", kind: .identifier,
          help: "Instead of `stop_id`: its open stop, otherwise its last one."),
        .init(
          name: "reason", kind: .identifier, isRequired: true,
          help: "One of `stops.reasons`; `none` takes the reason away."),
        .init(name: "comment", kind: .text(limit: 500), help: "More about it."),
        .init(name: "by", kind: .text(limit: 64), fallback: "dashboard", help: "Who says so."),
      ],
      answers: [.init(schema: "command_result", help: "Done.")], problems: [409, 503], answer: giveReason),
  ]

  private static let stopParameters: [APIParameter] = [
    .site, .rangeFrom, .rangeTo,
    .init(name: "workstation", kind: .identifier, help: "Only of this workstation."),
    .init(name: "line", kind: .identifier, help: "Only of the workstations of this line."), .asOf,
  ]

  private static func list(_ request: APIRequest, _ services: APIServices) async throws -> APIReply {
    let (site, all, nowMs) = try await stops(request, services)
    let limit = request.integer("limit")
    var parts = all
    if let open = request.text("open") { parts = parts.filter { $0.stop.isOpen == (open == "true") } }
    if let reason = request.text("reason") { parts = parts.filter { $0.hasReason(reason) } }
    if let text = request.text("cursor") {
      guard let separator = text.firstIndex(of: ":"), let startMs = Int64(text[..<separator]) else {
        throw Problem.parameter("cursor", "is none of ours")
      }
      let last = (startMs, String(text[text.index(after: separator)...]))
      parts = parts.filter { last < ($0.stop.startMs, $0.stop.workstationID) }
    }
    let page = parts.prefix(limit)
    let next = page.count < parts.count ? page.last?.stop : nil
    return .list(
      ListPayloads.stops, (site.id, nowMs), page.map { StopRecord($0, of: site).json(nowMs: nowMs) },
      nextCursor: next.map { "\($0.startMs):\($0.workstationID)" })
  }

  private static func sums(_ request: APIRequest, _ services: APIServices) async throws -> APIReply {
    let (site, parts, nowMs) = try await stops(request, services)
    let key = StopParetoRow.Key(rawValue: request.word("by")) ?? .workstation
    return .list(
      ListPayloads.stopSums, (site.id, nowMs, key),
      StopParetoRow.rows(parts, by: key, in: site.layout).map(\.json))
  }

  private static func giveReason(_ request: APIRequest, _ services: APIServices) async throws -> APIReply {
    var body = CommandRequest.Body()
    (body.stopID, body.workstationID) = (request.text("stop_id"), request.text("workstation_id"))
    (body.reason, body.comment) = (request.text("reason"), request.text("comment"))
    body.by = request.text("by")
    let read = StopCommand.read("reason", body).map { command in
      var command = command
      command.isByVerified = request.caller.user != nil
      return SiteCommandQueue.Work.stop(command)
    }
    return try await perform("stop/reason", read, request, services)
  }

  private static func stops(
    _ request: APIRequest, _ services: APIServices
  ) async throws -> (site: SiteSettings, parts: [StopPart], nowMs: Int64) {
    let site = try services.site(request)
    let (fromMs, toMs) = (request.instantMs("from") ?? 0, request.instantMs("to") ?? 0)
    try check(fromMs, toMs, atMostDays: 31)
    let nowMs = request.instantMs("as_of") ?? request.nowMs
    let wanted = SiteLayout.workstations(request.text("workstation"), of: try line(request, of: site))
    let parts = try await services.read(site) { store in
      try StopQuery(site: site).stops(overlapping: fromMs..<toMs, of: wanted, store, nowMs: nowMs)
    }
    return (site, parts, nowMs)
  }
}
