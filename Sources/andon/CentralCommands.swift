import AndonCentral
import AndonConfiguration
import ArgumentParser
import Postgres

/// `andon central …`
struct CentralCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "central",
    abstract: "The central database (PostgreSQL) of several plants: make it, migrate it, look at it.",
    discussion: "docs/central.md", examples: ["andon central status", "andon central check --since -30d"],
    subcommands: [
      CentralInitCommand.self, CentralMigrateCommand.self, CentralStatusCommand.self,
      CentralCheckCommand.self,
      CentralBackfillCommand.self, CentralDrainCommand.self, CentralRepairCommand.self,
    ])
}

/// `--url URL [--password-file FILE]`, or `--config FILE`.
struct CentralOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "postgresql://user@host/database, without a password; several hosts with commas between them.",
      valueName: "URL"))
  var url: String?
  @Option(name: .long, help: ArgumentHelp("The file with the user's password.", valueName: "FILE"))
  var passwordFile: String?
  @OptionGroup var configuration: ConfigOptions

  func validate() throws {
    if passwordFile != nil, url == nil { throw ValidationError("--password-file belongs to --url") }
  }

  func settings() throws -> PostgresSettings {
    guard let url else {
      return try Self.settings(
        of: try configuration.load(), in: configuration.config, orElse: ", or give --url")
    }
    return try Failure.wrap {
      try Self.settings(
        url, try passwordFile.map { try SecretFile.read($0, for: "--password-file") }, named: "--url")
    }
  }

  /// What a configuration says.
  static func settings(of settings: Settings, in file: String, orElse: String = "") throws -> PostgresSettings
  {
    let central = settings.central
    guard let url = central.url else { throw Failure("\(file) has no central.url; set it\(orElse)") }
    return try Failure.wrap { try Self.settings(url, try central.readPassword(), named: "central.url") }
  }

  private static func settings(
    _ url: String, _ password: String?, named name: String
  ) throws -> PostgresSettings {
    do {
      return try PostgresSettings(
        url: url, password: password.map(PostgresPassword.init), applicationName: "andon central")
    } catch {
      throw Failure("\(name): \(error)")
    }
  }

  func open() throws -> CentralAdministration {
    let settings = try settings()
    return try Failure.wrap { try CentralAdministration(settings) }
  }
}
