import AndonCore
package import AndonStore

/// What is computed from many events is written at most once in `flushIntervalMs`; until then `PendingWrites` tells
/// what is left.
extension SiteEngine {
  /// About 50 ms of recomputing in one transaction: a bucket of a worker with late events takes about 0.1 ms.
  private static let recomputedAtOnce = 400

  /// Whether a flush has anything to write, besides the indexes of open buckets.
  package var hasPendingWrites: Bool {
    !pendingWrites.buckets.isEmpty || !pendingWrites.cameras.isEmpty || !pendingWrites.checksums.isEmpty
  }

  /// Whether buckets are open.
  package var hasOpenBuckets: Bool { !pendingWrites.openBuckets.isEmpty }

  /// Writes what is pending, as a transaction of its own.
  ///
  /// - Parameter closesAll: also the indexes of open buckets, which otherwise wait until the buckets are over.
  package mutating func flush(
    in transaction: StoreTransaction, nowMs: Int64, closesAll: Bool
  ) throws -> Update {
    try adoptMaintenance(in: transaction)
    var update = Update()
    try flush(in: transaction, closesAll ? .everything : plan(nowMs: nowMs), nowMs: nowMs)
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
    collectBuckets()
    if !mayWait || isFlushDue(nowMs: context.nowMs) {
      try flush(in: context.transaction, plan(nowMs: context.nowMs), nowMs: context.nowMs)
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

  private func plan(nowMs: Int64) -> FlushPlan {
    guard rules.flushIntervalMs > 0 else { return .everything }
    return FlushPlan(
      recomputed: Self.recomputedAtOnce,
      closedBeforeMs: SummaryBucket.start(of: nowMs) - SummaryBucket.lengthMs,
      closesAll: false)
  }

  private mutating func flush(in transaction: StoreTransaction, _ plan: FlushPlan, nowMs: Int64) throws {
    try flushSummaries(in: transaction, plan)
    try writeRows(in: transaction)
    flushedMs = nowMs
  }

  /// Writes the summaries of all events so far, for what reads them in this transaction.
  mutating func writeSummaries(in transaction: StoreTransaction) throws {
    var plan = FlushPlan.everything
    (plan.closedBeforeMs, plan.closesAll) = (.min, false)
    try flushSummaries(in: transaction, plan)
    // They tell which buckets there are.
    pendingWrites.add(transaction.dequeueChecksums())
    try transaction.save(pendingWrites)
  }

  private mutating func flushSummaries(
    in transaction: StoreTransaction, _ plan: FlushPlan, of wanted: Set<Int64>? = nil
  ) throws {
    let earliest = try eventJudge.flush(in: transaction, plan, of: wanted)
    flushedBucketMs = [flushedBucketMs, earliest].compactMap(\.self).min()
    try drift.flush(in: transaction, plan, of: wanted)
    collectBuckets()
  }

  private mutating func collectBuckets() {
    pendingWrites.buckets = eventJudge.unwritten
    pendingWrites.openBuckets = eventJudge.openBuckets.union(drift.openBuckets)
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
    try flushSummaries(
      in: transaction, .everything, of: pendingWrites.buckets.union(pendingWrites.openBuckets))
    try transaction.save(pendingWrites)
    try eventJudge.reload(in: transaction)
    try adoptCounters(in: transaction)
    drift.reload()
  }
}
