import AndonCore
import AndonRuntime
import AndonStore
import ArgumentParser
import Foundation

/// `andon quarantine …`
struct QuarantineCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quarantine", abstract: "What was rejected, and why; put it through again, or delete it.",
    examples: [
      "andon quarantine list --site plant-a", "andon quarantine replay --site plant-a --code cardinality",
    ],
    subcommands: [List.self, Show.self, Replay.self, Purge.self])

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Rejected events, newest first.", usage: "quarantine list --site <site> [<options>]",
      examples: ["andon quarantine list --site plant-a --limit 10"])

    @OptionGroup var options: SiteOptions
    @Option(name: .long, help: "At most that many.") var limit = 50
    @Flag(name: .long, help: "One JSON object a line, with the raw payload as text.") var json = false

    func run() throws {
      let rows = try options.read { try $1.quarantine(limit: max(1, limit)) }
      if json {
        for row in rows { Output.writeLine(QuarantineText.json(row)) }
        return
      }
      var table = TextTable(["id", "received", "camera", "code", "field", "detail", "bytes"])
      for row in rows {
        table.add([
          "\(row.id)", CivilTime.text(epochMs: row.receivedAtMs), row.cameraID, row.code, row.field,
          row.detail, "\(row.payloadBytes)",
        ])
      }
      print(rows.isEmpty ? "nothing was rejected" : table.text)
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "One rejected event: what came, why it was rejected, and where in it.",
      examples: ["andon quarantine show --site plant-a 17"])

    @OptionGroup var options: SiteOptions
    @Argument(help: "The id that list shows.") var id: Int64
    @Flag(name: .long, help: "One JSON object, with the raw payload as text.") var json = false

    func run() throws {
      guard let row = try options.read({ try $1.quarantineRow(id) }) else {
        throw Failure("there is no row \(id): it was replayed, purged, or made room for newer ones")
      }
      if json {
        Output.writeLine(QuarantineText.json(row))
      } else {
        print(QuarantineText.text(row))
      }
    }
  }

  struct Replay: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Put rejected events through the pipeline again, after the configuration was mended.",
      usage: "quarantine replay --site <site> [<options>]",
      discussion: """
        Each row is judged as of when it came and by the rules of now, and leaves the quarantine in \
        the same transaction: nothing is stored or counted twice. What is rejected again has a new \
        row. Rows of which only the first 64 KiB were kept, and events that are older than \
        ingest.max_age by now, stay. While a bridge runs, it does the work (asked by the command \
        topic; reload it first). Prints the counts as JSON.
        """,
      examples: [
        "andon quarantine replay --site plant-a --code cardinality",
        "andon quarantine replay --site plant-a --camera cam-01 --from -2h",
      ])

    @OptionGroup var options: SiteOptions
    @OptionGroup var choice: QuarantineChoice

    func validate() throws { try choice.validate() }
    func run() throws { try choice.perform(.replay, options) }
  }

  struct Purge: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Delete rejected events.", usage: "quarantine purge --site <site> [<options>]",
      discussion: "They are counted as quarantine_purged. While a bridge runs, it does the work.",
      examples: ["andon quarantine purge --site plant-a --older-than 30d"])

    @OptionGroup var options: SiteOptions
    @OptionGroup var choice: QuarantineChoice

    func validate() throws { try choice.validate() }
    func run() throws { try choice.perform(.purge, options) }
  }
}
