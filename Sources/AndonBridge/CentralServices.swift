import AndonCentral
import AndonConfiguration
import AndonPublish
import AndonRuntime
import AndonStatus
import AndonStore
import Logging

/// What of a bridge works with the central database: those who ship, and in a fleet the membership. Nothing of it without
/// one.
struct CentralServices {
  /// Whose logs are shipped; nil without a central database.
  let stores: ShippedStores?
  private let settings: Settings
  private let shippings: [CentralShipping]
  private let maintenance: CentralMaintenance?
  private let fleet: (leases: FleetLeases, mailbox: FleetMailbox)?
  private let board: StatusBoard
  private let logger: Logger

  init(_ settings: Settings, _ board: StatusBoard, _ clock: WallClock, _ logger: Logger) throws {
    (self.settings, self.board, self.logger) = (settings, board, logger)
    let central = settings.central
    guard central.mode != .off else {
      (stores, shippings, maintenance, fleet) = (nil, [], nil, nil)
      return
    }
    let stores = ShippedStores()
    let fleet = central.mode == .fleet ? (leases: FleetLeases(), mailbox: FleetMailbox()) : nil
    let server = try central.server()
    shippings = try (0..<central.connections).map { share in
      try CentralShipping(
        central, server, bridge: settings.bridge.id, stores: stores, share: share,
        fleet: fleet.map { fleet in
          (fleet.leases, { site in fleet.mailbox.tell { $0.unfit.append(site) } })
        }, board: board, clock: clock, logger: logger)
    }
    maintenance = try CentralMaintenance(server, stores: stores, clock: clock, logger: logger)
    (self.stores, self.fleet) = (stores, fleet)
  }

  /// What the sites of a fleet's bridge share; nil outside of a fleet.
  func parts(_ queues: PublishQueues) -> FleetParts? {
    fleet.map { fleet in
      FleetParts(
        queues: queues, mayConnect: { [mailbox = fleet.mailbox] in mailbox.mayConnect($0) },
        wake: { [shippings] in shippings[ShippedStores.share($0, shippings.count)].wake() })
    }
  }

  /// What starts before the sites and ends after them: in a fleet their last commits are shipped before they are given up.
  func before(_ sites: SiteSupervisor, _ publishQueue: PublishQueue) throws -> [ThreadService] {
    guard let fleet else { return [] }
    let service = try FleetService(
      settings, server: settings.central.server(), leases: fleet.leases, mailbox: fleet.mailbox,
      supervisor: sites, publishQueue: publishQueue, board: board, logger: logger, restore: restore)
    return shippers
      + [ThreadService(name: "andon-fleet", body: { service.run() }, stop: { service.stop() })]
  }

  /// What starts after the sites.
  var after: [ThreadService] { fleet == nil ? shippers : [] }

  private var shippers: [ThreadService] {
    let shipping = shippings.enumerated().map { share, shipping in
      ThreadService(name: "andon-ship-\(share)", body: { shipping.run() }, stop: { shipping.stop() })
    }
    guard let maintenance else { return shipping }
    return shipping
      + [ThreadService(name: "andon-tend", body: { maintenance.run() }, stop: { maintenance.stop() })]
  }

  private var restore: FleetService.Restore {
    { [settings, logger] grant, site in
      let source = try CentralRestore(settings.central.server(), site: site.id)
      defer { source.close() }
      let report = try SiteRestore(of: site, settings, nowMs: WallClock.system.nowMs).run(source)
      logger.notice(
        "fleet: a site's file was made from the central database",
        metadata: [
          "site": "\(site.id)", "events": "\(report.events)", "patches": "\(report.patches)",
          "ms": "\(report.milliseconds)",
        ])
    }
  }
}
