import AndonCentral
import AndonConfiguration
import AndonCore
import AndonRuntime
import AndonStore
import ArgumentParser
import Foundation
import Postgres

/// `andon central repair`
struct CentralRepairCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "repair", abstract: "Send what a site's file knows and an older database does not.",
    usage: "central repair [<options>]",
    discussion: """
      For a fleet whose database was set back to an older backup: a bridge does not continue a site of which its file \
      knows more. Stop all bridges, run this on each machine, then start them. A file that knows less than the \
      database is left alone. Nothing is deleted: events of the file and of the database are both there afterwards.
      """, examples: ["andon central repair --dry-run", "andon central repair --site plant-a"])

  @OptionGroup var configuration: ConfigOptions
  @Option(name: .long, help: "Only this site.") var site: String?
  @Flag(name: .long, help: "Only say what would be sent.") var dryRun = false
  @Option(name: .long, help: "At most so long for each site.") var timeout = LengthOfTime(
    milliseconds: 3_600_000)

  func run() throws {
    let settings = try configuration.load()
    guard settings.central.mode == .fleet else {
      throw Failure(
        "\(configuration.config): central.mode is not fleet; other bridges send again by themselves")
    }
    let server = try CentralOptions.settings(of: settings, in: configuration.config)
    let sites = try settings.sites(only: site, in: configuration.config)
    if sites.isEmpty { print("no site of the fleet has a file here") }
    for site in sites { try repair(site, settings, server) }
  }

  private func repair(_ site: SiteSettings, _ settings: Settings, _ server: PostgresSettings) throws {
    let path = settings.databasePath(site: site.id)
    try Failure.onStore(path, site: site.id) {
      let reading = try SiteStore.openForReading(path: path, siteID: site.id)
      guard let state = try reading.shipState() else {
        return print("\(site.id): its file was never sent; a bridge does that")
      }
      let incarnation = UUID().uuidString
      let repair = try FleetRepair(server, incarnation: incarnation)
      defer { repair.close() }
      let there = try repair.position(of: site.id)
      let position = there?.position ?? ShipPosition(seq: 0, tip: 0)
      if try reading.logPositions().contains(position) {
        return print("\(site.id): nothing to repair: a bridge can continue with this file")
      }
      guard position.seq < state.acked.seq else {
        return print(
          "\(site.id): the database knows commit \(position.seq), which this file does not (it was at \(state.acked.seq)); "
            + "left alone: a bridge makes the file again")
      }
      let words = "the database is at commit \(position.seq), the file at \(state.committed.seq)"
      guard !dryRun else { return print("\(site.id): \(words); this command would send what is missing") }
      let store = try SiteStore.openForWriting(path: path, siteID: site.id)
      defer { try? store.close() }
      try store.setLog(ShipSelection(of: site, settings.central), limitBytes: settings.central.backlogBytes)
      guard try repair.take(site.id, leastEpoch: state.epoch) else {
        throw Failure(
          "\(site.id): \(there?.bridge ?? "a bridge") has the site at \(server.place); stop all bridges of the fleet first"
        )
      }
      let rows = try send(site, store, settings, server, incarnation)
      try repair.release(site.id)
      print("\(site.id): \(words); \(rows) rows sent, bridges may take it")
    }
  }

  /// - Returns: how many rows, those included that were there already.
  private func send(
    _ site: SiteSettings, _ store: SiteStore, _ settings: Settings, _ server: PostgresSettings,
    _ incarnation: String
  ) throws -> Int64 {
    let shipper = Shipper(
      bridge: FleetRepair.holder, retentionMs: settings.central.retentionMs, place: server.place,
      hurries: true, repairs: true, source: { [(site, store)] }
    ) { () throws(CentralError) in try CentralSession(server, incarnation: incarnation) }
    defer { shipper.close() }
    let end = ContinuousClock.now + .milliseconds(timeout.milliseconds)
    while true {
      let outcome = shipper.round()
      if outcome == .idle, let state = try store.shipState(), state.acked == state.committed,
        try store.backfills().isEmpty
      {
        return shipper.status.shippedRows
      }
      guard ContinuousClock.now < end else {
        let trouble = shipper.status.trouble ?? shipper.status.sites[site.id]?.trouble
        throw Failure(
          "\(site.id): not all is sent\(trouble.map { ": \($0)" } ?? ""); run the command again, bridges leave the site "
            + "alone until then")
      }
      if case .shipped = outcome { continue }
      usleep(50_000)
    }
  }
}
