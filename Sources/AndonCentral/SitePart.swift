import AndonConfiguration
import AndonCore
import AndonStore

/// What of a site is shipped next, and what the file notes when it is stored.
struct SitePart {
  enum Origin {
    /// Bodies of its log, up to this position.
    case log(last: ShipPosition)
    /// Rows that are no part of the log, from the tables.
    case backfill(ShipBackfillStep)
  }

  let site: ShippedSite
  var shipment: SiteShipment
  let origin: Origin
  /// Where the log stands before it.
  private let acked: ShipPosition

  /// Nil when nothing is ready: the log comes to its end before a back-fill continues.
  static func next(of site: ShippedSite, rows: Int, nowMs: Int64) throws -> SitePart? {
    // Read before the file: a commit in between is seen at the next look.
    let version = site.store.logVersion
    guard let epoch = site.epoch, let state = try site.store.shipState() else { return nil }
    var entry = Shipment.Site(
      id: site.settings.id, epoch: epoch, firstSeq: state.acked.seq + 1, lastSeq: state.acked.seq,
      tip: state.acked.tip)
    let origin: Origin
    let records: [ShipRecord]
    // A busy site's log has no end: a back-fill gets each fifth turn.
    let isBackfillDue = site.logTurns >= 4 && site.mayBackfill(at: nowMs)
    var step: ShipBackfillStep?
    if isBackfillDue { step = Self.step(of: site, rows, nowMs: nowMs) }
    var patches: [(seq: Int64, patch: ShippedPatch)] = []
    var base: WorkingState?
    if step == nil, let batch = try site.store.nextLog(rows: rows, nowMs: nowMs) {
      site.logTurns += 1
      if state.selection.keepsState { (patches, base) = (batch.patches, batch.base) }
      (entry.firstSeq, entry.lastSeq, entry.tip) = (batch.firstSeq, batch.last.seq, batch.last.tip)
      (origin, records) = (
        .log(last: batch.last),
        batch.bodies.flatMap(\.records).filter { $0.kind != .patch && state.selection.allows($0) }
      )
    } else if site.mayBackfill(at: nowMs), let step = step ?? Self.step(of: site, rows, nowMs: nowMs) {
      site.logTurns = 0
      (origin, records) = (.backfill(step), step.records)
    } else {
      if try site.store.backfills().isEmpty { site.quietVersion = version }
      return nil
    }
    entry.counters = counters(records)
    // Cameras tell it where events are not sent.
    entry.newestEventMs = records.reduce(nil) { newest, record in
      switch record {
      case .event(let row): max(newest ?? .min, row.event.timestampMs)
      case .camera(let row) where row.lastEventMs > 0: max(newest ?? .min, row.lastEventMs)
      default: newest
      }
    }
    var shipment = SiteShipment(entry, records)
    (shipment.patches, shipment.base) = (patches, base)
    return SitePart(site: site, shipment: shipment, origin: origin, acked: state.acked)
  }

  /// Nil also when it cannot be read; then it is tried again in a minute, and the log is not held up by it.
  private static func step(of site: ShippedSite, _ rows: Int, nowMs: Int64) -> ShipBackfillStep? {
    do {
      let step = try site.store.nextBackfill(
        of: site.settings, rows: min(site.backfillRows, rows), nowMs: nowMs)
      site.backfillTrouble = nil
      return step
    } catch {
      site.backfillFailed(error, nowMs: nowMs)
      return nil
    }
  }

  /// Nothing of a site: that the bridge still holds it, and has shipped all.
  static func sign(of site: ShippedSite) throws -> SitePart? {
    guard case .holding(let epoch) = site.standing, let state = try site.store.shipState() else { return nil }
    let acked = state.acked
    let entry = Shipment.Site(
      id: site.settings.id, epoch: epoch, firstSeq: acked.seq + 1, lastSeq: acked.seq, tip: acked.tip)
    return SitePart(site: site, shipment: SiteShipment(entry, []), origin: .log(last: acked), acked: acked)
  }

  /// Whether there may be more of the site.
  func isFull(_ share: Int) -> Bool {
    switch origin {
    case .log: shipment.records.count * 2 > share
    case .backfill: false
    }
  }

  /// Its answer is not known. A step that takes longer than the deadline never ends: the next one is smaller.
  func becomeUnsure() {
    if case .backfill = origin { site.backfillRows = max(50, site.backfillRows / 2) }
    site.becomeUnsure()
  }

  /// Some of its rows without a step of the log.
  func outsideOfTheLog(_ records: [ShipRecord]) -> SiteShipment {
    var shipment = SiteShipment(shipment.site, records)
    (shipment.site.firstSeq, shipment.site.lastSeq, shipment.site.tip) = (acked.seq + 1, acked.seq, acked.tip)
    return shipment
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
}
