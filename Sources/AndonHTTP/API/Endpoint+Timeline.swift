import AndonConfiguration
import AndonCore
import AndonStore

extension Endpoint {
  /// What workstations and workers did over time.
  static let timeline: [Endpoint] = [
    Endpoint(
      path: "/api/v1/sites/{site}/timeline", operation: .listTimeline,
      summary: "The states of workstations or of a worker over time, exact to the millisecond.",
      detail: """
        At most 31 days. With `scope=line` or `site`, one row a workstation. No run reaches over the end of a shift; \
        each begins and ends inside the range.
        """,
      parameters: [
        .site,
        .init(
          name: "scope", kind: .words(["workstation", "line", "site", "worker"]), fallback: "site",
          help: "Of what: one workstation, the workstations of a line or of the site, or one worker."),
        .init(name: "id", kind: .identifier, help: "The workstation, line or worker; not with the site."),
        .rangeFrom, .rangeTo,
        .init(
          name: "limit", kind: .integer(1...10_000), fallback: "10000", help: "How many runs at most."),
        .cursor, .asOf, .reason,
      ],
      answers: [.init(schema: "run_list", help: "By workstation, then by time; of a worker, by time.")],
      problems: [409, 503], sharedForMs: 1000, answer: runs)
  ]

  private static func runs(_ request: APIRequest, _ services: APIServices) async throws -> APIReply {
    let site = try services.site(request)
    let (fromMs, toMs) = (request.instantMs("from") ?? 0, request.instantMs("to") ?? 0)
    try check(fromMs, toMs, atMostDays: 31)
    let nowMs = request.instantMs("as_of") ?? request.nowMs
    let (scope, id) = (request.word("scope"), request.text("id"))
    guard (scope == "site") == (id == nil) else {
      throw Problem.parameter("id", scope == "site" ? "is not for the scope site" : "is missing")
    }
    let wanted = try stations(scope, id, of: site)
    var items = try await services.read(site) { store in
      let query = TimelineQuery(site: site)
      return scope == "worker"
        ? try query.worker(id ?? "", in: fromMs..<toMs, store, nowMs: nowMs)
        : try query.workstations(wanted, in: fromMs..<toMs, store, nowMs: nowMs)
    }
    if let text = request.text("cursor") {
      guard let separator = text.firstIndex(of: ":"), let startMs = Int64(text[..<separator]) else {
        throw Problem.parameter("cursor", "is none of ours")
      }
      let station = String(text[text.index(after: separator)...])
      items = items.filter { (station, startMs) < (order($0, scope), $0.startMs) }
    }
    let page = items.prefix(request.integer("limit"))
    var reply = APIReply.list(
      ListPayloads.timeline, (site.id, nowMs, scope, id, fromMs, toMs), page.map(\.json),
      nextCursor: page.count < items.count ? page.last.map { "\($0.startMs):\(order($0, scope))" } : nil)
    if scope == "worker" {
      reply.look = Look(
        workerID: id, subjects: page.isEmpty ? 0 : 1, fromMs: page.first?.startMs, toMs: page.last?.endMs)
    }
    return reply
  }

  /// By what items come before their time: workers have no rows.
  private static func order(_ item: TimelineItem, _ scope: String) -> String {
    scope == "worker" ? "" : item.workstationID ?? ""
  }

  /// Nil for all.
  private static func stations(
    _ scope: String, _ id: String?, of site: SiteSettings
  ) throws(Problem) -> Set<String>? {
    guard let id, scope != "worker" else { return nil }
    guard scope == "line" else { return [id] }
    guard let line = site.layout.line(id) else {
      throw .notFound("site \"\(site.id)\" has no line \"\(id)\"", code: "unknown_line")
    }
    return Set(line.workstations)
  }
}
