import AndonCentral
import AndonConfiguration
import AndonCore
import AndonRuntime
import AndonStore
import ArgumentParser
import Foundation
import Postgres

/// `andon central drain`
struct CentralDrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drain", abstract: "Ship all that waits in the sites' files, and wait for it.",
    usage: "central drain [<options>]",
    discussion: """
      Before a machine is taken away, or its sites move. Sites whose bridge runs are waited for; of the others the \
      command ships the files itself. Exit 1 when something is left after --timeout.
      """, examples: ["andon central drain --timeout 10m"])

  @OptionGroup var configuration: ConfigOptions
  @Option(name: .long, help: "Only this site.") var site: String?
  @Flag(
    name: .long,
    help: "Also take sites that another bridge holds at the database; it is refused from then on.")
  var take = false
  @Option(name: .long, help: "At most so long.") var timeout = LengthOfTime(milliseconds: 600_000)

  /// A site's file, and whether this process writes it.
  private struct Part {
    let site: SiteSettings
    let path: String
    let store: SiteStore
    var isOwn: Bool { store.isWriter }
  }

  func run() throws {
    let settings = try configuration.load()
    guard settings.central.mode != .off else {
      throw Failure("\(configuration.config): central.mode is off, so nothing may be shipped")
    }
    let sites = try settings.sites(only: site, in: configuration.config)
    let server = try CentralOptions.settings(of: settings, in: configuration.config)
    let parts = try sites.compactMap { try open($0, settings) }
    defer { for part in parts where part.isOwn { try? part.store.close() } }
    let own = parts.filter(\.isOwn).map { ($0.site, $0.store) }
    let incarnation = UUID().uuidString
    if !take { try refuseOthers(own.map(\.0.id), settings.bridge.id, server, incarnation) }
    let shipper = Shipper(
      bridge: settings.bridge.id, retentionMs: settings.central.retentionMs, place: server.place,
      hurries: true, source: { own }
    ) { () throws(CentralError) in try CentralSession(server, incarnation: incarnation) }
    defer { shipper.close() }
    try ship(parts, own.isEmpty ? nil : shipper, server.place)
    print("\(parts.count) \(parts.count == 1 ? "site" : "sites"): all is in \(server.place)")
  }

  /// A site that was moved is another bridge's: that one must not be fenced by what is left here.
  private func refuseOthers(
    _ sites: [String], _ bridge: String, _ server: PostgresSettings, _ incarnation: String
  ) throws {
    guard !sites.isEmpty, let session = try? CentralSession(server, incarnation: incarnation) else { return }
    defer { session.close() }
    for site in sites {
      // Of no epoch: it only reads.
      let position = try Failure.wrap { try session.resume(site: site, epoch: 0) }
      guard let holder = position?.bridgeID, holder != bridge else { continue }
      throw Failure(
        "\(site): \(holder) holds it at \(server.place). If that bridge does not run the site any more, use --take"
      )
    }
  }

  /// Nil for a site that has nothing to ship.
  private func open(_ site: SiteSettings, _ settings: Settings) throws -> Part? {
    let path = settings.databasePath(site: site.id)
    return try Failure.onStore(path, site: site.id) {
      // A file must be there: this command makes none.
      let reading = try SiteStore.openForReading(path: path, siteID: site.id)
      guard try reading.shipState() != nil else {
        print("\(site.id): nothing is shipped of this site")
        return nil
      }
      do {
        let store = try SiteStore.openForWriting(path: path, siteID: site.id)
        // Bodies may have been written while more was allowed to leave the plant.
        try store.setLog(ShipSelection(of: site, settings.central), limitBytes: settings.central.backlogBytes)
        return Part(site: site, path: path, store: store)
      } catch StoreError.lockedByAnother {
        return Part(site: site, path: path, store: reading)
      }
    }
  }

  private func ship(_ parts: [Part], _ shipper: Shipper?, _ place: String) throws {
    let end = ContinuousClock.now + .milliseconds(timeout.milliseconds)
    let all = try left(parts)
    var bar = ProgressBar(label: "shipping", total: all.bytes)
    while true {
      let outcome = shipper?.round()
      let (bytes, sites) = try left(parts)
      bar.update(all.bytes - bytes)
      guard !sites.isEmpty else { return bar.finish(all.bytes) }
      guard ContinuousClock.now < end else {
        bar.finish(all.bytes - bytes)
        throw Failure(words(sites, parts, shipper, place))
      }
      switch outcome {
      case .shipped(isFull: true): continue
      case .waiting(let untilMs): usleep(UInt32(max(50, min(2000, untilMs - WallClock.system.nowMs)) * 1000))
      case .shipped, .idle, nil: usleep(100_000)
      }
    }
  }

  /// The bytes that wait, and the sites that have something left.
  private func left(_ parts: [Part]) throws -> (bytes: Int64, sites: [String]) {
    var (bytes, sites) = (Int64(0), [String]())
    for part in parts {
      try Failure.onStore(part.path, site: part.site.id) {
        guard let state = try part.store.shipState() else { return }
        let isDone = try state.acked.seq >= state.committed.seq && part.store.backfills().isEmpty
        bytes += state.backlogBytes
        if !isDone { sites.append(part.site.id) }
      }
    }
    return (bytes, sites)
  }

  private func words(_ sites: [String], _ parts: [Part], _ shipper: Shipper?, _ place: String) -> String {
    var lines = sites.map { id -> String in
      guard parts.contains(where: { $0.site.id == id && $0.isOwn }), let status = shipper?.status.sites[id]
      else {
        return "\(id): not all is shipped; its bridge runs, and says why in /status"
      }
      let holder = status.heldBy.map { ", held by \($0)" } ?? ""
      return "\(id): not all is shipped: \(status.trouble ?? status.state.rawValue + holder)"
    }
    if let trouble = shipper?.status.trouble { lines.append("\(place): \(trouble)") }
    return lines.joined(separator: "\n")
  }
}
