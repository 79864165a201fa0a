import AndonConfiguration
import AndonCore
import AndonStore

extension Endpoint {
  /// Figures of several windows beside each other.
  static let compare = Endpoint(
    path: "/api/v1/sites/{site}/compare", operation: .compareWindows,
    summary: "The figures of two windows, or of the same shift in several weeks, and how they differ.",
    detail: """
      Give `a` and `b`, an instant in each window, or `weeks`. `diff_…` is the figure less that of the item before: of b \
      less that of a, or of a week less that of the week before. Weeks in which the shift did not run are left out. \
      Workers cannot be compared.
      """,
    parameters: [
      .site,
      .init(name: "scope", kind: .words(scopes), fallback: "site", help: "What about."),
      .init(name: "id", kind: .identifier, help: "The workstation, line or area; not needed for the site."),
      .init(
        name: "window", kind: .words(WindowKind.allCases.map(\.rawValue)), fallback: "shift",
        help: "The kind of both windows; with `weeks`, shift."),
      .init(name: "a", kind: .instant, help: "An instant in the first window."),
      .init(name: "b", kind: .instant, help: "An instant in the second window."),
      .init(
        name: "weeks", kind: .integer(1...52), help: "How many weeks before it, instead of `a` and `b`."),
      .init(
        name: "at", kind: .instant,
        help: "With `weeks`: an instant in the last of the shifts; else the last one that is over."), .asOf,
    ],
    answers: [.init(schema: "compared_list", help: "a, then b; weeks by time.")], problems: [409, 503],
    sharedForMs: 5000
  ) { request, services in
    let site = try services.site(request)
    let nowMs = request.instantMs("as_of") ?? request.nowMs
    let (scope, id) = try subject(request, of: site)
    let query = CompareQuery(site: site, scope: scope, id: id)
    let records: [KPIRecord]
    switch (request.text("weeks"), request.instantMs("a"), request.instantMs("b")) {
    case (.some, nil, nil):
      guard request.word("window") == "shift" else { throw Problem.parameter("window", "must be shift") }
      let (count, atMs) = (request.integer("weeks"), request.instantMs("at"))
      records = try await services.read(site) { try query.weeks(count, atMs: atMs, $0, nowMs: nowMs) }
    case (nil, .some(let a), .some(let b)):
      guard request.text("at") == nil else { throw Problem.parameter("at", "is for weeks") }
      let kind = WindowKind(rawValue: request.word("window")) ?? .shift
      let found = try await services.read(site) {
        try query.windows(kind, containing: [a, b], $0, nowMs: nowMs)
      }
      for (name, record) in zip(["a", "b"], found) where record == nil {
        throw Problem.notFound(
          "\(name) lies in no \(kind.rawValue) with figures of \(scope.rawValue) \"\(id)\"",
          code: "no_figures")
      }
      records = found.compactMap(\.self)
    default: throw Problem.parameter("weeks", "or both a and b must be given")
    }
    return .list(
      ListPayloads.compared, (site.id, nowMs, scope, id), ComparedWindow.all(records).map(\.json))
  }

  /// Persons are not compared with themselves of last week.
  private static let scopes = KPIScope.allCases.filter { $0 != .worker }.map(\.rawValue)

  private static func subject(
    _ request: APIRequest, of site: SiteSettings
  ) throws(Problem) -> (KPIScope, String) {
    let scope = KPIScope(rawValue: request.word("scope")) ?? .site
    if scope == .site { return (.site, site.id) }
    guard let id = request.text("id") else { throw .parameter("id", "is missing: the \(scope.rawValue)") }
    if scope == .line, site.layout.line(id) == nil {
      throw .notFound("site \"\(site.id)\" has no line \"\(id)\"", code: "unknown_line")
    }
    if scope == .area, site.layout.area(id) == nil {
      throw .notFound("site \"\(site.id)\" has no area \"\(id)\"", code: "unknown_area")
    }
    return (scope, id)
  }
}
