import AndonAccess
import AndonConfiguration
import AndonCore
import AndonIngest
import AndonRuntime
import AndonStore

extension Endpoint {
  /// How many units are to be made, and commands that change it.
  static let targets: [Endpoint] = [
    Endpoint(
      path: "/api/v1/sites/{site}/targets", operation: .listTargets,
      summary: "The targets that hold in a range.",
      detail: "Those of the configuration with the changes by command.",
      parameters: [.site, .rangeFrom, .rangeTo],
      answers: [.init(schema: "target_list", help: "By scope and id, then by time.")], problems: [503],
      sharedForMs: 1000
    ) { request, services in
      let site = try services.site(request)
      let (fromMs, toMs) = (request.instantMs("from") ?? 0, request.instantMs("to") ?? 0)
      try check(fromMs, toMs)
      let targets = try await services.read(site) { try $0.calendars(of: site) }.targets
      return .list(
        ListPayloads.targets, (site.id, request.nowMs),
        targets.subjects.flatMap { subject in
          targets.spans(of: subject).filter { $0.startMs < toMs && fromMs < $0.endMs }
            .map { $0.json(subject) }
        })
    },
    Endpoint(
      method: .post, path: "/api/v1/sites/{site}/targets/set", operation: .setTarget,
      summary: "So many units are to be made, from an instant on.",
      detail:
        "`units_per_hour` holds until the next command; `units` are for the shift that runs at that instant, and hold "
        + "until its end. Wins over the configuration. Takes effect at once and is kept over restarts.",
      parameters: [
        .site, scope, subject,
        .init(
          name: "units_per_hour", kind: .text(limit: 32),
          help: "Units in an hour of planned time, more than 0."),
        .init(
          name: "units", kind: .integer(1...1_000_000_000),
          help: "Units for the running shift, instead of units_per_hour."),
        from("With units, else the beginning of the running shift."),
        .init(name: "order", kind: .text(limit: 64), help: "The order that is made."),
        .init(name: "product", kind: .text(limit: 64), help: "The product that is made."), targetBy,
      ],
      answers: [.init(schema: "command_result", help: "Done.")], problems: [409, 503]
    ) { try await perform(target: "set", $0, $1) },
    Endpoint(
      method: .post, path: "/api/v1/sites/{site}/targets/clear", operation: .clearTarget,
      summary: "The target is as configured again, from an instant on.",
      detail: "Where none is configured, there is no target then. The same again is harmless.",
      parameters: [.site, scope, subject, from("Else now."), targetBy],
      answers: [.init(schema: "command_result", help: "Done.")], problems: [409, 503]
    ) { try await perform(target: "clear", $0, $1) },
    Endpoint(
      path: "/api/v1/sites/{site}/orders", operation: .listOrders,
      summary: "Units of each order in a range.",
      detail:
        "An order is made while a target that names it holds. At most \(KPIQuery.orderPartLimit) parts, each from "
        + "one target to the next.",
      parameters: [.site, .rangeFrom, .rangeTo, .asOf],
      answers: [.init(schema: "order_list", help: "By order, then by scope and id.")], problems: [409, 503],
      sharedForMs: 5000
    ) { request, services in
      let site = try services.site(request)
      let (fromMs, toMs) = (request.instantMs("from") ?? 0, request.instantMs("to") ?? 0)
      try check(fromMs, toMs)
      let nowMs = request.instantMs("as_of") ?? request.nowMs
      let sums = try await services.read(site) { store in
        try KPIQuery(site: site, scopes: [.site, .line, .workstation])
          .orders(in: fromMs..<toMs, store, nowMs: nowMs)
      }
      guard let sums else {
        throw Problem.parameter("to", "has more than \(KPIQuery.orderPartLimit) parts of orders before it")
      }
      return .list(ListPayloads.orders, (site.id, nowMs), sums.map(\.json))
    },
  ]

  private static let scope = APIParameter(
    name: "scope", kind: .words(TargetScope.allCases.map(\.rawValue)), isRequired: true,
    help: "What the target is for.")
  private static let subject = APIParameter(
    name: "id", kind: .identifier, help: "The workstation or line; not needed for the site.")
  private static let targetBy = APIParameter(
    name: "by", kind: .text(limit: 64), fallback: "dashboard", help: "Who decided.")

  private static func from(_ fallback: String) -> APIParameter {
    APIParameter(name: "from", kind: .instant, help: "From when on it holds. \(fallback)")
  }

  private static func perform(
    target name: String, _ request: APIRequest, _ services: APIServices
  ) async throws -> APIReply {
    var body = CommandRequest.Body()
    (body.scope, body.subject, body.by) = (request.text("scope"), request.text("id"), request.text("by"))
    (body.order, body.product) = (request.text("order"), request.text("product"))
    body.fromMs = request.instantMs("from")
    if let text = request.text("units_per_hour") {
      guard let number = Double(text), number.isFinite else {
        throw Problem.parameter("units_per_hour", "must be a number")
      }
      body.unitsPerHour = number
    }
    if request.text("units") != nil { body.units = Int64(request.integer("units")) }
    let read = TargetCommand.read(name, body).map { command in
      var command = command
      command.isByVerified = request.caller.user != nil
      return SiteCommandQueue.Work.target(command)
    }
    return try await perform("target/\(name)", read, request, services)
  }
}
