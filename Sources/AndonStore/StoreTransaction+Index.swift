package import AndonCore
import Foundation
import GRDB

/// The events of one worker, and the confidences of one camera and model version, without their rows.
///
/// The rows lie in order of time, which is how they arrive. The two indexes have one blob for a worker or camera and
/// bucket. Those of open buckets are in the memory of the ingest loop: `PendingWrites` names their buckets, and a
/// reader scans the rows of those.
extension StoreTransaction {
  /// A worker's events in a bucket; nil when the stored ones are damaged, which is recorded.
  package func storedEvents(worker: Int32, bucketMs: Int64) throws -> EventList? {
    let found = try BlobQuery.first(
      "SELECT worker, events FROM worker_index WHERE bucket_ms = ? AND worker = ?", [bucketMs, worker], db
    ) { _, blob -> EventList?? in
      let count = ChecksummedBlob.soundCount(blob, BlobKey.workerIndex(bucketMs: bucketMs, worker))
      return .some(count.flatMap { EventList(encoded: blob.extracting(0..<$0)) })
    }
    guard let found else { return EventList() }
    if found == nil { damage.found(.eventIndex(bucketMs: bucketMs)) }
    return found
  }

  package func save(_ events: EventList, worker: Int32, bucketMs: Int64) throws {
    let statement = try db.cachedStatement(
      sql: """
        INSERT INTO worker_index (bucket_ms, worker, events) VALUES (?, ?, ?)
        ON CONFLICT DO UPDATE SET events = excluded.events
        """)
    statement.setUncheckedArguments([
      bucketMs.databaseValue, worker.databaseValue,
      BlobKey.workerIndex(bucketMs: bucketMs, worker).sealed(events.encoded()).databaseValue,
    ])
    try statement.execute()
  }

  // MARK: A worker's rows

  /// The rows of a worker at these times of a bucket, in order. O(times × log rows).
  func visitEvents(
    worker: Int32, bucketMs: Int64, _ offsets: [UInt32], _ body: (EventRows.NumberedEvent) throws -> Void
  ) throws {
    var rows = EventRows(db)
    for offset in offsets {
      try rows.visit(
        where: "timestamp_ms = ? AND worker = ? ORDER BY kind, workstation, event_id",
        [bucketMs + Int64(offset), Int64(worker)]
      ) {
        try body($0)
        return true
      }
    }
  }

  /// A worker's events at these times of a bucket, from the rows.
  package func events(worker: Int32, bucketMs: Int64, at offsets: [UInt32]) throws -> EventList {
    var builder = EventListBuilder(bucketMs: bucketMs)
    try visitEvents(worker: worker, bucketMs: bucketMs, offsets) { builder.add($0) }
    return builder.finish()
  }

  /// All workers' events of a range of time in one bucket, from the rows. O(events of the range).
  package func scannedEvents(bucketMs: Int64, fromMs: Int64 = .min, toMs: Int64 = .max) throws -> [Int32:
    EventList]
  {
    var builders: [Int32: EventListBuilder] = [:]
    var rows = EventRows(db)
    let (fromMs, toMs) = (max(fromMs, bucketMs), min(toMs, bucketMs + SummaryBucket.lengthMs))
    try rows.visit(fromMs: fromMs, toMs: toMs) { row in
      builders[row.names.worker, default: EventListBuilder(bucketMs: bucketMs)].add(row)
    }
    return builders.mapValues {
      var builder = $0
      return builder.finish()
    }
  }

  // MARK: A bucket as a whole

  /// Computes everything of a bucket from its rows, in one pass, and writes it. O(events of the bucket).
  func recompute(bucketMs: Int64, timeoutMs: Int64) throws {
    guard abs(bucketMs / 2) < Int64.max / 4 else {
      // No event has such a time: the row itself is damaged.
      return try db.execute(sql: "DELETE FROM summary_bucket WHERE bucket_ms = ?", arguments: [bucketMs])
    }
    // What belongs to workers that do not exist goes, too.
    try dropIndexes(of: bucketMs)
    try db.cachedStatement(sql: "DELETE FROM worker_summary WHERE bucket_ms = ?").execute(arguments: [
      bucketMs
    ])
    // The triggers do that only where there was a summary.
    try db.cachedStatement(sql: "DELETE FROM compacted_bucket WHERE bucket_ms = ?").execute(arguments: [
      bucketMs
    ])
    let contents = try BucketContents(bucketMs: bucketMs, db)
    for (worker, events) in contents.events {
      try save(events, worker: worker, bucketMs: bucketMs)
      _ = try summarize(events, worker: worker, bucketMs: bucketMs, timeoutMs: timeoutMs)
    }
    for (stream, samples) in contents.samples {
      let endMs = bucketMs + SummaryBucket.lengthMs
      try save(SamplePiece(fromMs: bucketMs, endMs: endMs, list: samples, isWhole: false), stream)
    }
    try db.cachedStatement(sql: "UPDATE summary_bucket SET timeout_ms = ? WHERE bucket_ms = ?")
      .execute(arguments: [timeoutMs, bucketMs])
  }

  /// O(cameras and model versions × log rows).
  func dropIndexes(of bucketMs: Int64) throws {
    try db.cachedStatement(sql: "DELETE FROM worker_index WHERE bucket_ms = ?").execute(arguments: [bucketMs])
    for stream in try indexedStreams() {
      try drop(stream, fromMs: bucketMs, toMs: bucketMs + SummaryBucket.lengthMs)
    }
  }
}

/// A camera and a model version, by their numbers in `name`.
package struct EventStream: Sendable, Hashable {
  package var camera: Int64
  package var model: Int64

  package init(camera: Int64, model: Int64) { (self.camera, self.model) = (camera, model) }
}

extension EventListBuilder {
  mutating func add(_ row: EventRows.NumberedEvent) {
    add(
      row.stored.event, isAccepted: row.stored.isAccepted, workstation: row.names.workstation,
      camera: row.names.camera)
  }
}
