import AndonConfiguration
import AndonCore
import AndonRuntime
import AndonStore
import ArgumentParser
import Foundation

/// `andon alerts`
struct AlertsCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "alerts", abstract: "How well a site's alerts work.",
    examples: ["andon alerts report --site plant-a --from -30d --to now"],
    subcommands: [AlertsReportCommand.self]
  )
}

/// `andon alerts report`
struct AlertsReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Alerts and pages of a range of time, measured from the journal, beside the bars of EEMUA 191.",
    usage: "alerts report --site <site> --from <from> --to <to> [<options>]",
    discussion: "Also while the bridge runs.",
    examples: ["andon alerts report --site plant-a --from -30d --to now"])

  @OptionGroup var options: SiteOptions
  @Option(name: .long, parsing: .unconditional, help: "First instant: \(PointInTime.forms).") var from:
    PointInTime
  @Option(name: .long, parsing: .unconditional, help: "First instant no longer in the range.") var to:
    PointInTime
  @Flag(name: .long, help: "Print JSON instead of text.") var json = false

  func run() throws {
    let report = try options.read { site, store in
      let (fromMs, toMs) = try PointInTime.range(from, to, at: site)
      return try store.alarmReport(
        site, fromMs: fromMs ?? .min, toMs: toMs ?? .max, nowMs: WallClock.system.nowMs)
    }
    if json { return Output.writeLine(report.json()) }
    printText(report)
  }

  private func printText(_ report: AlarmReport) {
    print(
      "\(options.site) · \(CivilTime.text(epochMs: report.fromMs)) to \(CivilTime.text(epochMs: report.toMs))"
    )
    var table = TextTable(["what", "value", "bar (EEMUA 191)"])
    for line in report.lines { table.add([line.what, line.value, line.bar]) }
    print(table.text)
    guard !report.mostFrequent.isEmpty else { return }
    var frequent = TextTable(["most frequent", "raises"])
    for (name, value) in report.mostFrequent { frequent.add([name, "\(value)"]) }
    print("\n" + frequent.text)
  }
}
