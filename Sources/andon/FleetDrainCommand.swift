import AndonCentral
import ArgumentParser

/// `andon fleet drain`
struct FleetDrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drain",
    abstract: "Have a bridge give its sites to the others, before its machine is taken away.",
    usage: "fleet drain <BRIDGE> [<options>]",
    discussion: """
      It stops each in order, gives it away, and takes none until --undo. andon fleet list shows when it has none \
      left.
      """, examples: ["andon fleet drain bridge-07", "andon fleet drain bridge-07 --undo"])

  @Argument(help: ArgumentHelp("The bridge, its bridge.id.", valueName: "BRIDGE")) var bridge: String
  @OptionGroup var options: CentralOptions
  @Flag(name: .long, help: "Let it take sites again.") var undo = false

  func run() throws {
    let administration = try FleetCommands.open(options)
    guard try Failure.wrap({ try administration.drain(bridge, !undo) }) else {
      throw Failure("there is no bridge \(bridge) in the fleet; andon fleet list has their names")
    }
    print("\(bridge): \(undo ? "takes sites again" : "gives its sites to the others")")
  }
}
