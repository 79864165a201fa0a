import AndonCentral
import ArgumentParser

/// `andon central init`
struct CentralInitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Make the schema and its roles in an empty database.",
    usage: "central init [<options>]",
    discussion: """
      The user must be allowed to make roles and schemas. Made are the schema andon and the roles andon_owner \
      (migrates), andon_bridge (writes) and andon_reader (reads), none with a password: give them theirs with \
      ALTER ROLE … PASSWORD. Again it changes nothing.
      """, examples: ["andon central init --url postgresql://admin@db.example/andon"])

  @OptionGroup var options: CentralOptions
  @Flag(
    name: .long,
    help: "Divide large tables with the extension timescaledb. Cannot be changed later; not tested by Andon.")
  var timescale = false

  func run() throws {
    let administration = try options.open()
    let layout: CentralLayout = timescale ? .timescale : .native
    CentralMigrateCommand.tell(try Failure.wrap { try administration.initialize(layout: layout) })
  }
}
