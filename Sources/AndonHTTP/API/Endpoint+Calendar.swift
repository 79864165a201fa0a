import AndonAccess
import AndonConfiguration
import AndonCore
import AndonIngest
import AndonRuntime
import AndonStore

extension Endpoint {
  /// When work is planned, and commands that change it.
  static let calendar: [Endpoint] = [
    Endpoint(
      path: "/api/v1/sites/{site}/calendar", operation: .listShifts,
      summary: "The shifts that begin in a range.",
      detail: "Closures, holidays and opened shifts are applied. At most 366 days.",
      parameters: [
        .site, .rangeFrom, .rangeTo,
        .init(name: "line", kind: .identifier, help: "A line of the site: its shifts instead of the site's."),
      ],
      answers: [.init(schema: "shift_list", help: "By time. Empty for a site without shifts.")],
      problems: [503], sharedForMs: 1000
    ) { request, services in
      let site = try services.site(request)
      let (fromMs, toMs) = (request.instantMs("from") ?? 0, request.instantMs("to") ?? 0)
      try check(fromMs, toMs)
      let line = try line(request, of: site)?.id
      let calendars = try await services.read(site) { try $0.calendars(of: site) }
      let calendar = line.flatMap { calendars.calendar(ofLine: $0) } ?? calendars.site
      let shifts = calendar.shifts(beginningIn: fromMs..<toMs)
      return .list(
        ListPayloads.shifts, (site.id, request.nowMs), shifts.map { $0.shiftJSON(line: line) })
    },
    Endpoint(
      method: .post, path: "/api/v1/sites/{site}/calendar/close", operation: .closeDates,
      summary: "No shift begins on these dates.",
      detail: "Takes effect at once and is kept over restarts. The newest command that names a date counts.",
      parameters: [
        .site, date("from", isRequired: true, "The first date."),
        date("to", "The last date; else only the first."),
        .init(name: "reason", kind: .text(limit: 500), isRequired: true, help: "Why."), line, by,
      ],
      answers: [.init(schema: "command_result", help: "Done.")], problems: [409, 503]
    ) { try await perform("close", $0, $1) },
    Endpoint(
      method: .post, path: "/api/v1/sites/{site}/calendar/open", operation: .openShifts,
      summary: "These shifts begin on a date, although their days or a closure say no.",
      detail: "Takes effect at once and is kept over restarts. Shifts that would overlap are refused.",
      parameters: [
        .site, date("date", isRequired: true, "The date."),
        .init(
          name: "shifts", kind: .text(limit: 256), isRequired: true, help: "Shifts, separated by commas."),
        .init(name: "reason", kind: .text(limit: 256), help: "Why."), line, by,
      ],
      answers: [.init(schema: "command_result", help: "Done.")], problems: [409, 503]
    ) { try await perform("open", $0, $1) },
    Endpoint(
      method: .post, path: "/api/v1/sites/{site}/calendar/clear", operation: .clearDates,
      summary: "These dates are as configured again.",
      detail: "Without dates, everything that was changed by command. The same again is harmless.",
      parameters: [
        .site, date("from", "The first date."), date("to", "The last date; else only the first."),
        .init(name: "reason", kind: .text(limit: 500), help: "Why."), line, by,
      ],
      answers: [.init(schema: "command_result", help: "Done.")], problems: [409, 503]
    ) { try await perform("clear", $0, $1) },
  ]

  private static let line = APIParameter(
    name: "line", kind: .identifier, help: "A line of the site instead of the whole.")
  private static let by = APIParameter(
    name: "by", kind: .text(limit: 64), fallback: "dashboard", help: "Who decided.")

  private static func date(_ name: String, isRequired: Bool = false, _ help: String) -> APIParameter {
    APIParameter(name: name, kind: .text(limit: 10), isRequired: isRequired, help: "\(help) E.g. 2026-12-24.")
  }

  private static func perform(
    _ name: String, _ request: APIRequest, _ services: APIServices
  ) async throws -> APIReply {
    var body = CommandRequest.Body()
    (body.from, body.to, body.date) = (request.text("from"), request.text("to"), request.text("date"))
    body.shifts = request.text("shifts")?.split(separator: ",").map(String.init)
    (body.reason, body.by, body.line) = (request.text("reason"), request.text("by"), request.text("line"))
    let read = CalendarCommand.read(name, body).map { command in
      var command = command
      command.isByVerified = request.caller.user != nil
      return SiteCommandQueue.Work.calendar(command)
    }
    return try await perform("calendar/\(name)", read, request, services)
  }
}
