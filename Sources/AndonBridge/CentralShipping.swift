import AndonCentral
import AndonConfiguration
import AndonRuntime
import AndonStatus
import Foundation
import Logging
import Postgres
import Synchronization

/// A thread that ships the logs of a share of the sites to the central database, for as long as the bridge runs.
final class CentralShipping: Sendable {
  /// Between two looks at the files, while there is no backlog.
  private static let idleMs: Int64 = 200

  private let settings: PostgresSettings
  private let central: CentralSettings
  private let bridge: String
  private let leases: FleetLeases?
  /// In a fleet: a site's file is not the newest one, so this bridge cannot continue it.
  private let cannotRun: (@Sendable (_ site: String) -> Void)?
  private let stores: ShippedStores
  private let share: Int
  private let board: StatusBoard
  private let clock: WallClock
  private let logger: Logger
  private let interrupt: PostgresInterrupt
  private let stopping = Mutex(false)
  private let wakeUp = DispatchSemaphore(value: 0)
  private let isWoken = Atomic(false)

  init(
    _ central: CentralSettings, _ settings: PostgresSettings, bridge: String, stores: ShippedStores,
    share: Int,
    fleet: (leases: FleetLeases, cannotRun: @Sendable (_ site: String) -> Void)? = nil, board: StatusBoard,
    clock: WallClock, logger: Logger
  ) throws {
    leases = fleet?.leases
    if let fleet { cannotRun = fleet.cannotRun } else { cannotRun = nil }
    (self.central, self.settings, self.bridge, self.stores) = (central, settings, bridge, stores)
    (self.share, self.board, self.clock, self.logger) = (share, board, clock, logger)
    interrupt = try PostgresInterrupt()
    board.updateCentral(share, CentralLinkStatus(place: settings.place, connections: 1))
  }

  func run() {
    let own = UUID().uuidString
    var incarnation = leases?.incarnation ?? own
    let shipper = Shipper(
      bridge: bridge, retentionMs: central.retentionMs, place: settings.place, maintains: false,
      isStopping: { [self] in isStopping },
      clock: clock, leases: leases,
      source: { [stores, share, central] in stores.open(share: share, of: central.connections) }
    ) { [settings, interrupt, leases, central] () throws(CentralError) in
      try CentralSession(
        settings, incarnation: leases?.incarnation ?? own, interrupt: interrupt,
        needsStandby: central.needsStandby)
    }
    var told = ShipperStatus()
    while !isStopping {
      if let leases, leases.incarnation != incarnation {
        // The bridge joined again: what this connection would send is another one's.
        incarnation = leases.incarnation
        shipper.close()
      }
      if leases != nil, incarnation.isEmpty {
        pause(Self.idleMs)
        continue
      }
      let outcome = shipper.round()
      tell(shipper.status, after: &told)
      switch outcome {
      case .shipped(isFull: true): continue
      case .shipped, .idle: pause(Self.idleMs)
      case .waiting(let untilMs): pause(min(30_000, max(50, untilMs - clock.nowMs)))
      }
    }
    shipper.close()
  }

  /// Something was committed that waits for the server.
  func wake() {
    // One signal is enough, however many commits come during a round.
    if !isWoken.exchange(true, ordering: .acquiringAndReleasing) { wakeUp.signal() }
  }

  func stop() {
    stopping.withLock { $0 = true }
    interrupt.signal()
    wakeUp.signal()
  }

  private var isStopping: Bool { stopping.withLock { $0 } }

  private func pause(_ ms: Int64) {
    _ = wakeUp.wait(timeout: .now() + .milliseconds(Int(ms)))
    isWoken.store(false, ordering: .releasing)
  }

  /// Shows and logs what changed.
  private func tell(_ status: ShipperStatus, after told: inout ShipperStatus) {
    if status == told { return }
    show(status, after: told)
    if status.isConnected != told.isConnected || status.trouble != told.trouble {
      if let trouble = status.trouble {
        logger.warning("the central database takes nothing", metadata: ["error": "\(trouble)"])
      } else if status.isConnected {
        logger.notice("shipping to the central database", metadata: ["at": "\(settings.place)"])
      }
    }
    for (id, site) in status.sites where site != told.sites[id] {
      let before = told.sites[id]
      if site.state != before?.state, site.state != .waiting {
        let level: Logger.Level = site.state == .shipping ? .info : .error
        logger.log(
          level: level, "central history of a site: \(site.state.rawValue)",
          metadata: ["site": "\(id)", "held_by": "\(site.heldBy ?? "-")"])
      }
      let isNone = site.state == .stale || site.state == .foreign
      if isNone, site.state != before?.state { cannotRun?(id) }
      let said = (site.trouble ?? site.backfillTrouble, before?.trouble ?? before?.backfillTrouble)
      if said.0 != said.1, let trouble = said.0 {
        logger.warning("a site's log cannot be shipped", metadata: ["site": "\(id)", "error": "\(trouble)"])
      }
      if let atMs = site.regressedAtMs, atMs != before?.regressedAtMs {
        logger.error(
          "the central database went back to an older state; what it lost is sent again",
          metadata: ["site": "\(id)"])
      }
      if site.refusedRows != before?.refusedRows ?? 0 {
        logger.error(
          "the central database refused rows; gaps say which",
          metadata: ["site": "\(id)", "rows": "\(site.refusedRows)"])
      }
    }
    told = status
  }

  private func show(_ status: ShipperStatus, after told: ShipperStatus) {
    var link = CentralLinkStatus(place: settings.place, connections: 1)
    (link.connected, link.error) = (status.isConnected ? 1 : 0, status.trouble)
    (link.shippedRows, link.unknownOutcomes) = (status.shippedRows, status.unknownOutcomes)
    board.updateCentral(share, link)
    for (id, site) in status.sites
    where site != told.sites[id] || status.isConnected != told.isConnected {
      let shown = Self.shown(site, isConnected: status.isConnected)
      board.update(id) { $0.central = shown }
    }
  }

  private static func shown(_ site: ShipperStatus.Site, isConnected: Bool) -> SiteCentralStatus {
    var shown = SiteCentralStatus()
    shown.state =
      switch site.state {
      case .fenced: .fenced
      case .foreign: .foreign
      case .stale: .failed
      case _ where site.trouble != nil: .failed
      case .shipping where isConnected: .shipping
      case .shipping, .waiting: .waiting
      }
    (shown.heldBy, shown.error, shown.behindSinceMs) = (
      site.heldBy, site.trouble ?? site.staleness ?? site.backfillTrouble, site.behindSinceMs
    )
    (shown.backlogBytes, shown.backlogLimitBytes) = (site.backlogBytes, site.backlogLimitBytes)
    (shown.backfills, shown.refusedRows) = (site.backfills, site.refusedRows)
    shown.regressedMs = site.regressedAtMs
    shown.epoch = site.state == .shipping ? site.epoch : nil
    return shown
  }
}
