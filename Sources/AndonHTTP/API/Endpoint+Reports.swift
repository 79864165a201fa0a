import AndonConfiguration
import AndonCore
import AndonStore

extension Endpoint {
  /// What a shift made, and what it lost.
  static let reports: [Endpoint] = [
    Endpoint(
      path: "/api/v1/sites/{site}/reports/shift", operation: .reportShift,
      summary: "The report of a shift of a line or of the site: plan, actual, stops, alerts and gaps.",
      detail:
        "Of the shift that contains `at`; between shifts, of the last one. No worker is named. A browser, which asks for "
        + "`text/html`, gets a page of one sheet of A4 for printing.",
      parameters: reportParameters + [
        .init(
          name: "lang", kind: .words(PageLanguage.allCases.map(\.rawValue)),
          help: "The language of the page; else that of `Accept-Language`.")
      ],
      answers: [.init(schema: "shift_report", help: "The report.", hasPage: true)], problems: [409, 503],
      sharedForMs: 5000
    ) { request, services in
      let (report, site, clock) = try await report(request, services)
      var reply = APIReply.json(report.json)
      let names = site.names
      reply.page = ReplyPage(language: request.text("lang").flatMap(PageLanguage.init)) { language in
        ReportPage(report, names: names, clock: clock, language: language).html
      }
      return reply
    },
    Endpoint(
      path: "/api/v1/sites/{site}/reports/shift/hours", operation: .reportHours,
      summary: "The hours of that report, as a list.",
      detail: "The same shift. As CSV for a spreadsheet.",
      parameters: reportParameters,
      answers: [.init(schema: "report_hour_list", help: "By time.")], problems: [409, 503], sharedForMs: 5000
    ) { request, services in
      let report = try await report(request, services).report
      return .list(
        ListPayloads.reportHours, (report.figures.siteID, report.figures.nowMs), report.hours.map(\.json))
    },
  ]

  private static let reportParameters: [APIParameter] = [
    .site,
    .init(name: "scope", kind: .words(["line", "site"]), fallback: "site", help: "Of what."),
    .init(name: "id", kind: .identifier, help: "The line; not needed for the site."),
    .init(name: "at", kind: .instant, help: "An instant in the shift; else the present."), .asOf,
  ]

  private static func report(_ request: APIRequest, _ services: APIServices) async throws
    -> (report: ShiftReport, site: SiteSettings, clock: SiteCalendar)
  {
    let site = try services.site(request)
    let nowMs = request.instantMs("as_of") ?? request.nowMs
    let atMs = request.instantMs("at") ?? nowMs
    var line: SiteLayout.Line?
    if request.word("scope") == "line" {
      guard let id = request.text("id") else { throw Problem.parameter("id", "is missing: the line") }
      line = site.layout.line(id)
      if line == nil {
        throw Problem.notFound("site \"\(site.id)\" has no line \"\(id)\"", code: "unknown_line")
      }
    }
    let (report, clock) = try await services.read(site) { [line] store in
      let report = try ShiftReportQuery(site: site, line: line).report(store, atMs: atMs, nowMs: nowMs)
      return (report, try store.calendar(of: site))
    }
    guard let report else {
      throw Problem.notFound(
        "no shift contains that instant, nor did one end in the week before", code: "no_shift")
    }
    return (report, site, clock)
  }
}
