import AndonCentral
import AndonConfiguration
import ArgumentParser
import Postgres

/// `andon central …`
struct CentralCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "central",
    abstract: "The central database (PostgreSQL) of several plants: make it, migrate it, look at it.",
    discussion: "docs/central.md",
    subcommands: [CentralInitCommand.self, CentralMigrateCommand.self, CentralStatusCommand.self])
}

/// `--url URL [--password-file FILE]`
struct CentralOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "postgresql://user@host/database, without a password; several hosts with commas between them.",
      valueName: "URL"))
  var url: String
  @Option(name: .long, help: ArgumentHelp("The file with the user's password.", valueName: "FILE"))
  var passwordFile: String?

  func settings() throws -> PostgresSettings {
    try Failure.wrap {
      let password = try passwordFile.map {
        PostgresPassword(try SecretFile.read($0, for: "--password-file"))
      }
      do {
        return try PostgresSettings(url: url, password: password, applicationName: "andon central")
      } catch {
        throw Failure("--url: \(error)")
      }
    }
  }

  func open() throws -> CentralAdministration {
    let settings = try settings()
    return try Failure.wrap { try CentralAdministration(settings) }
  }
}
