import AndonConfiguration
import AndonCore
import AndonRuntime
import AndonStore
import ArgumentParser

/// `andon access-log`
struct AccessLogCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "access-log", abstract: "Who looked at workers' figures and events over HTTP.",
    usage: "access-log --site <site> [<options>]",
    discussion: "Oldest first. Also while the bridge runs.",
    examples: ["andon access-log --site plant-a --from -7d"])

  @OptionGroup var options: SiteOptions
  @Option(name: .long, parsing: .unconditional, help: "First instant: \(PointInTime.forms).") var from:
    PointInTime?
  @Option(name: .long, parsing: .unconditional, help: "First instant no longer in the range.") var to:
    PointInTime?
  @Flag(name: .long, help: "Print JSON, one object a line, instead of text.") var json = false

  private static let tableRows = 1000

  func run() throws {
    var table = Self.emptyTable
    var count = 0
    try options.read { site, store in
      let (fromMs, toMs) = try PointInTime.range(from, to, at: site)
      try store.visitAccessLog(fromMs: fromMs ?? .min, toMs: toMs ?? .max) { row in
        if json { return Output.writeLine(row.json(site: site.id)) }
        table.add(Self.cells(row))
        count += 1
        // The columns are as wide as these rows need: memory stays bounded.
        guard count % Self.tableRows == 0 else { return }
        print(table.text)
        table = Self.emptyTable
      }
    }
    if !json, count == 0 || count % Self.tableRows != 0 { print(table.text) }
  }

  private static var emptyTable: TextTable {
    TextTable(["when", "who", "proof", "from where", "what", "worker", "subjects", "range", "why"])
  }

  private static func cells(_ row: AccessRow) -> [String] {
    let range = [row.fromMs, row.toMs].map { $0.map { CivilTime.text(epochMs: $0) } ?? "" }
    return [
      CivilTime.text(epochMs: row.atMs), row.user, row.proof, row.address, row.operation, row.workerID,
      "\(row.subjects)", range.joined(separator: "/"), row.reason,
    ]
  }
}
