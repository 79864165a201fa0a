import AndonConfiguration
import AndonCore
import AndonStore

extension APIParameter {
  /// For requests whose answer the access log records.
  static let reason = APIParameter(
    name: "reason", kind: .text(limit: 200),
    help: "Why, for the access log, if the answer shows workers; or the header `Andon-Reason`.")
}

extension Endpoint {
  /// Who looked at workers' figures and events.
  static let accessLog = Endpoint(
    path: "/api/v1/access-log", operation: .listAccessLog,
    summary: "Who looked at workers' figures and events, newest first.",
    detail:
      "One row for each answer that showed a worker, and for each stream that may. Rows are deleted by retention only.",
    parameters: [
      .init(name: "site", kind: .identifier, isRequired: true, help: "The site."), .from, .to,
      .init(name: "user", kind: .text(limit: 64), help: "Only of this user."), .limit, .cursor,
    ],
    answers: [.init(schema: "access_list", help: "A page.")], problems: [503]
  ) { request, services in
    let site = try services.site(request)
    let (fromMs, toMs) = (request.instantMs("from") ?? 0, request.instantMs("to") ?? .max)
    guard fromMs < toMs else { throw Problem.parameter("from", "must lie before to") }
    var before: Int64?
    if let cursor = request.text("cursor") {
      before = Int64(cursor)
      guard before != nil else { throw Problem.parameter("cursor", "is none of ours") }
    }
    let (start, user, limit) = (before, request.text("user"), request.integer("limit"))
    let rows = try await services.read(site) {
      try $0.accessLog(fromMs: fromMs, toMs: toMs, before: start, user: user, limit: limit + 1)
    }
    let page = rows.prefix(limit)
    return .list(
      ListPayloads.accesses, site.id, page.map { $0.json(site: site.id) },
      nextCursor: rows.count > limit ? page.last.map { String($0.seq) } : nil)
  }
}
