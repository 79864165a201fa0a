import AndonCentral
import AndonConfiguration
import AndonRuntime
import AndonStatus
import AndonStore
import Dispatch
import Logging
import Postgres

/// This bridge's part in its fleet, on a thread of its own: it says that it lives, and starts and stops the sites that come
/// and go.
final class FleetService: Sendable {
  /// Makes a site's file from the central database. Blocks.
  typealias Restore = @Sendable (FleetGrant, SiteSettings) throws -> Void

  private let settings: Settings
  private let server: PostgresSettings
  private let leases: FleetLeases
  private let mailbox: FleetMailbox
  private let supervisor: SiteSupervisor
  private let restore: Restore
  private let board: StatusBoard
  private let logger: Logger
  private let interrupt: PostgresInterrupt
  private let sites = FleetSites()

  init(
    _ settings: Settings, server: PostgresSettings, leases: FleetLeases, mailbox: FleetMailbox,
    supervisor: SiteSupervisor, board: StatusBoard, logger: Logger, restore: @escaping Restore
  ) throws {
    (self.settings, self.server, self.leases) = (settings, server, leases)
    (self.mailbox, self.supervisor, self.restore) = (mailbox, supervisor, restore)
    (self.board, self.logger) = (board, logger)
    interrupt = try PostgresInterrupt()
  }

  /// Blocks its thread until `stop`, when all sites must have ended.
  func run() {
    let membership = makeMembership()
    var rates = FleetRates()
    leases.begin(incarnation: membership.incarnation)
    var told = FleetStanding()
    while !mailbox.isStopping {
      let orders = membership.step(facts(&rates))
      if membership.incarnation != leases.incarnation { leases.begin(incarnation: membership.incarnation) }
      for note in orders.notes { logger.notice("fleet: \(note)") }
      carryOut(orders)
      tell(membership.standing, after: &told)
      while !mailbox.isStopping {
        let waitMs = orders.nextStepMs - MonotonicClock.system.nowMs
        if waitMs <= 0 { break }
        mailbox.wait(ms: waitMs)
        hear(membership)
      }
    }
    mailbox.answer { _ in false }
    membership.leave()
  }

  func stop() { mailbox.stop() }

  private func makeMembership() -> FleetMembership {
    var own = FleetSettings(bridge: settings.bridge.id, version: AndonVersion.text)
    let central = settings.central
    (own.beatMs, own.ttlMs, own.brokerGraceMs) = (central.beatMs, central.ttlMs, central.brokerGraceMs)
    own.retentionMs = central.retentionMs
    return FleetMembership(own, place: server.place) { [server, interrupt, own] () throws(CentralError) in
      let session = try FleetSession(server, own, interrupt: interrupt)
      guard !central.acceptsSingleNode else { return session }
      do throws(CentralError) {
        try session.checkStandby()
      } catch {
        session.close()
        throw error
      }
      return session
    }
  }

  private func facts(_ rates: inout FleetRates) -> FleetFacts {
    var facts = FleetFacts()
    facts.hasBroker = board.publisher.connection.isConnected
    facts.events = rates.events(board.snapshot)
    let open = Set(board.siteIDs)
    facts.files = { [settings] in FleetFiles.positions(settings, except: open) }
    return facts
  }

  private func hear(_ membership: FleetMembership) {
    let news = mailbox.dequeueNews()
    for id in news.restored { membership.restored(id) }
    for id in news.unfit { membership.markUnfit(id) }
    if !news.stopped.isEmpty {
      membership.release(news.stopped)
      for id in news.stopped { leases.release(id) }
    }
    mailbox.answer { membership.mayConnect($0) }
  }

  // MARK: Sites

  private func carryOut(_ orders: FleetOrders) {
    let (supervisor, mailbox, settings, logger) = (supervisor, mailbox, settings, logger)
    for id in orders.lost {
      leases.release(id)
      logger.warning("fleet: another bridge has the site", metadata: ["site": "\(id)"])
      sites.perform(id) { await supervisor.drop(id, because: .fenced(by: nil)) }
    }
    for id in orders.giveUp {
      logger.info("fleet: the site moves to another bridge", metadata: ["site": "\(id)"])
      sites.perform(id) {
        await supervisor.end(id)
        mailbox.tell { $0.stopped.append(id) }
      }
    }
    for config in orders.changed {
      sites.perform(config.siteID) {
        do {
          let site = try SettingsLoader.parseSite(
            yaml: config.config, id: config.siteID, of: settings)
          try await supervisor.change(site)
        } catch {
          // The other bridges have the same document; it runs on as it is.
          logger.error(
            "fleet: a site's new document is not taken over",
            metadata: ["site": "\(config.siteID)", "error": "\(error)"])
        }
      }
    }
    for grant in orders.gained {
      leases.hold(grant.siteID, epoch: grant.epoch)
      sites.perform(grant.siteID) { [self] in await take(grant) }
    }
  }

  private func take(_ grant: FleetGrant) async {
    let id = grant.siteID
    logger.info(
      "fleet: this bridge has the site",
      metadata: ["site": "\(id)", "epoch": "\(grant.epoch)", "restore": "\(!grant.isCurrent)"])
    do {
      let site = try SettingsLoader.parseSite(yaml: grant.config, id: id, of: settings)
      if !grant.isCurrent {
        try await inBackground { [restore] in try restore(grant, site) }
        mailbox.tell { $0.restored.append(id) }
      }
      // Meanwhile it may have been taken away.
      guard leases.epoch(of: id) == grant.epoch else { return }
      try supervisor.begin(site)
    } catch {
      logger.error(
        "fleet: this bridge cannot run the site", metadata: ["site": "\(id)", "error": "\(error)"])
      mailbox.tell { $0.unfit.append(id) }
    }
  }

  /// Runs what blocks without holding up the tasks of others.
  private func inBackground(_ work: @escaping @Sendable () throws -> Void) async throws {
    try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
      DispatchQueue.global().async { done.resume(with: Result { try work() }) }
    }
  }

  private func tell(_ standing: FleetStanding, after told: inout FleetStanding) {
    guard standing != told else { return }
    if standing.trouble != told.trouble {
      if let trouble = standing.trouble {
        logger.warning("fleet: this bridge takes no part", metadata: ["error": "\(trouble)"])
      } else {
        logger.notice("fleet: this bridge takes part", metadata: ["at": "\(server.place)"])
      }
    }
    told = standing
  }
}
