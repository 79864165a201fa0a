import AndonCore
package import AndonStore

/// What is computed from many events is written at most once in `flushIntervalMs`; until then `PendingWrites` tells
/// what is left.
extension SiteEngine {
  /// About 50 ms of recomputing in one transaction: a bucket of a worker with late events takes about 0.1 ms.
  private static let recomputedAtOnce = 400

  /// Whether a flush has anything to write.
  package var hasPendingWrites: Bool { !pendingWrites.isEmpty }

  /// Writes what is pending, as a transaction of its own.
  package mutating func flush(in transaction: StoreTransaction, nowMs: Int64) throws -> Update {
    try adoptMaintenance(in: transaction)
    var update = Update()
    try flushAll(in: transaction, nowMs: nowMs)
    try transaction.save(pendingWrites)
    update.earliestBucketMs = dequeueFlushed()
    try close(in: transaction)
    update.sequence = progress.sequence
    return update
  }

  /// Adds what this transaction left to what is pending, and writes it all when it is time.
  mutating func savePending(
    _ cameras: Set<String>, mayWait: Bool, _ context: inout BatchContext
  ) throws {
    let before = pendingWrites
    pendingWrites.add(context.transaction.dequeueChecksums())
    for camera in cameras { pendingWrites.cameras[camera] = cameraTable.row(camera) }
    pendingWrites.buckets = eventJudge.unwritten
    if !mayWait || isFlushDue(nowMs: context.nowMs) {
      try flushAll(in: context.transaction, nowMs: context.nowMs)
    } else if pendingWrites.isLarge {
      try writeRows(in: context.transaction)
    }
    if pendingWrites != before { try context.transaction.save(pendingWrites) }
    context.update.earliestBucketMs = dequeueFlushed()
  }

  private mutating func dequeueFlushed() -> Int64? {
    defer { flushedBucketMs = nil }
    return flushedBucketMs
  }

  private func isFlushDue(nowMs: Int64) -> Bool {
    // The clock may have been set back.
    nowMs < flushedMs || nowMs - flushedMs >= rules.flushIntervalMs
  }

  private mutating func flushAll(in transaction: StoreTransaction, nowMs: Int64) throws {
    try flushSummaries(
      in: transaction, recomputing: rules.flushIntervalMs == 0 ? .max : Self.recomputedAtOnce)
    try writeRows(in: transaction)
    flushedMs = nowMs
  }

  private mutating func flushSummaries(
    in transaction: StoreTransaction, recomputing count: Int, of wanted: Set<Int64>? = nil
  ) throws {
    let earliest = try eventJudge.flush(in: transaction, recomputing: count, of: wanted)
    flushedBucketMs = [flushedBucketMs, earliest].compactMap(\.self).min()
    pendingWrites.buckets = eventJudge.unwritten
  }

  private mutating func writeRows(in transaction: StoreTransaction) throws {
    try transaction.write(pendingWrites)
    (pendingWrites.cameras, pendingWrites.checksums) = ([:], [:])
  }

  /// Reads again what retention and repairs changed in the file. In the transaction, so that it is dropped with it.
  mutating func adoptMaintenance(in transaction: StoreTransaction) throws {
    guard try transaction.generation() != pendingWrites.generation else { return }
    // What is in memory is right, but retention may have deleted some of its buckets.
    pendingWrites = try transaction.pendingWrites()
    try flushSummaries(in: transaction, recomputing: .max, of: pendingWrites.buckets)
    try transaction.save(pendingWrites)
    try eventJudge.reload(in: transaction)
  }
}
