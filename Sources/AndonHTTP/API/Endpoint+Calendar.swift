import AndonConfiguration
import AndonCore

extension Endpoint {
  /// When work is planned.
  static let calendar: [Endpoint] = [
    Endpoint(
      path: "/api/v1/sites/{site}/calendar", name: "listShifts",
      summary: "The shifts that begin in a range.",
      detail: "Closures, holidays and opened shifts are applied. At most 366 days.",
      parameters: [
        .site, .init(name: "from", kind: .instant, isRequired: true, help: "The first instant."),
        .init(name: "to", kind: .instant, isRequired: true, help: "The first instant no longer in it."),
        .init(name: "line", kind: .identifier, help: "A line of the site: its shifts instead of the site's."),
      ],
      answers: [.init(schema: "shift_list", help: "By time. Empty for a site without shifts.")],
      sharedForMs: 1000
    ) { request, services in
      let site = try services.site(request)
      let (fromMs, toMs) = (request.instantMs("from") ?? 0, request.instantMs("to") ?? 0)
      try check(fromMs, toMs)
      if let line = request.text("line") {
        throw Problem.notFound("site \"\(site.id)\" has no line \"\(line)\"", code: "unknown_line")
      }
      let shifts = SiteCalendar(site).shifts(beginningIn: fromMs..<toMs)
      return .list(ListPayloads.shifts, (site.id, request.nowMs), shifts.map(\.shiftJSON))
    }
  ]
}
