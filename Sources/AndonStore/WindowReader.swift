package import AndonCore
package import GRDB

/// Reads a window's figures from summaries. Events are read only where a summary does not fit: at an edge
/// inside a bucket, or in a bucket with another time-out.
///
/// O(buckets × workers), independent of the number of events and of the length of stored history.
package struct WindowReader {
  package let siteID: String
  package let timeoutMs: Int64
  package let damage: DamageLog
  package var scopes = Set(KPIScope.allCases)
  /// The process that reads is the one that writes: figures may lag behind the events by its flush interval.
  private let isInProcess: Bool
  /// Buckets whose summaries are damaged: their events are read instead.
  private var damaged: Set<Int64> = []
  /// For the rows of single workers; of one reading.
  private var rows: WorkerRows?

  package init(
    siteID: String, timeoutMs: Int64, damage: DamageLog, isInProcess: Bool = false,
    scopes: Set<KPIScope> = Set(KPIScope.allCases)
  ) {
    (self.siteID, self.timeoutMs, self.scopes) = (siteID, timeoutMs, scopes)
    (self.damage, self.isInProcess) = (damage, isInProcess)
  }

  /// A window that was read up to some time, to continue later.
  package struct Result {
    package var aggregate: WindowAggregator
    /// The aggregator at the last bucket edge at or before now; nil when that is not after the window's
    /// start.
    package var checkpoint: WindowAggregator?
  }

  /// Reads from the checkpoint, or from the window's start, up to `min(nowMs, end)`. If summaries are
  /// damaged, it starts again with the events of their buckets, at most once for each damaged bucket.
  package func read(_ window: SiteWindow, nowMs: Int64, from checkpoint: WindowAggregator?, _ db: Database)
    throws
    -> Result
  {
    var reader = self
    reader.rows = WorkerRows(db, damage: damage)
    do {
      return try reader.readOnce(window, nowMs: nowMs, from: checkpoint, db)
    } catch let error as DamagedBucket {
      reader.damaged = [error.bucketMs]
      let (startMs, endMs) = (window.window.startMs, window.window.endMs)
      let range = SummaryBucket.start(of: startMs - timeoutMs)..<max(startMs, min(nowMs, endMs))
      for bucket in try buckets(from: range.lowerBound, to: range.upperBound, db)
      where try !SummaryRows.isSound(bucketMs: bucket.startMs, db, damage) {
        reader.damaged.insert(bucket.startMs)
      }
      while true {
        do {
          return try reader.readOnce(window, nowMs: nowMs, from: checkpoint, db)
        } catch let error as DamagedBucket where !reader.damaged.contains(error.bucketMs) {
          reader.damaged.insert(error.bucketMs)
        }
      }
    }
  }

  private func readOnce(
    _ siteWindow: SiteWindow, nowMs: Int64, from checkpoint: WindowAggregator?, _ db: Database
  ) throws -> Result {
    let window = siteWindow.window
    let limitMs = max(window.startMs, min(nowMs, window.endMs))
    var aggregate = try checkpoint ?? begin(siteWindow, db)
    var saved = checkpoint
    let fromMs = max(aggregate.accountedMs, window.startMs)
    guard fromMs < limitMs else { return Result(aggregate: aggregate, checkpoint: saved) }
    for bucket in try buckets(from: SummaryBucket.start(of: fromMs), to: limitMs, db) {
      let endMs = bucket.startMs + SummaryBucket.lengthMs
      if endMs > limitMs {
        aggregate.endSlice(at: bucket.startMs)
        if bucket.startMs > window.startMs { saved = aggregate }
      }
      try add(bucket, window.startMs..<limitMs, to: &aggregate, db)
      aggregate.endSlice(at: min(endMs, limitMs))
      if endMs <= limitMs { saved = nil }
    }
    if saved == nil, aggregate.accountedMs > window.startMs,
      aggregate.accountedMs % SummaryBucket.lengthMs == 0
    {
      saved = aggregate
    }
    return Result(aggregate: aggregate, checkpoint: saved)
  }

  private struct Bucket {
    var startMs: Int64
    /// All its summaries have the configured time-out.
    var isFolded: Bool
  }

  private func buckets(from: Int64, to: Int64, _ db: Database) throws -> [Bucket] {
    // The ingest loop of this process flushes within a second. A reader of the file alone does not wait for that.
    let pending = isInProcess ? [] : try StoreTransaction(reading: db, damage: damage).pendingWrites().buckets
    return try Row.fetchAll(
      db.cachedStatement(
        sql:
          "SELECT bucket_ms, timeout_ms FROM summary_bucket WHERE bucket_ms >= ? AND bucket_ms < ? ORDER BY bucket_ms"
      ),
      arguments: [from, to]
    ).map { row in
      let startMs: Int64 = row[0]
      return Bucket(
        startMs: startMs,
        isFolded: row[1] as Int64? == timeoutMs && !damaged.contains(startMs) && !pending.contains(startMs))
    }
  }

  /// An aggregator that knows the workers' states at the start of the window.
  private func begin(_ siteWindow: SiteWindow, _ db: Database) throws -> WindowAggregator {
    let window = siteWindow.window
    let firstSets = try StoreTransaction(reading: db).firstSets()
    var aggregate = WindowAggregator(
      siteID: siteID, window: siteWindow, timeoutMs: timeoutMs, firstSetMs: firstSets, scopes: scopes)
    // Events older than the time-out cannot affect the window.
    let before = SummaryBucket.start(of: window.startMs - timeoutMs)..<window.startMs
    for bucket in try buckets(from: before.lowerBound, to: before.upperBound, db) {
      try visit(bucket, within: before, db) { worker, summary in
        try aggregate.carry(worker: worker, summary, originMs: bucket.startMs)
      }
    }
    for worker in aggregate.workersWithoutState {
      try stateSegment(of: worker, before: window.startMs, to: &aggregate, db)
    }
    aggregate.beginWindow()
    return aggregate
  }

  private func add(
    _ bucket: Bucket, _ range: Range<Int64>, to aggregate: inout WindowAggregator, _ db: Database
  )
    throws
  {
    try visit(bucket, within: range, db) { worker, summary in
      do throws(WindowAggregator.Failure) {
        try aggregate.add(worker: worker, summary, originMs: bucket.startMs)
      } catch .needsState(let name) {
        try stateSegment(of: name, before: range.lowerBound, to: &aggregate, db)
        try aggregate.add(worker: worker, summary, originMs: bucket.startMs)
      }
    }
  }

  /// Visits a bucket's summaries cut to the range; stored ones come sorted by worker.
  private func visit(
    _ bucket: Bucket, within range: Range<Int64>, _ db: Database,
    _ body: (_ worker: Span<UInt8>, _ summary: Span<UInt8>) throws -> Void
  ) throws {
    do {
      try visitAsStored(bucket, within: range, db, body)
    } catch is WindowAggregator.Failure {
      throw DamagedBucket(bucketMs: bucket.startMs)
    }
  }

  private func visitAsStored(
    _ bucket: Bucket, within range: Range<Int64>, _ db: Database,
    _ body: (_ worker: Span<UInt8>, _ summary: Span<UInt8>) throws -> Void
  ) throws {
    let fromMs = max(bucket.startMs, range.lowerBound)
    let toMs = min(bucket.startMs + SummaryBucket.lengthMs, range.upperBound)
    guard fromMs < toMs else { return }
    func fromEvents() throws {
      for (worker, summary) in try BucketContents.summaries(
        fromMs: fromMs, toMs: toMs, timeoutMs: timeoutMs, db)
      {
        try body(Array(worker.utf8).span, summary.encoded(originMs: bucket.startMs).span)
      }
    }
    guard bucket.isFolded else { return try fromEvents() }
    // Those that the range cuts are computed from their events, which the index finds: first they are all collected,
    // because one pass over the rows serves many.
    var cut: [String] = []
    try SummaryRows.visit(bucketMs: bucket.startMs, db, damage) { worker, summary in
      guard let head = SummaryHead(summary, originMs: bucket.startMs), head.timeoutMs == timeoutMs else {
        cut.append(SummaryRows.text(worker))
        return
      }
      if fromMs <= head.firstMs, head.lastMs < toMs {
        try body(worker, summary)
      } else if head.firstMs < toMs, fromMs <= head.lastMs {
        cut.append(SummaryRows.text(worker))
      }
    }
    guard cut.count > Self.fewWorkers else {
      for worker in cut {
        guard
          let summary = try rows?.summary(
            worker: worker, bucketMs: bucket.startMs, fromMs: fromMs, toMs: toMs, timeoutMs: timeoutMs)
        else { continue }
        try body(Array(worker.utf8).span, summary.encoded(originMs: bucket.startMs).span)
      }
      return
    }
    let wanted = Set(cut)
    for (worker, summary) in try BucketContents.summaries(
      fromMs: fromMs, toMs: toMs, timeoutMs: timeoutMs, db) where wanted.contains(worker)
    {
      try body(Array(worker.utf8).span, summary.encoded(originMs: bucket.startMs).span)
    }
  }

  /// For so many workers single look-ups are cheaper than a pass over all rows.
  private static let fewWorkers = 8

  private func stateSegment(
    of worker: String, before ms: Int64, to aggregate: inout WindowAggregator, _ db: Database
  ) throws {
    guard let event = try rows?.lastSet(of: worker, before: ms) else { return }
    aggregate.carry(worker: worker, state: event.kind, workstationID: event.workstationID)
  }
}
