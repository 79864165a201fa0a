import AndonCore
import GRDB

/// Reads one page of events, newest first.
struct EventPageReader {
  private let query: EventQuery
  private let transaction: StoreTransaction
  private var condition = "timestamp_ms >= ? AND timestamp_ms < ?"
  private var arguments: [Int64] = []
  private let worker: Int64?
  private let cameras: [EventStream]?
  private let scanned: Set<Int64>

  /// Nil when the query names something that the site does not know.
  init?(_ query: EventQuery, _ transaction: StoreTransaction) throws {
    (self.query, self.transaction) = (query, transaction)
    var numbers: [(column: String, number: Int64)] = []
    for (kind, name, column) in [
      (EntityKind.worker, query.workerID, "worker"), (.workstation, query.workstationID, "workstation"),
      (.camera, query.cameraID, "camera"),
    ] {
      guard let name else { continue }
      guard let number = try transaction.nameID(kind, name) else { return nil }
      numbers.append((column, number))
    }
    for (column, number) in numbers {
      condition += " AND \(column) = ?"
      arguments.append(number)
    }
    worker = query.workerID == nil ? nil : numbers.first?.number
    let camera = query.cameraID == nil ? nil : numbers.last?.number
    cameras = try camera.map { camera in try transaction.streams().filter { $0.camera == camera } }
    scanned = try transaction.pendingWrites().scanned
    condition += " ORDER BY timestamp_ms DESC, worker DESC, kind DESC, workstation DESC, event_id DESC"
  }

  func read() throws -> (events: [StoredEvent], hasMore: Bool) {
    var page: [StoredEvent] = []
    var hasMore = false
    // The page before ended with this event: it and those of its time that come before it are left out.
    var isBehindCursor = query.after == nil
    var rows = EventRows(transaction.db)
    try visitRanges { range in
      try rows.visit(where: condition, [range.lowerBound, range.upperBound] + arguments) { row in
        if !isBehindCursor, let after = query.after {
          isBehindCursor = row.stored.event.timestampMs < after.timestampMs
          if !isBehindCursor {
            isBehindCursor = EventCursor(row.stored.event) == after
            return true
          }
        }
        hasMore = page.count == query.limit
        if !hasMore { page.append(row.stored) }
        return !hasMore
      }
      return !hasMore
    }
    return (page, hasMore)
  }

  /// Visits the ranges of time in which rows of the query may be, newest first, until the body returns false.
  private func visitRanges(_ body: (Range<Int64>) throws -> Bool) throws {
    let endMs = min(query.toMs, (query.after?.timestampMs).map { $0 + 1 } ?? .max)
    guard query.fromMs < endMs else { return }
    guard worker != nil || cameras != nil else {
      _ = try body(query.fromMs..<endMs)
      return
    }
    let known = try worker.flatMap { try transaction.buckets(of: Int32($0)) }
    let fromMs = max(query.fromMs, known?.lowerBound ?? .min)
    let toMs = min(endMs, known.map { $0.upperBound + SummaryBucket.lengthMs } ?? .max)
    for bucketMs in try SiteStore.eventBuckets(fromMs: fromMs, toMs: toMs, transaction.db).reversed() {
      let range = max(query.fromMs, bucketMs)..<min(endMs, bucketMs + SummaryBucket.lengthMs)
      guard let offsets = try offsets(bucketMs) else {
        guard try range.isEmpty || body(range) else { return }
        continue
      }
      for offset in offsets.reversed() where range.contains(bucketMs + Int64(offset)) {
        guard try body(bucketMs + Int64(offset)..<bucketMs + Int64(offset) + 1) else { return }
      }
    }
  }

  /// The times of the worker's or camera's rows in a bucket, each once, in order; nil where the rows have to be scanned.
  private func offsets(_ bucketMs: Int64) throws -> [UInt32]? {
    if scanned.contains(bucketMs) { return nil }
    if let worker { return try transaction.storedEvents(worker: Int32(worker), bucketMs: bucketMs)?.offsets }
    var offsets: Set<UInt32> = []
    for stream in cameras ?? [] {
      let endMs = bucketMs + SummaryBucket.lengthMs
      try transaction.visitSampleEntries(stream, fromMs: bucketMs, toMs: endMs, newer: []) { _, entry in
        offsets.insert(entry.offset)
        return true
      }
    }
    return offsets.sorted()
  }
}
