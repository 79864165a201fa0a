import AndonConfiguration
import AndonCore
import AndonStore

/// What of a site is shipped next, and what the file notes when it is stored.
struct SitePart {
  let site: ShippedSite
  var shipment: SiteShipment
  /// Where the log stands when it is stored.
  let last: ShipPosition
  /// Rows of the tables that go with it.
  let step: ShipBackfillStep?
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
    // A busy site's log has no end: a back-fill gets each fifth turn.
    let mayBackfill = site.mayBackfill(at: nowMs)
    var step = site.logTurns >= 4 && mayBackfill ? Self.step(of: site, rows, nowMs: nowMs) : nil
    var batch = step == nil ? try site.store.nextLog(rows: rows, nowMs: nowMs) : nil
    if batch == nil {
      if step == nil, mayBackfill { step = Self.step(of: site, rows, nowMs: nowMs) }
      guard let step else {
        if try site.store.backfills().isEmpty { site.quietVersion = version }
        return nil
      }
      batch = try site.store.nextLog(with: step, rows: max(1, rows - step.records.count), nowMs: nowMs)
    }
    guard let batch else { return nil }
    site.logTurns = step == nil ? site.logTurns + 1 : 0
    (entry.firstSeq, entry.lastSeq, entry.tip) = (batch.firstSeq, batch.last.seq, batch.last.tip)
    let logged = batch.bodies.flatMap(\.records).filter { $0.kind != .patch && state.selection.allows($0) }
    let records = logged + (step?.records ?? [])
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
    if state.selection.keepsState { (shipment.patches, shipment.base) = (batch.patches, batch.base) }
    return SitePart(site: site, shipment: shipment, last: batch.last, step: step, acked: state.acked)
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
    return SitePart(site: site, shipment: SiteShipment(entry, []), last: acked, step: nil, acked: acked)
  }

  /// Whether there may be more of the site.
  func isFull(_ share: Int) -> Bool { step == nil && shipment.records.count * 2 > share }

  /// Its answer is not known. A step that takes longer than the deadline never ends: the next one is smaller.
  func becomeUnsure() {
    if step != nil { site.backfillRows = max(50, site.backfillRows / 2) }
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
