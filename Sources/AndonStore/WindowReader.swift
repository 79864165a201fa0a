package import AndonCore
package import GRDB

/// Reads a window's figures from sums and summaries. Where those do not fit, at an edge inside a bucket or in a bucket
/// with another time-out, it reads the lists of workers' events; where these are not complete or damaged, the rows.
///
/// O(buckets × workers), independent of the number of events and of the length of stored history.
package struct WindowReader {
  package let siteID: String
  package let timeoutMs: Int64
  package let damage: DamageLog
  package var scopes = Set(KPIScope.allCases)
  /// Whether records tell how many workers they are about.
  package var countsWorkers = false
  /// The process that reads is the one that writes: figures may lag behind the events by its flush interval.
  private let isInProcess: Bool
  /// Buckets whose summaries are damaged: their events are read instead.
  private var damaged: Set<Int64> = []
  /// Of one reading: for the rows of single workers, and for names.
  private var rows: WorkerRows?
  private var names: NameTexts?

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
    /// Units of the last planned hour, of what has a target.
    package var recentUnits: [TargetSubject: Int64] = [:]
  }

  /// Forecasts of the windows of one reading continue the same hours.
  private final class RecentReadings {
    var units: [Range<Int64>: [TargetSubject: Int64]] = [:]
  }

  private let recentReadings = RecentReadings()

  /// Reads from the checkpoint, or from the window's start, up to `min(nowMs, end)`. If summaries are
  /// damaged, it starts again with the events of their buckets, at most once for each damaged bucket.
  package func read(_ window: SiteWindow, nowMs: Int64, from checkpoint: WindowAggregator?, _ db: Database)
    throws
    -> Result
  {
    var reader = self
    reader.rows = WorkerRows(db, damage: damage)
    reader.names = NameTexts(db)
    var result = try reader.readSound(window, nowMs: nowMs, from: checkpoint, db)
    result.recentUnits = try recentUnits(window, nowMs: nowMs, db)
    return result
  }

  /// What a forecast continues: the units since the last planned hour began. Read once for all windows that ask for the
  /// same range.
  private func recentUnits(_ window: SiteWindow, nowMs: Int64, _ db: Database) throws -> [TargetSubject:
    Int64]
  {
    let starts = window.recentStarts(nowMs: nowMs).filter { scopes.contains(KPIScope($0.key.scope)) }
    var units: [TargetSubject: Int64] = [:]
    for (startMs, subjects) in Dictionary(grouping: starts.keys, by: { starts[$0] ?? nowMs }) {
      let range = startMs..<nowMs
      let known = try recentReadings.units[range] ?? self.units(in: range, window.layout, db)
      recentReadings.units[range] = known
      for subject in subjects { units[subject] = known[subject] ?? 0 }
    }
    return units
  }

  private func units(in range: Range<Int64>, _ layout: SiteLayout, _ db: Database) throws
    -> [TargetSubject: Int64]
  {
    var reader = self
    reader.scopes = [.site, .line, .workstation]
    reader.countsWorkers = false
    let window = SiteWindow(Window(fromMs: range.lowerBound, toMs: range.upperBound), layout: layout)
    let records = try reader.read(window, nowMs: range.upperBound, from: nil, db).aggregate
      .records(nowMs: range.upperBound, offlineCameras: [], names: NameTexts(db).text)
    var units: [TargetSubject: Int64] = [:]
    for record in records {
      guard let scope = TargetScope(rawValue: record.scope.rawValue) else { continue }
      units[TargetSubject(scope, record.id)] = record[.units]
    }
    return units
  }

  /// Starts again where summaries are damaged. `rows` and `names` are set.
  private func readSound(
    _ window: SiteWindow, nowMs: Int64, from checkpoint: WindowAggregator?, _ db: Database
  ) throws -> Result {
    var reader = self
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
    let ends = try StoreTransaction(reading: db).pseudonymEnds(after: window.startMs - timeoutMs)
    var aggregate = try checkpoint ?? begin(siteWindow, ends, db)
    aggregate.pseudonymEnds = ends
    var saved = checkpoint
    let fromMs = max(aggregate.accountedMs, window.startMs)
    guard fromMs < limitMs else { return Result(aggregate: aggregate, checkpoint: saved) }
    for bucket in try buckets(from: SummaryBucket.start(of: fromMs), to: limitMs, db) {
      let endMs = bucket.startMs + SummaryBucket.lengthMs
      if endMs > limitMs {
        try aggregate.endSlice(at: bucket.startMs, names: text)
        if bucket.startMs > window.startMs { saved = aggregate }
      }
      try add(bucket, window.startMs..<limitMs, for: .window, to: &aggregate, db)
      try aggregate.endSlice(at: min(endMs, limitMs), names: text)
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
    /// All its summaries are there and have the configured time-out.
    var isFolded: Bool

    var range: Range<Int64> { startMs..<startMs + SummaryBucket.lengthMs }
  }

  private enum Purpose { case carrying, window }

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
  private func begin(_ siteWindow: SiteWindow, _ ends: [Int32: Int64], _ db: Database) throws
    -> WindowAggregator
  {
    let window = siteWindow.window
    let transaction = StoreTransaction(reading: db, damage: damage)
    var firstSets = try transaction.firstSets(endingAfter: window.startMs - timeoutMs)
    // Events older than the time-out cannot affect the window.
    let before = SummaryBucket.start(of: window.startMs - timeoutMs)..<window.startMs
    let carried = try transaction.carriedStates(lastFrom: before.lowerBound)
    // Of a window whose beginning is deleted the state from before it is not known.
    for state in carried where state.setting(before: window.startMs) == nil { firstSets[state.worker] = nil }
    var aggregate = WindowAggregator(
      siteID: siteID, window: siteWindow, timeoutMs: timeoutMs, firstSetMs: firstSets, scopes: scopes)
    aggregate.pseudonymEnds = ends
    aggregate.countsWorkers = countsWorkers
    for state in carried {
      guard let lastMs = state.lastSign(before: window.startMs), before.contains(lastMs) else { continue }
      try aggregate.carry(worker: state.worker, lastSign: lastMs, camera: state.camera)
    }
    for bucket in try buckets(from: before.lowerBound, to: before.upperBound, db) {
      try add(bucket, before, for: .carrying, to: &aggregate, db)
    }
    for worker in aggregate.workersWithoutState {
      try carryState(of: worker, before: window.startMs, to: &aggregate)
    }
    aggregate.beginWindow()
    return aggregate
  }

  /// Adds the part of a bucket that lies in the range.
  private func add(
    _ bucket: Bucket, _ range: Range<Int64>, for purpose: Purpose, to aggregate: inout WindowAggregator,
    _ db: Database
  ) throws {
    let part = bucket.range.clamped(to: range)
    guard !part.isEmpty else { return }
    do {
      if bucket.isFolded, part == bucket.range {
        if try addSums(bucket, range, purpose, to: &aggregate, db) { return }
        try SummaryRows.visit(bucketMs: bucket.startMs, db, damage) { worker, summary in
          try add(worker, summary, bucket, range, purpose, to: &aggregate)
        }
      } else if try !damaged.contains(bucket.startMs) && rows?.hasLists(bucket.startMs) ?? false {
        try addLists(bucket, part, range, purpose, to: &aggregate, db)
      } else {
        try addOpen(bucket, part, range, purpose, to: &aggregate, db)
      }
    } catch is WindowAggregator.Failure {
      throw DamagedBucket(bucketMs: bucket.startMs)
    }
  }

  /// Adds the sums of a whole bucket. Returns false when there are none, or they are not enough.
  private func addSums(
    _ bucket: Bucket, _ range: Range<Int64>, _ purpose: Purpose, to aggregate: inout WindowAggregator,
    _ db: Database
  ) throws -> Bool {
    let isCarrying = purpose == .carrying
    guard let isPlanned = isCarrying ? false : aggregate.sumsArePlanned(in: bucket.range) else {
      return false
    }
    return try SummaryRows.withSums(bucketMs: bucket.startMs, timeoutMs: timeoutMs, db, damage) { bytes in
      guard let count = WorkerSums.count(bytes) else { throw DamagedBucket(bucketMs: bucket.startMs) }
      for place in 0..<count {
        let sums = WorkerSums(bytes, at: place)
        try add(to: &aggregate, range) { aggregate throws(WindowAggregator.Failure) in
          if isCarrying {
            try aggregate.carry(sums, originMs: bucket.startMs)
          } else {
            try aggregate.add(sums, originMs: bucket.startMs, isPlanned: isPlanned)
          }
        }
      }
    }
  }

  /// Adds what the lists have of a part of a bucket.
  private func addLists(
    _ bucket: Bucket, _ part: Range<Int64>, _ range: Range<Int64>, _ purpose: Purpose,
    to aggregate: inout WindowAggregator, _ db: Database
  ) throws {
    let offsets = UInt32(part.lowerBound - bucket.startMs)..<UInt32(part.upperBound - bucket.startMs)
    try SummaryRows.visitLists(bucketMs: bucket.startMs, db, damage) { worker, list in
      guard let events = EventList.entries(encoded: list, { offsets.contains($0.offset) && $0.isAccepted })
      else {
        damage.found(.eventIndex(bucketMs: bucket.startMs))
        throw DamagedBucket(bucketMs: bucket.startMs)
      }
      try add(worker, events, bucket, range, purpose, to: &aggregate)
    }
  }

  /// Adds a part of a bucket whose lists are not complete: summaries where they fit, otherwise the rows, in one pass.
  private func addOpen(
    _ bucket: Bucket, _ part: Range<Int64>, _ range: Range<Int64>, _ purpose: Purpose,
    to aggregate: inout WindowAggregator, _ db: Database
  ) throws {
    var cut: Set<Int32>?
    if bucket.isFolded {
      var partial: Set<Int32> = []
      try SummaryRows.visit(bucketMs: bucket.startMs, db, damage) { worker, summary in
        guard let head = SummaryHead(summary, originMs: bucket.startMs) else {
          throw WindowAggregator.Failure.unusable
        }
        if part.lowerBound <= head.firstMs, head.lastMs < part.upperBound {
          try add(worker, summary, bucket, range, purpose, to: &aggregate)
        } else if head.firstMs < part.upperBound, part.lowerBound <= head.lastMs {
          partial.insert(worker)
        }
      }
      if partial.isEmpty { return }
      cut = partial
    }
    let transaction = StoreTransaction(reading: db, damage: damage)
    let lists = try transaction.scannedEvents(
      bucketMs: bucket.startMs, fromMs: part.lowerBound, toMs: part.upperBound)
    for (worker, list) in lists.sorted(by: { $0.key < $1.key }) where cut?.contains(worker) ?? true {
      try add(worker, list.entries, bucket, range, purpose, to: &aggregate)
    }
  }

  private func add(
    _ worker: Int32, _ summary: Span<UInt8>, _ bucket: Bucket, _ range: Range<Int64>, _ purpose: Purpose,
    to aggregate: inout WindowAggregator
  ) throws {
    switch purpose {
    case .carrying: try aggregate.carry(worker: worker, summary, originMs: bucket.startMs)
    case .window:
      do throws(WindowAggregator.Failure) {
        try aggregate.add(worker: worker, summary, originMs: bucket.startMs)
      } catch .needsState {
        try carryState(of: worker, before: range.lowerBound, to: &aggregate)
        try aggregate.add(worker: worker, summary, originMs: bucket.startMs)
      }
    }
  }

  private func add(
    _ worker: Int32, _ events: [EventList.Entry], _ bucket: Bucket, _ range: Range<Int64>, _ purpose: Purpose,
    to aggregate: inout WindowAggregator
  ) throws {
    try add(to: &aggregate, range) { aggregate throws(WindowAggregator.Failure) in
      switch purpose {
      case .carrying: try aggregate.carry(worker: worker, events, originMs: bucket.startMs)
      case .window: try aggregate.add(worker: worker, events, originMs: bucket.startMs)
      }
    }
  }

  /// Adds something; first the state from before the range when that turns out to be needed.
  private func add(
    to aggregate: inout WindowAggregator, _ range: Range<Int64>,
    _ body: (inout WindowAggregator) throws(WindowAggregator.Failure) -> Void
  ) throws {
    do throws(WindowAggregator.Failure) {
      try body(&aggregate)
    } catch .needsState(let worker) {
      try carryState(of: worker, before: range.lowerBound, to: &aggregate)
      try body(&aggregate)
    }
  }

  private func carryState(of worker: Int32, before ms: Int64, to aggregate: inout WindowAggregator) throws {
    guard let row = try rows?.lastSet(of: worker, before: ms) else {
      // What was carried forward is damaged: unknown, and the repair makes the rest agree.
      return try aggregate.forgetState(of: worker)
    }
    try aggregate.carry(worker: worker, state: row.stored.event.kind, workstation: row.names.workstation)
  }

  private func text(_ number: Int32) throws -> String { try names?.text(number) ?? "" }
}
