import AndonCentral
import AndonConfiguration
import ArgumentParser

/// `andon fleet apply`
struct FleetApplyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "apply",
    abstract: "Give the fleet its sites, from files with sites: as a configuration has them.",
    usage: "fleet apply <FILE> ... [<options>]",
    discussion: """
      All files are checked first, as andon check does it; nothing is written when one has a mistake. A site whose \
      text is the same keeps its revision; of the others the bridges read the new one.
      """, examples: ["andon fleet apply sites/*.yaml --remove --dry-run"])

  @Argument(help: ArgumentHelp("Files with a section sites: and nothing else.", valueName: "FILE"))
  var files: [String]
  @OptionGroup var options: CentralOptions
  @Flag(name: .long, help: "Take sites that stand in none of the files from the fleet. Their history stays.")
  var remove = false
  @Flag(
    name: .long,
    help: "Also take sites that a bridge outside the fleet holds: first run andon central drain there.")
  var take = false
  @Flag(name: .long, help: "Only say what would change.") var dryRun = false

  func run() throws {
    let sites = try read()
    let administration = try FleetCommands.open(options)
    let changes = try Failure.wrap {
      try administration.apply(sites, removes: remove, takes: take, isTrial: dryRun)
    }
    for (ids, word) in [
      (changes.added, "added"), (changes.changed, "changed"), (changes.removed, "removed"),
      (changes.freed, "taken over"),
    ] {
      for id in ids { print("\(id): \(word)") }
    }
    for (id, bridge) in changes.outside.sorted(by: { $0.key < $1.key }) {
      print("\(id): \(bridge) holds it, which is not of the fleet; ship its log there, then use --take")
    }
    let count = sites.count
    print(
      "\(count) \(count == 1 ? "site" : "sites"), \(changes.unchanged.count) as before"
        + (dryRun ? "; nothing was written" : ""))
  }

  /// The text of each site.
  private func read() throws -> [String: String] {
    var sites: [String: String] = [:]
    var places: [String: String] = [:]
    var mistakes: [String] = []
    for file in files {
      do {
        for site in try SettingsLoader.loadSites(file: file) {
          // Ids that differ only in case would share a file on some systems.
          if let other = places.updateValue(file, forKey: site.id.lowercased()) {
            mistakes.append("\(file): the site \(site.id) stands in \(other), too")
          }
          sites[site.id] = site.yaml
        }
      } catch {
        mistakes.append("\(error)")
      }
    }
    guard mistakes.isEmpty else { throw Failure(mistakes.joined(separator: "\n")) }
    return sites
  }
}
