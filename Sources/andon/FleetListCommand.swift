import AndonCentral
import AndonCore
import AndonRuntime
import ArgumentParser

/// `andon fleet list`
struct FleetListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "The bridges of the fleet and its sites, as andon_reader.",
    usage: "fleet list [<options>]",
    discussion: """
      Lag is the time since something of a site arrived. A bridge is idle while it takes no sites, for example \
      because it has no broker. --json prints an object with bridges and sites.
      """, examples: ["andon fleet list --unowned"])

  @OptionGroup var options: CentralOptions
  @Flag(name: .long, help: "Only sites that have no bridge.") var unowned = false
  @Flag(name: .long, help: "Print JSON instead of tables.") var json = false

  func run() throws {
    let administration = try FleetCommands.open(options)
    let bridges = try Failure.wrap { try administration.bridges() }
    let sites = try Failure.wrap { try administration.sites() }.filter {
      unowned ? $0.unownedMs != nil : $0.isOfFleet || $0.state != "free"
    }
    if json {
      var writer = JSONWriter()
      writer.field("bridges", json: JSONWriter.array(bridges.map(\.json)))
      writer.field("sites", json: JSONWriter.array(sites.map(\.json)))
      return Output.writeLine(writer.end())
    }
    var table = TextTable(["bridge", "state", "sites", "weight", "broker", "last beat", "version"])
    for bridge in bridges {
      table.add([
        bridge.bridgeID, bridge.state, "\(bridge.sites)", Self.decimal(bridge.weight),
        bridge.hasBroker ? "yes" : "no", Self.time(bridge.sinceBeatMs), bridge.version,
      ])
    }
    print(table.text)
    if bridges.isEmpty { print("none") }
    print("")
    table = TextTable(["site", "bridge", "state", "epoch", "lag", "weight", "pinned to", "unowned for"])
    for site in sites {
      table.add([
        site.siteID, site.bridgeID ?? "–", site.state, "\(site.epoch)", Self.time(site.lagMs),
        site.weight.map(Self.decimal) ?? "–", site.pinnedTo ?? "–", Self.time(site.unownedMs),
      ])
    }
    print(table.text)
    if sites.isEmpty { print("none") }
  }

  private static func decimal(_ value: Double) -> String {
    let tenths = Int64((value * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)"
  }

  /// Seconds, from 10 minutes on minutes.
  private static func time(_ ms: Int64?) -> String {
    guard let ms else { return "–" }
    return ms < 600_000 ? "\(max(0, ms) / 1000) s" : "\(ms / 60_000) min"
  }
}
