package import AndonConfiguration
import AndonCore
package import AndonRuntime
package import AndonStore

/// Ships the logs of a bridge's sites to the central database over one connection. For one thread at a time.
///
/// Only the answer to its own statement counts. After a lost connection, a deadline or a warning it asks the server how far
/// each site is, and continues from there: what was stored is not stored twice, and what was not is shipped again.
package final class Shipper {
  /// A round takes what is ready, at most this.
  package static let roundRows = 8192
  package static let roundSites = 64

  /// What a round came to.
  package enum Outcome: Sendable, Equatable {
    /// There may be more: the next round can begin at once.
    case shipped
    /// Nothing was ready.
    case idle
    /// Try again at that time of the clock, epoch milliseconds.
    case waiting(untilMs: Int64)
  }

  private let bridge: String
  private let incarnation: String
  private let retentionMs: Int64?
  private let place: String
  private let clock: WallClock
  private let connect: () throws(CentralError) -> any CentralLink
  private var random: any RandomNumberGenerator
  private var link: (any CentralLink)?
  private var cluster: [UInt8] = []
  private let sites: [ShippedSite]
  private var first = 0
  private var retry = ShipperRetry()
  package private(set) var status = ShipperStatus()

  /// - Parameters:
  ///   - incarnation: a UUID of this run of the bridge.
  ///   - place: the server, for people.
  ///   - retentionMs: how old events and figures of workers may become at the server; nil: for ever.
  package init(
    sites: [(SiteSettings, SiteStore)], bridge: String, incarnation: String, retentionMs: Int64?,
    place: String,
    clock: WallClock = .system, random: any RandomNumberGenerator = SystemRandomNumberGenerator(),
    connect: @escaping () throws(CentralError) -> any CentralLink
  ) {
    self.sites = sites.map { ShippedSite($0, $1) }
    (self.bridge, self.incarnation, self.retentionMs) = (bridge, incarnation, retentionMs)
    (self.place, self.clock, self.random, self.connect) = (place, clock, random, connect)
  }

  /// Connects if necessary and ships what is ready. It takes as long as the server does, at most a few deadlines of 10 s.
  ///
  /// - Throws: for a file that cannot be read or written. The server is asked about its site before the next part.
  package func round() throws -> Outcome {
    let nowMs = clock.nowMs
    if retry.holds(at: nowMs) { return .waiting(untilMs: retry.notBeforeMs) }
    do {
      let link = try connected()
      try take(link, nowMs: nowMs)
      try ask(link, nowMs: nowMs)
      let parts = try collect(nowMs: nowMs)
      if !parts.isEmpty { try ship(parts, link, nowMs: nowMs) }
      retry.succeeded()
      (status.isConnected, status.trouble) = (true, nil)
      return parts.isEmpty ? .idle : .shipped
    } catch let error as CentralError {
      retry.failed(nowMs: nowMs, &random)
      status.trouble = error.description
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
    status.isConnected = false
    for site in sites {
      if let epoch = site.epoch { site.standing = .unsure(epoch: epoch) }
    }
  }

  // MARK: The server

  private func connected() throws -> any CentralLink {
    if let link, link.isOpen { return link }
    drop()
    let fresh = try connect()
    do {
      let about = try fresh.about()
      guard about.oldestWriter <= CentralSchema.version else {
        throw CentralError.bridgeTooOld(needs: about.oldestWriter, place: place)
      }
      guard about.schemaVersion >= CentralSchema.version else {
        throw CentralError.olderSchema(version: about.schemaVersion, place: place)
      }
      cluster = Array(about.clusterID.utf8)
    } catch {
      fresh.close()
      throw error
    }
    link = fresh
    return fresh
  }

  /// Makes this bridge the holder of the sites that it does not hold yet.
  private func take(_ link: any CentralLink, nowMs: Int64) throws {
    var untaken = sites.filter { $0.standing == .untaken }
    for site in untaken where try isForeign(site) {
      site.standing = .foreign
      status.sites[site.settings.id, default: .init()].state = .foreign
    }
    untaken.removeAll { $0.standing == .foreign }
    guard !untaken.isEmpty else { return }
    let positions = try link.take(
      sites: untaken.map(\.settings.id), bridge: bridge, incarnation: incarnation, retentionMs: retentionMs)
    for position in positions {
      guard let site = untaken.first(where: { $0.settings.id == position.siteID }) else { continue }
      site.standing = .unsure(epoch: position.epoch)
      try align(site, position, nowMs: nowMs)
    }
  }

  /// Whether the file was shipped to another database before: then this is a mistake, and not a new beginning.
  private func isForeign(_ site: ShippedSite) throws -> Bool {
    guard let state = try site.store.shipState(), !state.clusterID.isEmpty else { return false }
    return state.clusterID != cluster
  }

  /// Asks how far the sites are whose last answer was not certain.
  private func ask(_ link: any CentralLink, nowMs: Int64) throws {
    for site in sites {
      guard case .unsure(let epoch) = site.standing else { continue }
      let position = try link.resume(site: site.settings.id, epoch: epoch)
      guard let position, position.epoch >= epoch else {
        // The server went back to a time before this bridge took the site.
        site.standing = .untaken
        status.sites[site.settings.id, default: .init()].regressedAtMs = nowMs
        continue
      }
      if position.isMine {
        try align(site, position, nowMs: nowMs)
      } else {
        fence(site, by: position.bridgeID)
      }
    }
  }

  private func fence(_ site: ShippedSite, by bridge: String?) {
    site.standing = .fenced(by: bridge)
    status.sites[site.settings.id, default: .init()].state = .fenced
    status.sites[site.settings.id, default: .init()].heldBy = bridge
  }

  /// Brings the file and the server to the same position.
  private func align(_ site: ShippedSite, _ position: CentralPosition, nowMs: Int64) throws {
    let there = ShipPosition(seq: position.seq, tip: position.tip)
    guard let state = try site.store.shipState() else { return }
    if there.seq < state.acked.seq {
      status.sites[site.settings.id, default: .init()].regressedAtMs = nowMs
    }
    if try site.store.acknowledgeLog(there, epoch: position.epoch, cluster: cluster) == .unknown {
      // Events may come so much later than the newest one.
      try site.store.renumberLog(
        behind: there, epoch: position.epoch, cluster: cluster,
        fromMs: position.newestEventMs.map { $0 - site.settings.ingest.maxAgeMs } ?? 0, nowMs: nowMs)
    }
    site.standing = .holding(epoch: position.epoch)
    status.sites[site.settings.id, default: .init()].state = .shipping
  }

  // MARK: A round

  /// The next parts of some sites, in turn; first the logs, then back-fills.
  private func collect(nowMs: Int64) throws -> [(site: ShippedSite, part: ShippedPart)] {
    var parts: [(site: ShippedSite, part: ShippedPart)] = []
    var rows = 0
    defer { first = sites.isEmpty ? 0 : (first + 1) % sites.count }
    for offset in sites.indices {
      let site = sites[(first + offset) % sites.count]
      guard case .holding = site.standing, rows < Self.roundRows, parts.count < Self.roundSites else {
        continue
      }
      // A row that the server refuses is found alone.
      if site.isCareful, !parts.isEmpty { continue }
      if let batch = try site.store.nextLog(rows: Self.roundRows - rows) {
        parts.append((site, .log(batch)))
        rows += batch.rows
      } else if nowMs >= site.backfillNotBeforeMs || site.backfillNotBeforeMs - nowMs > 60_000,
        let step = try site.store.nextBackfill(
          of: site.settings, rows: min(5000, Self.roundRows - rows), nowMs: nowMs)
      {
        parts.append((site, .backfill(step)))
        rows += step.records.count
      }
      if site.isCareful { break }
    }
    return parts
  }

  private func ship(
    _ parts: [(site: ShippedSite, part: ShippedPart)], _ link: any CentralLink, nowMs: Int64
  ) throws {
    let shipments = try parts.map { try Self.shipment($1, of: $0) }
    let outcomes: [ShipmentOutcome]
    do throws(CentralError) {
      outcomes = try link.ship(shipments)
    } catch  where error.isRefusedData {
      // One row is enough to refuse all: find it.
      if parts.count == 1 { return try isolate(parts[0].site, parts[0].part, link, nowMs: nowMs) }
      for (site, _) in parts { site.isCareful = true }
      return
    } catch {
      status.unknownOutcomes += 1
      for (site, _) in parts { if let epoch = site.epoch { site.standing = .unsure(epoch: epoch) } }
      throw error
    }
    status.shippedRows += shipments.reduce(0) { $0 + Int64($1.records.count) }
    for ((site, part), outcome) in zip(parts, outcomes) {
      try settle(site, part, outcome, nowMs: nowMs)
    }
  }

  /// A part as rows, and where the site's log stands with it.
  private static func shipment(
    _ part: ShippedPart, of site: ShippedSite, records: [ShipRecord]? = nil
  ) throws -> SiteShipment {
    guard let epoch = site.epoch, let state = try site.store.shipState() else {
      preconditionFailure("only a site that is held, with its log on, is shipped")
    }
    let records = records ?? part.records
    var entry = Shipment.Site(
      id: site.settings.id, epoch: epoch, firstSeq: state.acked.seq + 1, lastSeq: state.acked.seq,
      tip: state.acked.tip)
    if case .log(let batch) = part {
      (entry.firstSeq, entry.lastSeq, entry.tip) = (batch.firstSeq, batch.last.seq, batch.last.tip)
    }
    entry.counters = counters(records)
    entry.newestEventMs = records.reduce(nil) { newest, record in
      guard case .event(let row) = record else { return newest }
      return max(newest ?? .min, row.event.timestampMs)
    }
    return SiteShipment(entry, records)
  }

  /// The newest values of the counters, in the order of `CentralSchema.counters`.
  private static func counters(_ records: [ShipRecord]) -> [Int64?] {
    var newest: [Int: Int64] = [:]
    for case .counters(let row) in records { newest.merge(row.values) { $1 } }
    guard !newest.isEmpty else { return [] }
    return CentralSchema.counters.map { name in
      OutcomeCounters.names.firstIndex { $0.name == name }.flatMap { newest[$0] }
    }
  }

  private func settle(
    _ site: ShippedSite, _ part: ShippedPart, _ outcome: ShipmentOutcome, nowMs: Int64
  ) throws {
    guard let epoch = site.epoch else { return }
    switch outcome {
    // What the server says of the site, and not the answer to old rows, decides.
    case .fenced, .otherPosition: site.standing = .unsure(epoch: epoch)
    case .applied, .repeated:
      // Until the file has noted it, the server must be asked.
      site.standing = .unsure(epoch: epoch)
      site.isCareful = false
      switch part {
      case .log(let batch):
        guard try site.store.acknowledgeLog(batch.last, epoch: epoch, cluster: cluster) == .known else {
          return
        }
      case .backfill(let step):
        try site.store.finish(step, nowMs: nowMs)
        // At most a fifth of the time.
        site.backfillNotBeforeMs = clock.nowMs + 4 * max(0, clock.nowMs - nowMs)
      case .rows: break
      }
      site.standing = .holding(epoch: epoch)
    }
  }

  // MARK: Rows that the server refuses

  /// Ships a part in halves, until the rows that the server refuses are alone. Each of these is a gap of the site, the
  /// others are stored. O(refused rows × log rows) statements.
  private func isolate(
    _ site: ShippedSite, _ part: ShippedPart, _ link: any CentralLink, nowMs: Int64
  ) throws {
    guard case .holding(let epoch) = site.standing else { return }
    // If the connection ends in between, all of it is shipped again.
    site.standing = .unsure(epoch: epoch)
    var refused: [(record: ShipRecord, why: String)] = []
    var pieces = [part.records[...]]
    while let piece = pieces.popLast() {
      guard !piece.isEmpty else { continue }
      site.standing = .holding(epoch: epoch)
      // Rows that are no part of the log: the position stays.
      let shipment = try Self.shipment(.rows(Array(piece)), of: site)
      site.standing = .unsure(epoch: epoch)
      do throws(CentralError) {
        switch try link.ship([shipment]).first {
        case .applied, .repeated: continue
        case .fenced, .otherPosition, nil: return
        }
      } catch  where error.isRefusedData {
        let middle = piece.startIndex + piece.count / 2
        if piece.count == 1 {
          refused.append((piece[piece.startIndex], error.description))
        } else {
          pieces += [piece[middle...], piece[..<middle]]
        }
      } catch {
        status.unknownOutcomes += 1
        throw error
      }
    }
    for (record, why) in refused { try site.store.noteRefused(record, why: why, nowMs: nowMs) }
    status.sites[site.settings.id, default: .init()].refusedRows += Int64(refused.count)
    // The rest is stored; the position follows.
    site.standing = .holding(epoch: epoch)
    let shipment = try Self.shipment(part, of: site, records: [])
    site.standing = .unsure(epoch: epoch)
    let outcomes = try link.ship([shipment])
    if let outcome = outcomes.first { try settle(site, part, outcome, nowMs: nowMs) }
  }
}
