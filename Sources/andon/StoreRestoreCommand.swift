import AndonCentral
import AndonConfiguration
import AndonCore
import AndonRuntime
import AndonStore
import ArgumentParser
import Foundation
import Postgres

/// `andon store restore`
struct StoreRestoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore", abstract: "Make a site's file again from the central database.",
    discussion: """
      For a site whose bridge keeps the working state there. The file is made beside its place and put there at the \
      end; one that is there is moved aside as SITE.sqlite.stale-1, and the one moved aside before is deleted. Nothing is \
      merged: what the old file had and the database does not have was never acknowledged to the broker, which \
      delivers it again. Refused while a bridge has the file.
      """, examples: ["andon store restore --site plant-a"])

  @OptionGroup var configuration: ConfigOptions
  @Option(name: .long, help: "The site.") var site: String

  func run() throws {
    let settings = try configuration.load()
    guard let chosen = try settings.sites(only: site, in: configuration.config).first else { return }
    let server = try CentralOptions.settings(of: settings, in: configuration.config)
    let path = settings.databasePath(site: chosen.id)
    let restore = SiteRestore(of: chosen, settings, nowMs: WallClock.system.nowMs)
    let report = try Failure.onStore(path, site: chosen.id) {
      let source = try CentralRestore(server, site: chosen.id)
      defer { source.close() }
      return try restore.run(source)
    }
    let seconds = Double(report.milliseconds) / 1000
    print(
      "\(chosen.id): \(report.events) events and the state of commit \(report.position.seq) restored from \(server.place) "
        + "in \(String(format: "%.1f", seconds)) s: \(path)")
    if report.foreign > 0 {
      print("\(chosen.id): \(report.foreign) events there are of an earlier file, and were left out")
    }
    if !report.differing.isEmpty {
      print(
        "\(chosen.id): in \(report.differing.count) quarters of an hour the database does not have the events that the file "
          + "had; a gap says so")
    }
  }
}
