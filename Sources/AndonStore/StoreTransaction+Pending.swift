import AndonCore
import Foundation
import GRDB

/// What is left to the next flush, and writing it.
extension StoreTransaction {
  /// How often another part than the ingest loop changed what is pending.
  package func generation() throws -> Int64 {
    try Int64.fetchOne(db.cachedStatement(sql: "SELECT generation FROM progress")) ?? 0
  }

  /// Tells the ingest loop, in the same transaction, that what it has in memory is to be read again.
  func countGeneration() throws {
    try db.cachedStatement(sql: "UPDATE progress SET generation = generation + 1").execute()
  }

  /// What is pending; nothing when the stored bytes are damaged, which is recorded.
  package func pendingWrites() throws -> PendingWrites { try soundPending() ?? damagedPending() }

  /// Nil when the stored bytes are damaged.
  fileprivate func soundPending() throws -> PendingWrites? {
    let row = try Row.fetchOne(db.cachedStatement(sql: "SELECT generation, pending FROM progress"))
    guard let row else { return PendingWrites() }
    let isEmpty = Data.fromDatabaseValue(row[1])?.isEmpty == true
    guard let bytes = isEmpty ? [] : BlobKey.pendingWrites.opened(row[1]),
      var pending = PendingWrites(encoded: bytes)
    else {
      damage.found(.pendingWrites)
      return nil
    }
    pending.generation = row[0]
    return pending
  }

  /// What stands for damaged bytes.
  private func damagedPending() throws -> PendingWrites {
    var pending = PendingWrites()
    pending.generation = try generation()
    return pending
  }

  package func save(_ pending: PendingWrites) throws {
    let bytes = pending.encoded()
    let statement = try db.cachedStatement(sql: "UPDATE progress SET pending = ?")
    statement.setUncheckedArguments([
      (bytes.isEmpty ? Data() : BlobKey.pendingWrites.sealed(bytes)).databaseValue
    ])
    try statement.execute()
  }

  /// Writes the camera rows and checksums to their tables.
  package func write(_ pending: PendingWrites) throws {
    for camera in pending.cameras.values { try recordCamera(camera) }
    for (bucketMs, quarter) in pending.checksums { try save(bucketMs, quarter) }
  }

  /// Writes everything that is pending: the summaries of a bucket are computed from its events. Returns what is
  /// pending then. O(events of the buckets).
  ///
  /// - Parameters:
  ///   - maxAgeMs: how old an accepted event can be. If what is pending cannot be read, the buckets of this time are
  ///     computed.
  ///   - count: at most so many buckets.
  package func settle(timeoutMs: Int64, maxAgeMs: Int64, buckets count: Int = .max) throws -> PendingWrites {
    var pending: PendingWrites
    if let sound = try soundPending() {
      pending = sound
      try write(pending)
      (pending.cameras, pending.checksums) = ([:], [:])
    } else {
      pending = try damagedPending()
      pending.buckets = try newestBuckets(maxAgeMs: maxAgeMs)
      try recountChecksums(of: pending.buckets)
      // The stored counts may be older than the last numbers that arrived, which would be missing for ever.
      try db.cachedStatement(sql: "UPDATE camera SET sequence = x'' WHERE sequence <> x''").execute()
      damage.repaired(.pendingWrites)
    }
    for bucketMs in pending.scanned.sorted(by: >).prefix(count) {
      try recompute(bucketMs: bucketMs, timeoutMs: timeoutMs)
      pending.buckets.remove(bucketMs)
      pending.openBuckets.remove(bucketMs)
    }
    try save(pending)
    return pending
  }

  /// The buckets in which an event can have been stored lately.
  private func newestBuckets(maxAgeMs: Int64) throws -> Set<Int64> {
    guard let newest = try Int64.fetchOne(db, sql: "SELECT max(timestamp_ms) FROM event") else { return [] }
    let first = SummaryBucket.start(of: newest - min(maxAgeMs, 7 * 86_400_000))
    return Set(stride(from: first, through: newest, by: Int64.Stride(SummaryBucket.lengthMs)))
  }

  /// Makes the rows as they are the ones that are checked from now on.
  private func recountChecksums(of buckets: Set<Int64>) throws {
    for bucketMs in buckets {
      try db.cachedStatement(sql: "DELETE FROM event_checksum WHERE bucket_ms = ?").execute(arguments: [
        bucketMs
      ])
      let found = try EventChecksums.recomputed(fromMs: bucketMs, toMs: bucketMs + SummaryBucket.lengthMs, db)
      for (bucketMs, quarter) in found { try save(bucketMs, quarter) }
    }
  }
}

extension SiteStore {
  /// Writes what an earlier process left to its next flush, one bucket a transaction. Returns what is pending then:
  /// nothing. O(events of the buckets): about 0.1 s a bucket of 50 events/s.
  package func settle(timeoutMs: Int64, maxAgeMs: Int64) throws -> PendingWrites {
    if let pending = try database.read({ try StoreTransaction(reading: $0).soundPending() }), pending.isEmpty
    {
      return pending
    }
    var pending: PendingWrites
    changes.recordEverything()
    repeat {
      pending = try commit { try $0.settle(timeoutMs: timeoutMs, maxAgeMs: maxAgeMs, buckets: 1) }
    } while !pending.isEmpty
    changes.recordEverything()
    return pending
  }

  /// A commit by another part than the ingest loop that changes what the loop has in memory, or figures without an
  /// event: the loop reads it again, and so does everybody who caches figures.
  func commitMaintenance<Result>(_ body: (StoreTransaction) throws -> Result) throws -> Result {
    changes.recordEverything()
    // Also when only the central database has not confirmed it: the file has it.
    defer { changes.recordEverything() }
    return try commit { transaction in
      try transaction.countGeneration()
      return try body(transaction)
    }
  }
}
