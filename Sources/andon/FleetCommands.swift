import AndonCentral
import ArgumentParser

/// `andon fleet …`
struct FleetCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fleet",
    abstract: "Bridges that share sites through the central database: sites, bridges, who runs what.",
    discussion: "Changes are made as andon_owner; a bridge sees them with its next beat.",
    examples: ["andon fleet list", "andon fleet drain bridge-07"],
    subcommands: [
      FleetApplyCommand.self, FleetListCommand.self, FleetDrainCommand.self, FleetMoveCommand.self,
    ])

  static func open(_ options: CentralOptions) throws -> FleetAdministration {
    let settings = try options.settings()
    return try Failure.wrap { try FleetAdministration(settings) }
  }
}
