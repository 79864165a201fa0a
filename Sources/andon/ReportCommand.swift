import AndonConfiguration
package import AndonCore
import AndonRuntime
import AndonStore
import ArgumentParser

/// `andon report`
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "The report of a shift of a line or of the site.",
    usage: "report --site <site> [<options>]",
    discussion: """
      Plan, actual and gap hour by hour, stops by reason, alerts and gaps in the data: of the shift that \
      contains --at, between shifts of the last one. Names no worker. --json prints the object of the \
      API, --html the page that a browser gets.
      """,
    examples: [
      "andon report --site plant-a --line line-1",
      "andon report --site plant-a --at yesterday --html > shift.html",
    ])

  @OptionGroup var options: SiteOptions
  @Option(name: .long, help: "A line of the site; otherwise the whole site.") var line: String?
  @Option(name: .long, parsing: .unconditional, help: "An instant in the shift: \(PointInTime.forms).")
  var at: PointInTime?
  @Option(name: .long, parsing: .unconditional, help: "Take this as the present.") var asOf: PointInTime?
  @Flag(name: .long, help: "Print JSON instead of tables.") var json = false
  @Flag(name: .long, help: "Print a page for a browser and for paper, one sheet of A4.") var html = false
  @Option(name: .long, help: "The language of the page: en or de.") var lang = PageLanguage.english

  func validate() throws {
    if json && html { throw ValidationError("give either --json or --html") }
  }

  func run() throws {
    let (site, report, clock) = try options.read { site, store in
      let nowMs = PointInTime.orNow(asOf, at: site)
      let chosen = line.flatMap { site.layout.line($0) }
      if let line, chosen == nil { throw Failure(site.noLine(line)) }
      let report = try ShiftReportQuery(site: site, line: chosen)
        .report(store, atMs: at?.epochMs(at: site) ?? nowMs, nowMs: nowMs)
      return (site, report, try store.calendars(of: site).site)
    }
    guard let report else {
      throw Failure("no shift contains that instant, nor did one end in the week before")
    }
    if json { return Output.writeLine(report.json) }
    if html {
      return Output.write(ReportPage(report, names: site.names, clock: clock, language: lang).html)
    }
    printFigures(report, site, clock)
    printHours(report, clock)
    printLosses(report, clock)
  }

  private func printFigures(_ report: ShiftReport, _ site: SiteSettings, _ clock: SiteCalendar) {
    let (record, window) = (report.figures, report.figures.window)
    print(
      "\(site.id)\(line.map { "/\($0)" } ?? "") · shift \(window.shiftID ?? "") · \(clock.localText(window.startMs))"
        + " to \(clock.localText(window.endMs)) (\(site.timeZone))\(record.isFinal ? "" : " · not over")")
    let names: [KPIMetric] = [
      .units, .targetUnits, .gapUnits, .pace, .forecastUnits, .utilization, .availability, .coverage,
    ]
    let texts = names.compactMap { metric in
      record.metrics.first { $0.name == metric.rawValue }.map { "\($0.name) \($0.text)" }
    }
    print(texts.joined(separator: " · "))
  }

  private func printHours(_ report: ShiftReport, _ clock: SiteCalendar) {
    var table = TextTable(["hour", "target", "units", "gap", "total", "largest stop"])
    for hour in report.hours {
      let why = hour.largest.map { largest in
        "\(largest.stop.workstationID) \(hour.largestMs / 60_000) min \(largest.reason?.name ?? (largest.asks ? "?" : ""))"
      }
      table.add([
        String(clock.localText(hour.startMs).dropFirst(11).prefix(5)), text(hour.targetUnits),
        hour.units.map { "\($0)" } ?? "withheld",
        text(hour.gapUnits), text(hour.totalGapUnits), why ?? "–",
      ])
    }
    print(table.text)
  }

  private func printLosses(_ report: ShiftReport, _ clock: SiteCalendar) {
    var table = TextTable(["reason", "stops", "minutes", "share"])
    for row in report.pareto {
      table.add([
        row.id ?? "none given", "\(row.stops)", "\(row.stopMs / 60_000)", "\(row.share / 100) %",
      ])
    }
    if !report.pareto.isEmpty { print(table.text) }
    for alert in report.alerts {
      print("alert \(alert.alertID): \(alert.calls), first \(clock.localText(alert.firstMs))")
    }
    for gap in report.gaps {
      print(
        "gap \(gap.cause)\(gap.cameraID.map { " of \($0)" } ?? ""): \(clock.localText(gap.fromMs)) to "
          + clock.localText(gap.toMs))
    }
  }

  private func text(_ number: Int64?) -> String { number.map(String.init) ?? "–" }
}

extension PageLanguage: ExpressibleByArgument {}
