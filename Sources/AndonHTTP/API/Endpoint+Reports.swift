import AndonConfiguration
import AndonCore
import AndonStore

extension Endpoint {
  /// What a shift made, and what it lost.
  static let reports: [Endpoint] = [
    Endpoint(
      path: "/api/v1/sites/{site}/reports/shift", operation: .reportShift,
      summary: "The report of a shift of a line or of the site: plan, actual, stops, alerts and gaps.",
      detail: "Of the shift that contains `at`; between shifts, of the last one. No worker is named.",
      parameters: reportParameters,
      answers: [.init(schema: "shift_report", help: "The report.")], problems: [409, 503], sharedForMs: 5000
    ) { request, services in .json(try await report(request, services).json) },
    Endpoint(
      path: "/api/v1/sites/{site}/reports/shift/hours", operation: .reportHours,
      summary: "The hours of that report, as a list.",
      detail: "The same shift. As CSV for a spreadsheet.",
      parameters: reportParameters,
      answers: [.init(schema: "report_hour_list", help: "By time.")], problems: [409, 503], sharedForMs: 5000
    ) { request, services in
      let report = try await report(request, services)
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

  private static func report(_ request: APIRequest, _ services: APIServices) async throws -> ShiftReport {
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
    let report = try await services.read(site) { [line] store in
      try ShiftReportQuery(site: site, line: line).report(store, atMs: atMs, nowMs: nowMs)
    }
    guard let report else {
      throw Problem.notFound(
        "no shift contains that instant, nor did one end in the week before", code: "no_shift")
    }
    return report
  }
}
