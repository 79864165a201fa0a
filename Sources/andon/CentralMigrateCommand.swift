import AndonCentral
import ArgumentParser

/// `andon central migrate`
struct CentralMigrateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "migrate", abstract: "Bring the schema to this program's version, as andon_owner.",
    usage: "central migrate [<options>]",
    discussion: "Run it before the bridges are upgraded. They may run meanwhile: a migration only adds.",
    examples: ["andon central migrate --url postgresql://andon_owner@db.example/andon"])

  @OptionGroup var options: CentralOptions

  func run() throws {
    let administration = try options.open()
    Self.tell(try Failure.wrap { try administration.migrate() })
  }

  static func tell(_ applied: [String]) {
    for name in applied { print("applied: \(name)") }
    print("schema \(CentralSchema.version)" + (applied.isEmpty ? ", nothing to do" : ""))
  }
}
