package import AndonCore
import Foundation
import GRDB

/// Summaries of workers' buckets, written in the transaction of their events.
extension StoreTransaction {
  /// The stored summary of a worker's bucket.
  package enum StoredSummary: Equatable {
    case none
    /// It matches its checksum; the encoded summary.
    case sound([UInt8])
    case damaged

    init(_ encoded: [UInt8]?) { self = encoded.map(Self.sound) ?? .none }
  }

  /// Reads a summary; a damaged one is recorded.
  package func storedSummary(worker: Int32, bucketMs: Int64) throws -> StoredSummary {
    let row = try Row.fetchOne(
      db.cachedStatement(sql: "SELECT summary FROM worker_summary WHERE bucket_ms = ? AND worker = ?"),
      arguments: [bucketMs, worker])
    guard let row else { return .none }
    if let bytes = BlobKey.summary(bucketMs: bucketMs, worker: worker).opened(row[0]) {
      return .sound(bytes)
    }
    damage.found(.summary(worker: worker, bucketMs: bucketMs))
    return .damaged
  }

  /// Computes a worker's stored summary of a bucket from its events. Returns the summary, which may be empty.
  package func summarize(
    _ events: EventList, worker: Int32, bucketMs: Int64, timeoutMs: Int64
  ) throws -> TimelineSummary {
    let summary = TimelineSummary(
      of: events, originMs: bucketMs, timeoutMs: timeoutMs, hasWorker: worker != 0)
    if summary.isEmpty {
      try dropSummary(worker: worker, bucketMs: bucketMs)
    } else {
      try save(summary, worker: worker, bucketMs: bucketMs)
    }
    return summary
  }

  package func save(_ summary: TimelineSummary, worker: Int32, bucketMs: Int64) throws {
    let statement = try db.cachedStatement(
      sql: """
        INSERT INTO worker_summary (bucket_ms, worker, summary) VALUES (?, ?, ?)
        ON CONFLICT DO UPDATE SET summary = excluded.summary
        """)
    let key = BlobKey.summary(bucketMs: bucketMs, worker: worker)
    statement.setUncheckedArguments([
      bucketMs.databaseValue, worker.databaseValue,
      key.sealed(summary.encoded(originMs: bucketMs)).databaseValue,
    ])
    try statement.execute()
  }

  func dropSummary(worker: Int32, bucketMs: Int64) throws {
    try db.cachedStatement(sql: "DELETE FROM worker_summary WHERE bucket_ms = ? AND worker = ?")
      .execute(arguments: [bucketMs, worker])
  }

  /// Adds a bucket; an existing one keeps its time-out.
  package func addBucket(_ bucketMs: Int64, timeoutMs: Int64) throws {
    try db.cachedStatement(
      sql: "INSERT INTO summary_bucket (bucket_ms, timeout_ms) VALUES (?, ?) ON CONFLICT DO NOTHING"
    )
    .execute(arguments: [bucketMs, timeoutMs])
  }

  /// The time-out of the bucket's summaries; nil for a bucket without events.
  package func bucketTimeout(_ bucketMs: Int64) throws -> Int64? {
    try Int64.fetchOne(
      db.cachedStatement(sql: "SELECT timeout_ms FROM summary_bucket WHERE bucket_ms = ?"),
      arguments: [bucketMs])
  }
}
