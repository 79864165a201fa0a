import AndonCentral
import AndonCore
import AndonRuntime
import ArgumentParser

/// `andon central status`
struct CentralStatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "What the central database has of each site, as andon_reader.",
    usage: "central status [<options>]",
    discussion: "--json prints an array with an object a site.", examples: ["andon central status"])

  @OptionGroup var options: CentralOptions
  @Flag(name: .long, help: "Print JSON instead of a table.") var json = false

  func run() throws {
    let administration = try options.open()
    let status = try Failure.wrap { try administration.status() }
    if json { return Output.writeLine(JSONWriter.array(status.sites.map(\.json))) }
    let about = status.about
    print("schema \(about.schemaVersion) · layout \(about.layout) · cluster \(about.clusterID)")
    if about.schemaVersion < CentralSchema.version {
      print("this program knows schema \(CentralSchema.version): run andon central migrate")
    }
    if status.strayRows > 0 {
      print("\(status.strayRows) rows lie outside every partition: is a clock wrong?")
    }
    var table = TextTable(["site", "bridge", "position", "arrived last", "newest event", "events"])
    for site in status.sites {
      table.add([
        site.siteID, site.bridgeID ?? "–", "\(site.seq)", Self.text(site.shippedMs),
        Self.text(site.newestEventMs),
        "\(site.stored)",
      ])
    }
    print(table.text)
    if status.sites.isEmpty { print("none") }
  }

  private static func text(_ ms: Int64?) -> String { ms.map { CivilTime.text(epochMs: $0) } ?? "–" }
}
