package import AndonConfiguration
package import AndonCore
import GRDB

/// The stops that are told while a bridge runs: those of the last day or of `kpi.lateness`, if that is longer.
///
/// A shift that is over is read once, and again when a late event changed it; of the running shift only the buckets that
/// changed are read again. So a read costs O(workers), not O(events of the shift).
package struct LiveStops: Sendable {
  /// The result of one read, from one snapshot.
  package struct Reading: Sendable {
    /// All stops with a part in `[fromMs, nowMs)` are in it.
    package var fromMs: Int64
    package var parts: [StopPart]
  }

  private let site: SiteSettings
  private let query: StopQuery
  private let horizonMs: Int64
  private var cache = BucketCache()
  private var shifts = ShiftCache()
  private var sequence: Int64 = .min
  private var epoch: Int64 = .min
  private var store: ObjectIdentifier?

  private static let dayMs = CivilTime.millisecondsPerDay
  /// Longer than a month is not looked back at every second.
  private static let longestMs = 31 * dayMs

  package init(site: SiteSettings) {
    self.site = site
    query = StopQuery(site: site)
    horizonMs = min(Self.longestMs, max(Self.dayMs, site.kpi.latenessMs))
  }

  package mutating func read(_ store: SiteStore, nowMs: Int64) throws -> Reading {
    let epoch = store.changes.epoch
    if self.store != ObjectIdentifier(store) || epoch != self.epoch {
      (cache, shifts, sequence) = (BucketCache(), ShiftCache(), .min)
      (self.store, self.epoch) = (ObjectIdentifier(store), epoch)
    }
    var fromMs = nowMs - horizonMs
    while true {
      do {
        let parts = try read(store, from: fromMs, nowMs: nowMs)
        return Reading(fromMs: fromMs, parts: parts)
      } catch let gone as FiguresGone where gone.toMs > fromMs {
        fromMs = min(nowMs, gone.toMs)
      }
    }
  }

  private mutating func read(_ store: SiteStore, from fromMs: Int64, nowMs: Int64) throws -> [StopPart] {
    guard fromMs < nowMs else { return [] }
    return try store.database.read { db in
      let current = try SiteStore.sequence(db)
      if let changedMs = store.changes.earliestBucket(after: sequence, upTo: current) {
        cache.forget(from: changedMs)
        shifts.forget(endingAfter: changedMs)
      }
      sequence = current
      cache.trim(
        summariesBefore: nowMs - 2 * Self.dayMs,
        stationsBefore: fromMs - StopShift.lookBackMs - 2 * Self.dayMs)
      shifts.forget(endingUpTo: fromMs)
      var reader = try StationReader(
        timeoutMs: site.ingest.stateTimeoutMs, db, store.damage, isInProcess: store.isWriter, cache: cache)
      let parts = try query.stops(
        overlapping: fromMs..<nowMs, of: nil, &reader, known: &shifts, path: store.path, nowMs: nowMs, db)
      cache = reader.cache
      return parts
    }
  }
}
