import AndonCore
import GRDB

/// Finds the rows of workers during one query: by the index of a bucket, or by a scan where that is not complete or
/// damaged.
///
/// A scanned bucket is read once for all workers: sixteen bytes an event in memory until the query ends.
final class WorkerRows {
  private let db: Database
  private let transaction: StoreTransaction
  private var writes: PendingWrites?
  private var scans: [Int64: [Int32: EventList]] = [:]

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

  /// Whether the stored lists of the bucket have all of its events.
  func hasLists(_ bucketMs: Int64) throws -> Bool { try !pending().scanned.contains(bucketMs) }

  /// Visits a worker's events of `[fromMs, toMs)` in order of time. O(buckets + events).
  func visit(
    worker: String, fromMs: Int64, toMs: Int64, _ body: (StoredEvent) throws -> Void
  ) throws {
    guard let number = try number(of: worker) else { return }
    for bucketMs in try SiteStore.eventBuckets(fromMs: fromMs, toMs: toMs, db) {
      try visit(number, bucketMs: bucketMs, fromMs: fromMs, toMs: toMs) { try body($0.stored) }
    }
  }

  /// A worker's number; nil for an unknown one.
  func number(of worker: String) throws -> Int32? {
    try transaction.nameID(.worker, worker).map { Int32($0) }
  }

  /// A worker's events of a bucket, from the rows that the index finds.
  func events(worker: Int32, bucketMs: Int64) throws -> EventList {
    try transaction.events(
      worker: worker, bucketMs: bucketMs, at: offsets(of: worker, bucketMs, fromMs: bucketMs, toMs: .max))
  }

  /// When the worker's first state ever was set. O(buckets before it).
  func firstSet(of worker: Int32) throws -> Int64? {
    if let firstMs = try transaction.carriedState(worker: worker)?.firstSetMs { return firstMs }
    for bucketMs in try SiteStore.eventBuckets(fromMs: .min, toMs: .max, db) {
      var first: Int64?
      try visit(worker, bucketMs: bucketMs, fromMs: bucketMs, toMs: .max) { row in
        let stored = row.stored
        if first == nil, stored.isAccepted, stored.event.kind.isState { first = stored.event.timestampMs }
      }
      if let first { return first }
    }
    return nil
  }

  /// The last accepted state event before `ms`, in timeline order. O(buckets since then).
  func lastSet(of worker: Int32, before ms: Int64) throws -> EventRows.NumberedEvent? {
    try lastSign(of: worker, before: ms) { $0.event.kind.isState }?
      .filter { $0.stored.isAccepted && $0.stored.event.kind.isState }
      .max { Event.timelinePrecedes($0.stored.event, $1.stored.event) }
  }

  /// The events of the newest instant before `ms` at which the worker has an accepted event that fits.
  func lastSign(
    of worker: Int32, before ms: Int64, where fits: (StoredEvent) -> Bool
  ) throws -> [EventRows.NumberedEvent]? {
    guard worker != 0 else { return nil }
    let lifetime = try lifetime(of: worker)
    var endMs = min(ms, lifetime.upperBound)
    while let bucketMs = try newestBucket(before: endMs), bucketMs >= lifetime.lowerBound {
      var events: [EventRows.NumberedEvent] = []
      try visit(worker, bucketMs: bucketMs, fromMs: bucketMs, toMs: ms) { events.append($0) }
      let instant = events.map(\.stored).filter { $0.isAccepted && fits($0) }.map(\.event.timestampMs).max()
      if let instant { return events.filter { $0.stored.event.timestampMs == instant } }
      endMs = bucketMs
    }
    return try carriedSigns(of: worker, before: ms)
      .filter { fits($0.stored) }.max { $0.stored.event.timestampMs < $1.stored.event.timestampMs }
      .map { [$0] }
  }

  /// What stands for the deleted events: one that sets the last state, and one of the last sign of life.
  private func carriedSigns(of worker: Int32, before ms: Int64) throws -> [EventRows.NumberedEvent] {
    guard let carried = try transaction.carriedState(worker: worker) else { return [] }
    let texts = NameTexts(db)
    func sign(_ atMs: Int64, _ kind: EventKind, _ workstation: Int32) throws -> EventRows.NumberedEvent {
      let event = Event(
        timestampMs: atMs, workerID: try texts.text(worker), workstationID: try texts.text(workstation),
        kind: kind,
        confidencePpm: nil, count: 0, eventID: "")
      return EventRows.NumberedEvent(
        stored: StoredEvent(
          event: event, cameraID: try texts.text(carried.camera), isAccepted: true, receivedAtMs: atMs),
        names: EventNames(worker: worker, workstation: workstation, camera: carried.camera, model: 0))
    }
    var signs: [EventRows.NumberedEvent] = []
    let set = carried.setting(before: ms)
    if let set { signs.append(try sign(set.atMs, set.kind, set.workstation)) }
    if let lastMs = carried.lastSign(before: ms), lastMs != set?.atMs {
      signs.append(try sign(lastMs, .productCount, set?.workstation ?? 0))
    }
    return signs
  }

  /// From the first bucket with rows of the worker to the end of the last one; all time where it is not known.
  private func lifetime(of worker: Int32) throws -> Range<Int64> {
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

  /// Visits a worker's events in the part of the bucket that lies in `[fromMs, toMs)`, with their names' numbers.
  func visit(
    _ worker: Int32, bucketMs: Int64, fromMs: Int64, toMs: Int64,
    _ body: (EventRows.NumberedEvent) throws -> Void
  ) throws {
    let offsets = try offsets(of: worker, bucketMs, fromMs: fromMs, toMs: toMs)
    try transaction.visitEvents(worker: worker, bucketMs: bucketMs, offsets, body)
  }

  /// The times of a worker's events in the part of the bucket that lies in `[fromMs, toMs)`.
  private func offsets(of worker: Int32, _ bucketMs: Int64, fromMs: Int64, toMs: Int64) throws -> [UInt32] {
    let (fromMs, toMs) = (max(fromMs, bucketMs), min(toMs, bucketMs + SummaryBucket.lengthMs))
    guard fromMs < toMs else { return [] }
    return try list(of: worker, bucketMs).offsets.filter { (fromMs..<toMs).contains(bucketMs + Int64($0)) }
  }

  private func list(of worker: Int32, _ bucketMs: Int64) throws -> EventList {
    if let known = scans[bucketMs] { return known[worker] ?? EventList() }
    if try hasLists(bucketMs), let stored = try transaction.storedEvents(worker: worker, bucketMs: bucketMs) {
      return stored
    }
    let found = try transaction.scannedEvents(bucketMs: bucketMs)
    scans[bucketMs] = found
    return found[worker] ?? EventList()
  }
}
