import AndonCentral
import ArgumentParser

/// `andon fleet move`
struct FleetMoveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "move", abstract: "Pin a site to a bridge, or let it run anywhere.",
    usage: "fleet move <SITE> [<BRIDGE>] [<options>]",
    discussion: """
      The bridge that has it stops it in order and gives it away. While the other one is dead, drained or without a \
      broker, any bridge has it.
      """, examples: ["andon fleet move plant-a bridge-07", "andon fleet move plant-a --anywhere"])

  @Argument(help: ArgumentHelp("The site.", valueName: "SITE")) var site: String
  @Argument(help: ArgumentHelp("The bridge, its bridge.id.", valueName: "BRIDGE")) var bridge: String?
  @OptionGroup var options: CentralOptions
  @Flag(name: .long, help: "Pin it to no bridge.") var anywhere = false

  func validate() throws {
    guard (bridge == nil) == anywhere else { throw ValidationError("give a bridge, or --anywhere") }
  }

  func run() throws {
    let administration = try FleetCommands.open(options)
    if let bridge {
      let names = try Failure.wrap { try administration.bridges() }.map(\.bridgeID)
      guard names.contains(bridge) else {
        throw Failure("there is no bridge \(bridge) in the fleet; it has: \(names.joined(separator: ", "))")
      }
    }
    guard try Failure.wrap({ try administration.pin(site, to: bridge) }) else {
      throw Failure("\(site) is no site of the fleet; give it one with andon fleet apply")
    }
    print("\(site): \(bridge.map { "pinned to \($0)" } ?? "runs anywhere")")
  }
}
