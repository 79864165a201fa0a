package import AndonCore
import Foundation
import GRDB

/// Where to find the events of one worker, and the confidences of one camera and model version.
///
/// The rows lie in order of time, which is how they arrive. The two indexes have one blob for a worker or camera and
/// bucket. Those of open buckets are in the memory of the ingest loop: `PendingWrites` names their buckets, and a
/// reader scans the rows of those.
extension StoreTransaction {
  /// The times of a worker's events in a bucket; nil when the stored ones are damaged, which is recorded.
  package func storedTimes(worker: Int64, bucketMs: Int64) throws -> TimeList? {
    let row = try Row.fetchOne(
      db.cachedStatement(sql: "SELECT times FROM worker_index WHERE bucket_ms = ? AND worker = ?"),
      arguments: [bucketMs, worker])
    guard let row else { return TimeList() }
    if let times = BlobKey.workerIndex(bucketMs: bucketMs, worker).opened(row[0])
      .flatMap({ TimeList(encoded: $0.span) })
    {
      return times
    }
    damage.found(.eventIndex(bucketMs: bucketMs))
    return nil
  }

  package func save(_ times: TimeList, worker: Int64, bucketMs: Int64) throws {
    let statement = try db.cachedStatement(
      sql: """
        INSERT INTO worker_index (bucket_ms, worker, times) VALUES (?, ?, ?)
        ON CONFLICT DO UPDATE SET times = excluded.times
        """)
    statement.setUncheckedArguments([
      bucketMs.databaseValue, worker.databaseValue,
      BlobKey.workerIndex(bucketMs: bucketMs, worker).sealed(times.encoded()).databaseValue,
    ])
    try statement.execute()
  }

  /// The events of a camera and model version in a bucket; nil when the stored ones are damaged, which is recorded.
  package func storedSamples(_ stream: EventStream, bucketMs: Int64) throws -> SampleList? {
    let row = try Row.fetchOne(
      db.cachedStatement(
        sql: "SELECT samples FROM camera_index WHERE camera = ? AND model = ? AND bucket_ms = ?"),
      arguments: [stream.camera, stream.model, bucketMs])
    guard let row else { return SampleList() }
    if let samples = BlobKey.cameraIndex(stream, bucketMs: bucketMs).opened(row[0])
      .flatMap({ SampleList(encoded: $0.span) })
    {
      return samples
    }
    damage.found(.eventIndex(bucketMs: bucketMs))
    return nil
  }

  package func save(_ samples: SampleList, _ stream: EventStream, bucketMs: Int64) throws {
    let statement = try db.cachedStatement(
      sql: """
        INSERT INTO camera_index (camera, model, bucket_ms, samples) VALUES (?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET samples = excluded.samples
        """)
    statement.setUncheckedArguments([
      stream.camera.databaseValue, stream.model.databaseValue, bucketMs.databaseValue,
      BlobKey.cameraIndex(stream, bucketMs: bucketMs).sealed(samples.encoded()).databaseValue,
    ])
    try statement.execute()
  }

  // MARK: A worker's rows

  /// The rows of a worker at these times of a bucket, in order. O(times × log rows).
  package func visitEvents(
    worker: Int64, bucketMs: Int64, _ times: TimeList, _ body: (StoredEvent) throws -> Void
  ) throws {
    var rows = EventRows(db)
    for offset in times.offsets {
      try rows.visit(
        where: "timestamp_ms = ? AND worker = ? ORDER BY kind, workstation, event_id",
        [bucketMs + Int64(offset), worker]
      ) {
        try body($0.stored)
        return true
      }
    }
  }

  /// The summary of a worker's accepted events at these times of a bucket; nil when there are none.
  package func summary(
    of worker: String, _ id: Int64, bucketMs: Int64, _ times: TimeList, timeoutMs: Int64
  ) throws -> TimelineSummary? {
    var builder = SummaryBuilder(worker: worker, timeoutMs: timeoutMs)
    try visitEvents(worker: id, bucketMs: bucketMs, times) { stored in
      if stored.isAccepted { builder.add(stored.event, cameraID: stored.cameraID) }
    }
    return builder.finish()
  }

  /// The events of a camera and model version at one time, in the order of the drift rules.
  package func samples(_ stream: EventStream, atMs ms: Int64) throws -> [SampleList.Entry] {
    var builder = SampleListBuilder(bucketMs: SummaryBucket.start(of: ms))
    var rows = EventRows(db)
    try rows.visit(where: "timestamp_ms = ? AND camera = ? AND model = ?", [ms, stream.camera, stream.model])
    { row in
      builder.add(row.stored.event, isAccepted: row.stored.isAccepted)
      return true
    }
    return builder.finish().entries
  }

  /// The times of all workers' events in a bucket, from the rows. O(events of the bucket).
  package func scannedTimes(bucketMs: Int64) throws -> [Int64: TimeList] {
    var times: [Int64: TimeList] = [:]
    let rows = try Row.fetchCursor(
      db.cachedStatement(
        sql: """
          SELECT worker, timestamp_ms FROM event WHERE timestamp_ms >= ? AND timestamp_ms < ?
          ORDER BY timestamp_ms
          """), arguments: [bucketMs, bucketMs + SummaryBucket.lengthMs])
    while let row = try rows.next() {
      times[row[0], default: TimeList()].insert(UInt32(row[1] as Int64 - bucketMs))
    }
    return times
  }

  /// The events of a camera and model version in a bucket, from the rows. O(events of the bucket).
  package func scannedSamples(_ stream: EventStream, bucketMs: Int64) throws -> SampleList {
    var builder = SampleListBuilder(bucketMs: bucketMs)
    var rows = EventRows(db)
    try rows.visit(
      where: "timestamp_ms >= ? AND timestamp_ms < ? AND camera = ? AND model = ? ORDER BY timestamp_ms",
      [bucketMs, bucketMs + SummaryBucket.lengthMs, stream.camera, stream.model]
    ) {
      builder.add($0.stored.event, isAccepted: $0.stored.isAccepted)
      return true
    }
    return builder.finish()
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
    let contents = try BucketContents(bucketMs: bucketMs, timeoutMs: timeoutMs, db)
    for (worker, times) in contents.times { try save(times, worker: worker, bucketMs: bucketMs) }
    for (stream, samples) in contents.samples { try save(samples, stream, bucketMs: bucketMs) }
    for (worker, summary) in contents.summaries { try save(summary, worker: worker, bucketMs: bucketMs) }
    try db.cachedStatement(sql: "UPDATE summary_bucket SET timeout_ms = ? WHERE bucket_ms = ?")
      .execute(arguments: [timeoutMs, bucketMs])
  }

  /// O(cameras and model versions × log rows).
  func dropIndexes(of bucketMs: Int64) throws {
    try db.cachedStatement(sql: "DELETE FROM worker_index WHERE bucket_ms = ?").execute(arguments: [bucketMs])
    for stream in try indexedStreams() {
      try db.cachedStatement(sql: "DELETE FROM camera_index WHERE camera = ? AND model = ? AND bucket_ms = ?")
        .execute(arguments: [stream.camera, stream.model, bucketMs])
    }
  }
}

/// A camera and a model version, by their numbers in `name`.
package struct EventStream: Sendable, Hashable {
  package var camera: Int64
  package var model: Int64

  package init(camera: Int64, model: Int64) { (self.camera, self.model) = (camera, model) }
}
