package import AndonConfiguration
import AndonCore
package import AndonRuntime
package import AndonStore

/// Ships the logs of a bridge's sites to the central database over one connection. For one thread at a time.
///
/// Only the answer to its own statement counts. After a lost connection, a deadline or a warning it asks the server how far
/// each site is, and continues from there: what was stored is not stored twice, and what was not is shipped again.
///
/// A file that cannot be read or written stops its own site only, for `ShippedSite.pauseMs`.
package final class Shipper {
  /// A round takes what is ready, at most this.
  package static let roundRows = 8192
  package static let roundSites = 64
  /// How often logs are trimmed, and the server maintains itself.
  private static let trimMs: Int64 = 10_000
  private static let maintainMs: Int64 = 60_000

  /// What a round came to.
  package enum Outcome: Sendable, Equatable {
    /// - Parameter isFull: there is more: the next round can begin at once. Else a pause lets commits gather, as each
    ///   acknowledgement is a commit of the site, too.
    case shipped(isFull: Bool)
    /// Nothing was ready.
    case idle
    /// Try again at that time of the clock, epoch milliseconds.
    case waiting(untilMs: Int64)
  }

  private let bridge: String
  private let retentionMs: Int64?
  private let place: String
  private let hurries: Bool
  private let maintains: Bool
  private let repairs: Bool
  let isStopping: () -> Bool
  let clock: WallClock
  private let connect: () throws(CentralError) -> any CentralLink
  private let source: () -> [(SiteSettings, SiteStore)]
  /// In a fleet the membership takes sites, and a file that the server does not know is not the site's newest one.
  private let leases: FleetLeases?
  private var random: any RandomNumberGenerator
  private var link: (any CentralLink)?
  private(set) var cluster: [UInt8] = []
  private var sites: [ShippedSite] = []
  private var first = 0
  /// The last round left something.
  private var isFull = false
  private var retry: ShipperRetry
  private var trimmedAtMs: Int64 = .min
  private var maintainedAtMs: Int64 = .min
  package internal(set) var status = ShipperStatus()

  /// - Parameters:
  ///   - retentionMs: how old events and figures of workers may become at the server; nil: for ever.
  ///   - place: the server, for people.
  ///   - hurries: a back-fill takes all the time that there is, and not a fifth of it.
  ///   - maintains: whether it has the server maintain itself. That may take seconds, in which nothing is shipped.
  ///   - repairs: a person said that the files know more than the server, also those that keep the working state.
  ///   - isStopping: asked between the parts of a round, which then ends early.
  ///   - source: the sites whose files are open, asked for at each round.
  ///   - leases: in a fleet, who says which sites this bridge holds; nil: it takes those of its configuration.
  package init(
    bridge: String, retentionMs: Int64?, place: String, hurries: Bool = false,
    maintains: Bool = true, repairs: Bool = false,
    isStopping: @escaping () -> Bool = { false }, clock: WallClock = .system,
    random: any RandomNumberGenerator = SystemRandomNumberGenerator(), leases: FleetLeases? = nil,
    source: @escaping () -> [(SiteSettings, SiteStore)],
    connect: @escaping () throws(CentralError) -> any CentralLink
  ) {
    (self.bridge, self.retentionMs) = (bridge, retentionMs)
    (self.place, self.hurries, self.clock, self.random) = (place, hurries, clock, random)
    (self.maintains, self.repairs) = (maintains, repairs)
    self.isStopping = isStopping
    (self.source, self.connect, self.leases) = (source, connect, leases)
    retry = ShipperRetry(isFleet: leases != nil)
  }

  /// Connects if necessary and ships what is ready. It takes as long as the server does, at most a few deadlines of 10 s.
  package func round() -> Outcome {
    let nowMs = clock.nowMs
    refresh()
    for site in sites where !site.isPaused(at: nowMs) { observe(site, nowMs: nowMs) }
    if retry.holds(at: nowMs) { return .waiting(untilMs: retry.notBeforeMs) }
    do {
      let link = try connected()
      try take(link, nowMs: nowMs)
      try ask(link, nowMs: nowMs)
      let parts = collect(nowMs: nowMs)
      if !parts.isEmpty { try ship(parts, link, nowMs: nowMs) }
      try care(link, nowMs: nowMs)
      retry.succeeded()
      (status.isConnected, status.trouble) = (true, nil)
      return parts.isEmpty ? .idle : .shipped(isFull: isFull)
    } catch {
      retry.failed(nowMs: nowMs, &random)
      status.trouble = "\(error)"
      // Also after an error that left it open: who waits does not hold a connection.
      drop()
      return .waiting(untilMs: retry.notBeforeMs)
    }
  }

  /// Ends the connection. Nothing is lost: what was not acknowledged is shipped the next time.
  package func close() { drop() }

  private func drop() {
    link?.close()
    link = nil
    // Sites that were in flight are unsure already. For the others the next part tells: a server that went back, or another
    // holder, does not take it.
    status.isConnected = false
  }

  /// Takes up sites that were opened since the last round, and forgets those that are closed.
  private func refresh() {
    let known = Dictionary(uniqueKeysWithValues: sites.map { ($0.settings.id, $0) })
    sites = source().map { settings, store in
      // A site that is changed gets its file opened again.
      if let site = known[settings.id], site.store === store { return site }
      let site = ShippedSite(settings, store)
      // Only a person decides who has it then, and not a file that was closed for a while.
      if leases == nil, case .fenced(let holder) = known[settings.id]?.standing {
        site.standing = .fenced(by: holder)
      }
      return site
    }
    let ids = Set(sites.map(\.settings.id))
    status.sites = status.sites.filter { ids.contains($0.key) }
  }

  /// Reads how long a site's log is, if something was committed since the last look.
  private func observe(_ site: ShippedSite, nowMs: Int64) {
    let version = site.store.logVersion
    guard version != site.observedVersion else { return }
    guarded(site, nowMs: nowMs) {
      let state = try site.store.shipState()
      site.lag.observe(
        committed: state?.committed.seq ?? 0, acked: state?.acked.seq ?? 0, nowMs: nowMs)
      let backfills = try site.store.backfills().count
      var shown = status.sites[site.settings.id, default: .init()]
      (shown.backlogBytes, shown.backlogLimitBytes) = (state?.backlogBytes ?? 0, state?.limitBytes ?? 0)
      (shown.behindSinceMs, shown.backfills) = (site.lag.sinceMs, backfills)
      shown.backfillTrouble = site.backfillTrouble
      status.sites[site.settings.id] = shown
      site.observedVersion = version
    }
  }

  // MARK: The server

  private func connected() throws(CentralError) -> any CentralLink {
    if let link, link.isOpen { return link }
    drop()
    let fresh = try connect()
    do throws(CentralError) {
      let about = try fresh.about()
      try about.check(place: place)
      let named = Array(about.clusterID.utf8)
      if named != cluster {
        // Another database than before: whether a file may go there is asked again.
        for site in sites { site.standing = .untaken }
      }
      cluster = named
    } catch {
      fresh.close()
      throw error
    }
    link = fresh
    return fresh
  }

  /// Makes this bridge the holder of the sites that it does not hold yet.
  private func take(_ link: any CentralLink, nowMs: Int64) throws(CentralError) {
    var wanted: [String: ShippedSite] = [:]
    for site in sites where site.standing == .untaken && !site.isPaused(at: nowMs) {
      let state = guarded(site, nowMs: nowMs) { try site.store.shipState() }
      // Without a log there is nothing to ship, and nothing to take from another bridge.
      guard let state = state ?? nil else { continue }
      guard state.clusterID.isEmpty || state.clusterID == cluster else {
        // The file was shipped to another database before: a mistake, and not a new beginning.
        site.standing = .foreign
        status.sites[site.settings.id, default: .init()].state = .foreign
        continue
      }
      guard let leases else {
        wanted[site.settings.id] = site
        continue
      }
      if let epoch = leases.epoch(of: site.settings.id) { site.standing = .unsure(epoch: epoch) }
    }
    guard !wanted.isEmpty else { return }
    let positions = try link.take(sites: wanted.keys.sorted(), bridge: bridge, retentionMs: retentionMs)
    for position in positions {
      guard let site = wanted[position.siteID] else { continue }
      guard position.isMine else {
        // A fleet has it.
        site.standing = .fenced(by: position.bridgeID)
        status.sites[position.siteID, default: .init()].state = .fenced
        status.sites[position.siteID, default: .init()].heldBy = position.bridgeID
        continue
      }
      site.standing = .unsure(epoch: position.epoch)
      guarded(site, nowMs: nowMs) { try align(site, position, nowMs: nowMs) }
    }
  }

  /// Asks how far the sites are whose last answer was not certain.
  private func ask(_ link: any CentralLink, nowMs: Int64) throws(CentralError) {
    var left = Self.roundSites
    for site in sites where !site.isPaused(at: nowMs) {
      // The others of them in the next rounds: meanwhile sites that are certain are shipped.
      guard case .unsure(let epoch) = site.standing, left > 0, !isStopping() else { continue }
      left -= 1
      let position = try link.resume(site: site.settings.id, epoch: epoch)
      guard let position, position.epoch >= epoch else {
        // The server went back to a time before this bridge took the site.
        site.standing = .untaken
        // In a fleet the fence itself is then forgotten: a person decides.
        end(site, .regressed)
        status.sites[site.settings.id, default: .init()].regressedAtMs = nowMs
        continue
      }
      if position.isMine {
        guarded(site, nowMs: nowMs) { try align(site, position, nowMs: nowMs) }
      } else {
        site.standing = .fenced(by: position.bridgeID)
        end(site, .fenced(by: position.bridgeID))
        status.sites[site.settings.id, default: .init()].state = .fenced
        status.sites[site.settings.id, default: .init()].heldBy = position.bridgeID
      }
    }
  }

  /// Brings the file and the server to the same position.
  private func align(_ site: ShippedSite, _ position: CentralPosition, nowMs: Int64) throws {
    let there = ShipPosition(seq: position.seq, tip: position.tip)
    guard let state = try site.store.shipState() else {
      site.standing = .untaken
      return
    }
    if there.seq < state.acked.seq, site.regressedTo != there.seq {
      site.regressedTo = there.seq
      status.sites[site.settings.id, default: .init()].regressedAtMs = nowMs
    }
    // Each commit waits for the disk: none where nothing is new.
    let isKnown = state.acked == there && state.epoch == position.epoch && state.clusterID == cluster
    if try !isKnown && site.store.acknowledgeLog(there, epoch: position.epoch, cluster: cluster) == .unknown {
      guard !state.selection.keepsState || repairs else {
        // Another bridge went on without this file: it is restored, and never merged.
        site.standing = .stale
        status.sites[site.settings.id, default: .init()].state = .stale
        return end(site, there.seq < state.acked.seq ? .regressed : .stale)
      }
      // Events may come so much later than the newest one.
      try site.store.renumberLog(
        behind: there, epoch: position.epoch, cluster: cluster,
        fromMs: position.newestEventMs.map { $0 - site.settings.ingest.maxAgeMs } ?? 0, nowMs: nowMs)
    }
    site.standing = .holding(epoch: position.epoch)
    status.sites[site.settings.id, default: .init()].state = .shipping
    status.sites[site.settings.id, default: .init()].epoch = position.epoch
    status.sites[site.settings.id, default: .init()].heldBy = nil
  }

  /// In a fleet every commit of the file fails from now on.
  private func end(_ site: ShippedSite, _ reason: NotShipped) {
    guard leases != nil else { return }
    site.ended = reason
    site.store.gate?.end(reason)
    status.sites[site.settings.id, default: .init()].trouble = "\(reason)"
  }

  /// Runs what reads or writes a site's file; nil when that failed.
  @discardableResult func guarded<Result>(
    _ site: ShippedSite, nowMs: Int64, _ body: () throws -> Result
  ) -> Result? {
    do {
      let result = try body()
      status.sites[site.settings.id, default: .init()].trouble = site.ended.map { "\($0)" }
      return result
    } catch {
      site.pause(nowMs: nowMs)
      status.sites[site.settings.id, default: .init()].trouble = "\(error)"
      return nil
    }
  }

  /// Deletes old bodies of the logs, and has the server do a step of what keeps it in order.
  private func care(_ link: any CentralLink, nowMs: Int64) throws(CentralError) {
    if trimmedAtMs > nowMs || nowMs - max(trimmedAtMs, 0) >= Self.trimMs {
      trimmedAtMs = nowMs
      for site in sites where !site.isPaused(at: nowMs) {
        guarded(site, nowMs: nowMs) { _ = try site.store.trimLog(nowMs: nowMs) }
      }
    }
    guard maintainedAtMs > nowMs || nowMs - max(maintainedAtMs, 0) >= Self.maintainMs else { return }
    maintainedAtMs = nowMs
    if maintains { try maintain(link, nowMs: nowMs) }
    try sign(link, nowMs: nowMs)
    try takeRequests(link, nowMs: nowMs)
  }

  private func maintain(_ link: any CentralLink, nowMs: Int64) throws(CentralError) {
    let oldestMs = sites.map { nowMs - $0.settings.ingest.maxAgeMs }.min()
    do throws(CentralError) {
      _ = try link.maintain(oldestMs: oldestMs)
    } catch {
      // A lock that is not free, for example while a backup runs. It has time; shipping does not wait for it.
      guard link.isOpen else { throw error }
      status.maintenanceTrouble = "\(error)"
    }
  }

  /// Has the server note that this bridge still holds the sites that had nothing to ship for a while: who looks there tells
  /// a quiet plant from a bridge that is away.
  private func sign(_ link: any CentralLink, nowMs: Int64) throws(CentralError) {
    var quiet = sites.filter { $0.isQuiet && !$0.isPaused(at: nowMs) }[...]
    while !quiet.isEmpty, !isStopping() {
      let parts = quiet.prefix(Self.roundSites).compactMap { site in
        guarded(site, nowMs: nowMs) { try SitePart.sign(of: site) } ?? nil
      }
      quiet = quiet.dropFirst(Self.roundSites)
      guard !parts.isEmpty else { continue }
      let outcomes: [ShipmentOutcome]
      do throws(CentralError) {
        outcomes = try link.ship(parts.map(\.shipment))
      } catch {
        for part in parts { part.site.becomeUnsure() }
        throw error
      }
      for (part, outcome) in zip(parts, outcomes) where !outcome.isStored { part.site.becomeUnsure() }
    }
  }

  /// Notes in the files which back-fills were asked for at the server.
  private func takeRequests(_ link: any CentralLink, nowMs: Int64) throws(CentralError) {
    let known = Dictionary(uniqueKeysWithValues: sites.map { ($0.settings.id, $0) })
    for request in try link.requests() {
      guard let site = known[request.siteID], !site.isPaused(at: nowMs) else { continue }
      let range = ShipRange(fromMs: request.fromMs, toMs: request.toMs, kinds: .all)
      let isNoted: Void? = guarded(site, nowMs: nowMs) { try site.store.addBackfill(range) }
      // If the answer is lost, it is noted and shipped once more.
      if isNoted != nil { try link.answered(request) }
    }
  }

  // MARK: A round

  /// The next parts of some sites, in turn; of each first its log, then its back-fills.
  private func collect(nowMs: Int64) -> [SitePart] {
    let ready = sites.indices.map { (first + $0) % sites.count }.filter { place in
      guard case .holding = sites[place].standing else { return false }
      return !sites[place].isQuiet && !sites[place].isPaused(at: nowMs)
    }
    // A row that the server refuses is found alone.
    if let careful = ready.first(where: { sites[$0].isCareful }) {
      isFull = true
      if let part = part(of: sites[careful], rows: Self.roundRows, nowMs: nowMs) { return [part] }
      sites[careful].isCareful = false
    }
    isFull = false
    var parts: [SitePart] = []
    var rows = 0
    // So that a site with a backlog does not keep the others waiting.
    let share = max(512, Self.roundRows / max(1, ready.count))
    for place in ready {
      guard rows < Self.roundRows, parts.count < Self.roundSites, !isStopping() else {
        // The next round begins with those that had no turn.
        isFull = true
        break
      }
      first = (place + 1) % sites.count
      guard let part = part(of: sites[place], rows: min(share, Self.roundRows - rows), nowMs: nowMs) else {
        continue
      }
      parts.append(part)
      rows += part.shipment.records.count
      isFull = isFull || part.isFull(share)
    }
    return parts
  }

  private func part(of site: ShippedSite, rows: Int, nowMs: Int64) -> SitePart? {
    let part = guarded(site, nowMs: nowMs) { try SitePart.next(of: site, rows: rows, nowMs: nowMs) }
    return part ?? nil
  }

  private func ship(_ parts: [SitePart], _ link: any CentralLink, nowMs: Int64) throws(CentralError) {
    let outcomes: [ShipmentOutcome]
    do throws(CentralError) {
      outcomes = try link.ship(parts.map(\.shipment))
    } catch  where (error.isRefusedData || error.isOfStatement) && link.isOpen {
      // One row, or one site, is enough to refuse all: find it.
      guard parts.count == 1 else {
        for part in parts { part.site.isCareful = true }
        return
      }
      if error.isRefusedData { return try isolate(parts[0], link, nowMs: nowMs) }
      let site = parts[0].site
      site.isCareful = false
      site.pauseLong(nowMs: nowMs)
      status.sites[site.settings.id, default: .init()].trouble = "\(error)"
      return
    } catch {
      status.unknownOutcomes += 1
      for part in parts { part.becomeUnsure() }
      throw error
    }
    for (part, outcome) in zip(parts, outcomes) { settle(part, outcome, nowMs: nowMs) }
  }

  func settle(_ part: SitePart, _ outcome: ShipmentOutcome, nowMs: Int64) {
    let site = part.site
    guard let epoch = site.epoch else { return }
    // Until the file has noted it, the server must be asked.
    site.standing = .unsure(epoch: epoch)
    // What the server says of the site, and not the answer to old rows, decides who holds it.
    guard outcome.isStored else { return }
    site.isCareful = false
    status.shippedRows += Int64(part.shipment.records.count)
    guarded(site, nowMs: nowMs) {
      guard try site.store.acknowledgeLog(part.last, epoch: epoch, cluster: cluster) == .known else { return }
      if let base = part.shipment.base { try site.store.noteBase(base, nowMs: nowMs) }
      if let step = part.step {
        // After the position: else a server that loses it at this moment is not noticed.
        try site.store.finish(step, nowMs: nowMs)
        let tookMs = hurries ? 0 : clock.nowMs - nowMs
        site.stored(step: step.records.count, tookMs: tookMs, nowMs: clock.nowMs)
      }
      site.standing = .holding(epoch: epoch)
    }
  }
}
