import AndonCore
import GRDB

/// Finds the rows of workers during one query: by the index of a bucket, or by a scan where that is not complete or
/// damaged.
///
/// A scanned bucket is read once for all workers: four bytes an event in memory until the query ends.
final class WorkerRows {
  private let db: Database
  private let transaction: StoreTransaction
  private var writes: PendingWrites?
  private var times: [Int64: [Int64: TimeList]] = [:]

  init(_ db: Database, damage: DamageLog = DamageLog()) {
    self.db = db
    transaction = StoreTransaction(reading: db, damage: damage)
  }

  /// Read once, and only by a query that asks for rows.
  private func pending() throws -> PendingWrites {
    let found = try writes ?? transaction.pendingWrites()
    writes = found
    return found
  }

  /// Visits a worker's events of `[fromMs, toMs)` in order of time. O(buckets + events).
  func visit(
    worker: String, fromMs: Int64, toMs: Int64, _ body: (StoredEvent) throws -> Void
  ) throws {
    guard let id = try transaction.nameID(.worker, worker) else { return }
    for bucketMs in try SiteStore.eventBuckets(fromMs: fromMs, toMs: toMs, db) {
      try visit(id, bucketMs: bucketMs, fromMs: fromMs, toMs: toMs, body)
    }
  }

  /// A worker's summary of a part of a bucket, computed from the stored events; nil when there are none.
  func summary(
    worker: String, bucketMs: Int64, fromMs: Int64, toMs: Int64, timeoutMs: Int64
  ) throws -> TimelineSummary? {
    guard let id = try transaction.nameID(.worker, worker) else { return nil }
    let times = try times(of: id, bucketMs, fromMs: fromMs, toMs: toMs)
    return try transaction.summary(of: worker, id, bucketMs: bucketMs, times, timeoutMs: timeoutMs)
  }

  /// When the worker's first state ever was set. O(buckets before it).
  func firstSet(of worker: String) throws -> Int64? {
    guard let id = try transaction.nameID(.worker, worker) else { return nil }
    for bucketMs in try SiteStore.eventBuckets(fromMs: .min, toMs: .max, db) {
      var first: Int64?
      try visit(id, bucketMs: bucketMs, fromMs: bucketMs, toMs: .max) { stored in
        if first == nil, stored.isAccepted, stored.event.kind.isState { first = stored.event.timestampMs }
      }
      if let first { return first }
    }
    return nil
  }

  /// The last accepted state event before `ms`, in timeline order. O(buckets since then).
  func lastSet(of worker: String, before ms: Int64) throws -> Event? {
    guard let found = try lastSign(of: worker, before: ms, where: { $0.event.kind.isState }) else {
      return nil
    }
    return found.filter { $0.isAccepted && $0.event.kind.isState }.map(\.event).max(
      by: Event.timelinePrecedes)
  }

  /// The events of the newest instant before `ms` at which the worker has an accepted event that fits.
  func lastSign(
    of worker: String, before ms: Int64, where fits: (StoredEvent) -> Bool
  ) throws -> [StoredEvent]? {
    guard !worker.isEmpty, let id = try transaction.nameID(.worker, worker) else { return nil }
    let lifetime = try lifetime(of: worker)
    var endMs = min(ms, lifetime.upperBound)
    while let bucketMs = try newestBucket(before: endMs), bucketMs >= lifetime.lowerBound {
      var events: [StoredEvent] = []
      try visit(id, bucketMs: bucketMs, fromMs: bucketMs, toMs: ms) { events.append($0) }
      let instant = events.filter { $0.isAccepted && fits($0) }.map(\.event.timestampMs).max()
      if let instant { return events.filter { $0.event.timestampMs == instant } }
      endMs = bucketMs
    }
    return nil
  }

  /// From the first bucket with rows of the worker to the end of the last one; all time where it is not known.
  func lifetime(of worker: String) throws -> Range<Int64> {
    guard let buckets = try transaction.buckets(of: worker) else { return .min..<(.max) }
    return buckets.lowerBound..<buckets.upperBound + SummaryBucket.lengthMs
  }

  private func newestBucket(before ms: Int64) throws -> Int64? {
    let stored = try Int64.fetchOne(
      db.cachedStatement(sql: "SELECT max(bucket_ms) FROM event_checksum WHERE bucket_ms < ?"),
      arguments: [ms])
    // The checksums of new rows may be pending, too.
    let pending = try pending()
    let unlisted = pending.scanned.union(pending.checksums.keys).filter { $0 < ms }.max()
    return [stored, unlisted].compactMap(\.self).max()
  }

  private func visit(
    _ worker: Int64, bucketMs: Int64, fromMs: Int64, toMs: Int64, _ body: (StoredEvent) throws -> Void
  ) throws {
    try transaction.visitEvents(
      worker: worker, bucketMs: bucketMs, try times(of: worker, bucketMs, fromMs: fromMs, toMs: toMs), body)
  }

  /// The times of a worker's events in the part of the bucket that lies in `[fromMs, toMs)`.
  private func times(of worker: Int64, _ bucketMs: Int64, fromMs: Int64, toMs: Int64) throws -> TimeList {
    let (fromMs, toMs) = (max(fromMs, bucketMs), min(toMs, bucketMs + SummaryBucket.lengthMs))
    guard fromMs < toMs else { return TimeList() }
    return try times(of: worker, bucketMs).within(fromMs - bucketMs..<toMs - bucketMs)
  }

  private func times(of worker: Int64, _ bucketMs: Int64) throws -> TimeList {
    if let known = times[bucketMs] { return known[worker] ?? TimeList() }
    if try !pending().scanned.contains(bucketMs),
      let stored = try transaction.storedTimes(worker: worker, bucketMs: bucketMs)
    {
      return stored
    }
    let found = try transaction.scannedTimes(bucketMs: bucketMs)
    times[bucketMs] = found
    return found[worker] ?? TimeList()
  }
}
