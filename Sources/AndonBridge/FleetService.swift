import AndonCentral
import AndonConfiguration
import AndonCore
import AndonPublish
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

  /// How long a site's file may be out of order before another bridge shall have the site.
  private static let failingMs: Int64 = 15_000
  /// How long files of sites that other bridges have are kept, and how often that is looked at.
  private static let spareMs: Int64 = 24 * 3_600_000
  private static let cleanMs: Int64 = 600_000
  /// The default of store.retention.
  private static let leastRetentionMs: Int64 = 400 * 86_400_000

  private let settings: Settings
  private let server: PostgresSettings
  private let leases: FleetLeases
  private let mailbox: FleetMailbox
  private let supervisor: SiteSupervisor
  private let publishQueue: PublishQueue
  private let restore: Restore
  private let board: StatusBoard
  private let logger: Logger
  private let interrupt: PostgresInterrupt
  private let sites = FleetSites()

  init(
    _ settings: Settings, server: PostgresSettings, leases: FleetLeases, mailbox: FleetMailbox,
    supervisor: SiteSupervisor, publishQueue: PublishQueue, board: StatusBoard, logger: Logger,
    restore: @escaping Restore
  ) throws {
    (self.settings, self.server, self.leases) = (settings, server, leases)
    (self.mailbox, self.supervisor, self.restore) = (mailbox, supervisor, restore)
    (self.board, self.logger, self.publishQueue) = (board, logger, publishQueue)
    interrupt = try PostgresInterrupt()
  }

  /// Blocks its thread until `stop`, when all sites must have ended.
  func run() {
    let membership = makeMembership()
    var rates = FleetRates()
    let spare = SparePositions(settings)
    leases.begin(incarnation: membership.incarnation)
    board.fleet = FleetStatus()
    var told = FleetStanding()
    var unowned = UnownedSites(TopicNames(root: settings.topics.root), publishQueue, .system, logger)
    FleetFiles.removePartial(settings)
    var cleanedMs = Int64.min
    while !mailbox.isStopping {
      let running = board.snapshot
      for id in failing(running) { membership.markUnfit(id) }
      let orders = membership.step(facts(running, &rates, spare))
      if membership.incarnation != leases.incarnation { leases.begin(incarnation: membership.incarnation) }
      for note in orders.notes { logger.notice("fleet: \(note)") }
      carryOut(orders)
      tell(membership.standing, orders.watch, after: &told)
      unowned.tell(orders.watch)
      let nowMs = MonotonicClock.system.nowMs
      if nowMs - max(cleanedMs, 0) >= Self.cleanMs {
        cleanedMs = nowMs
        // Also not that of a site which was taken just now and is not begun yet.
        FleetFiles.removeSpare(
          settings, except: Set(board.siteIDs).union(leases.sites), olderThanMs: Self.spareMs)
      }
      // At least once, however long a step takes.
      hear(membership)
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
    // Bridges continue from the database: it keeps events as long as their files do, unless a site keeps them longer.
    own.retentionMs = max(central.retentionMs, Self.leastRetentionMs)
    return FleetMembership(own, place: server.place) { [server, interrupt, own] () throws(CentralError) in
      try FleetSession(server, own, interrupt: interrupt, needsStandby: central.needsStandby)
    }
  }

  private func facts(
    _ running: [SiteStatus], _ rates: inout FleetRates, _ spare: SparePositions
  ) -> FleetFacts {
    var facts = FleetFacts()
    facts.hasBroker = board.publisher.connection.isConnected
    facts.events = rates.events(running)
    let open = Set(running.map(\.siteID))
    facts.files = { spare.read(except: open) }
    return facts
  }

  /// Sites whose file this bridge cannot read or write: a broken or full disk, and not the broker or the database.
  private func failing(_ running: [SiteStatus]) -> [String] {
    let longAgoMs = WallClock.system.nowMs - Self.failingMs
    return running.filter { site in
      site.health.state == .failed && site.health.sinceMs <= longAgoMs
        || site.health.diskFailsSinceMs.map { $0 <= longAgoMs } ?? false
    }.map(\.siteID)
  }

  private func hear(_ membership: FleetMembership) {
    let news = mailbox.dequeueNews()
    for id in news.restored { membership.restored(id) }
    for id in news.unfit { membership.markUnfit(id) }
    // A site that was lost and taken again meanwhile has another epoch.
    let ended = news.stopped.merging(news.refused) { max($0, $1) }.filter {
      leases.epoch(of: $0.key) == $0.value
    }
    if !ended.isEmpty {
      membership.release(ended.keys.sorted())
      for id in ended.keys { leases.release(id) }
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
      let epoch = leases.epoch(of: id) ?? 0
      sites.perform(id) {
        await supervisor.end(id)
        mailbox.tell { $0.stopped[id] = epoch }
      }
    }
    for config in orders.changed {
      sites.perform(config.siteID) {
        do {
          let site = try SettingsLoader.parseSite(
            yaml: config.config, id: config.siteID, of: settings)
          try await supervisor.change(site)
        } catch {
          logger.error(
            "fleet: a site's new document is not taken over",
            metadata: ["site": "\(config.siteID)", "error": "\(error)"])
          // With a document that cannot be read it runs on; if it ended, another bridge shall try.
          if !supervisor.runs(config.siteID) { mailbox.tell { $0.unfit.append(config.siteID) } }
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
      mailbox.tell { news in
        if Self.isPassing(error) { news.refused[id] = grant.epoch } else { news.unfit.append(id) }
      }
    }
  }

  /// The server or a file that is still being closed, and not this bridge's disk.
  private static func isPassing(_ error: any Error) -> Bool {
    if case .lockedByAnother? = error as? StoreError { return true }
    return error is CentralError
  }

  /// Runs what blocks without holding up the tasks of others.
  private func inBackground(_ work: @escaping @Sendable () throws -> Void) async throws {
    try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
      DispatchQueue.global().async { done.resume(with: Result { try work() }) }
    }
  }

  private func tell(_ standing: FleetStanding, _ watch: FleetWatch, after told: inout FleetStanding) {
    guard standing != told else { return }
    var status = FleetStatus()
    status.trouble = standing.trouble ?? (standing.isMember ? nil : "not a member of the fleet")
    (status.isMember, status.isDraining) = (standing.isMember, standing.isDraining)
    (status.isResting, status.bridges, status.held) = (standing.isResting, standing.members, standing.held)
    (status.weight, status.quota, status.unowned) = (standing.weight, standing.quota, standing.unowned)
    status.unownedSites = watch.unowned.prefix(FleetStatus.listed).map(\.siteID)
    board.fleet = status
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
