import AndonCore
import AndonStore

/// Keeps the summaries of workers' buckets, and the indexes of their rows, equal to a recompute from the stored events.
///
/// An event in order costs O(1): it is appended to the worker's newest bucket, which is in memory. A late
/// event marks its bucket; with the next flush that bucket alone is recomputed from its events. A summary is written
/// with the next flush, an index when the worker's bucket is over. What is not written is told by `unwritten` and
/// `openBuckets`, which each commit stores. Memory: one bucket a worker with two to four bytes an event, and the marks.
struct SummaryWriter: Sendable {
  /// A worker's newest bucket.
  private struct Bucket: Sendable {
    let worker: String
    let id: Int32
    /// `Int64.min` before the first one.
    var startMs = Int64.min
    var summary: TimelineSummary
    var times = TimeList()
    var isChanged = false
    var isIndexChanged = false
    var firstSetMs = Int64.max

    /// Appends the event if it comes in order; returns whether it did.
    mutating func append(_ event: Event, camera: String) -> Bool {
      if worker.isEmpty {
        summary.appendUnits(event)
      } else if summary.isEmpty || event.timestampMs > summary.lastMs {
        summary.append(event, cameraID: camera)
      } else {
        return false
      }
      return true
    }
  }

  private struct Key: Hashable, Sendable {
    var place: Int
    var bucketMs: Int64
  }

  private let timeoutMs: Int64
  private var buckets: [Bucket] = []
  /// By the worker's number; −1 for a number without a place.
  private var places: [Int32] = []
  /// Places of the buckets that changed since they were written.
  private var changed: [Int] = []
  /// Buckets with late events, and the times of those that their index does not have.
  private var late: [Key: [UInt32]] = [:]
  /// Places of workers whose first state changed in this batch.
  private var firstSetChanged: [Int] = []
  /// Buckets that may be new to their worker.
  private var opened: [Key] = []
  /// Buckets whose stored summaries do not have all of their events.
  private(set) var unwritten: Set<Int64> = []
  /// Buckets whose stored indexes do not have all of their events.
  private(set) var openBuckets: Set<Int64> = []
  /// The buckets of this batch with accepted events.
  private var touched: Set<Int64> = []
  /// The bucket of the last accepted event: the next one is mostly in it too.
  private var lastBucketMs = Int64.min
  /// Buckets whose row exists, so that it is not looked up with every batch.
  private var knownBuckets: Set<Int64> = []
  private static let knownBucketsLimit = 1000
  /// More buckets with late events than this do not wait: about 3 MB.
  private static let lateLimit = 20_000

  init(timeoutMs: Int64) { self.timeoutMs = timeoutMs }

  /// Applies one event that was inserted in this transaction.
  mutating func apply(
    _ event: Event, _ names: EventNames, camera: String, isAccepted: Bool, in transaction: StoreTransaction
  ) throws {
    let bucketMs = SummaryBucket.start(of: event.timestampMs)
    if bucketMs != lastBucketMs || touched.isEmpty {
      openBuckets.insert(bucketMs)
      if isAccepted {
        touched.insert(bucketMs)
        unwritten.insert(bucketMs)
        lastBucketMs = bucketMs
      }
    }
    let place = place(of: names.worker, event.workerID)
    let offset = UInt32(event.timestampMs - bucketMs)
    if isAccepted, event.kind.isState, event.timestampMs < buckets[place].firstSetMs {
      buckets[place].firstSetMs = event.timestampMs
      firstSetChanged.append(place)
    }
    if buckets[place].startMs != bucketMs {
      if bucketMs < buckets[place].startMs {
        let key = Key(place: place, bucketMs: bucketMs)
        if late[key] == nil { opened.append(key) }
        late[key, default: []].append(offset)
        return
      }
      try open(bucketMs, at: place, in: transaction)
    }
    // In place: a copy out and back would copy the arrays for every event.
    buckets[place].times.insert(offset)
    buckets[place].isIndexChanged = true
    mark(place)
    guard isAccepted else { return }
    if !late.isEmpty, late[Key(place: place, bucketMs: bucketMs)] != nil { return }
    if !buckets[place].append(event, camera: camera) { late[Key(place: place, bucketMs: bucketMs)] = [] }
  }

  private mutating func place(of id: Int32, _ worker: String) -> Int {
    if Int(id) < places.count, places[Int(id)] >= 0 { return Int(places[Int(id)]) }
    return addPlace(of: id, worker)
  }

  private mutating func addPlace(of id: Int32, _ worker: String) -> Int {
    while places.count <= Int(id) { places.append(-1) }
    buckets.append(Bucket(worker: worker, id: id, summary: TimelineSummary(timeoutMs: timeoutMs)))
    places[Int(id)] = Int32(buckets.count - 1)
    return buckets.count - 1
  }

  private mutating func mark(_ place: Int) {
    guard !buckets[place].isChanged else { return }
    buckets[place].isChanged = true
    changed.append(place)
  }

  /// Reads every bucket again before its next event. Call it when everything is written.
  ///
  /// - Parameter firstSets: the workers with a state, and when their first one was set.
  mutating func reload(firstSets: [(id: Int32, worker: String, atMs: Int64)]) {
    for place in buckets.indices {
      buckets[place].startMs = .min
      buckets[place].summary = TimelineSummary(timeoutMs: timeoutMs)
      buckets[place].times = TimeList()
      buckets[place].firstSetMs = .max
    }
    knownBuckets.removeAll()
    for first in firstSets { buckets[place(of: first.id, first.worker)].firstSetMs = first.atMs }
  }

  /// Ends the batch: writes what readers need to find its buckets.
  mutating func endBatch(in transaction: StoreTransaction) throws {
    for bucketMs in touched where knownBuckets.insert(bucketMs).inserted {
      try transaction.addBucket(bucketMs, timeoutMs: timeoutMs)
    }
    for place in firstSetChanged {
      try transaction.recordFirstSet(worker: buckets[place].worker, atMs: buckets[place].firstSetMs)
    }
    for key in opened { try transaction.recordBucket(worker: buckets[key.place].worker, key.bucketMs) }
    touched.removeAll(keepingCapacity: true)
    firstSetChanged.removeAll(keepingCapacity: true)
    opened.removeAll(keepingCapacity: true)
    if knownBuckets.count > Self.knownBucketsLimit { knownBuckets.removeAll() }
  }

  /// Writes the summaries of `unwritten` buckets, recomputing those with late events. Returns the earliest bucket
  /// that was written.
  ///
  /// - Parameters:
  ///   - plan: what may wait.
  ///   - wanted: other buckets are forgotten: they were deleted.
  mutating func flush(
    in transaction: StoreTransaction, _ plan: FlushPlan, of wanted: Set<Int64>? = nil
  ) throws -> Int64? {
    if let wanted { forget(allBut: wanted) }
    guard !unwritten.isEmpty || !openBuckets.isEmpty else { return nil }
    var left = late
    var count = max(plan.recomputed, late.count - Self.lateLimit)
    for (key, offsets) in late {
      guard count > 0 else { break }
      count -= 1
      try recompute(key, offsets, in: transaction)
      left[key] = nil
    }
    late = left
    for place in changed {
      buckets[place].isChanged = false
      if unwritten.contains(buckets[place].startMs) { try save(place, in: transaction) }
    }
    changed.removeAll(keepingCapacity: true)
    let earliest = unwritten.min()
    unwritten = Set(late.keys.lazy.map(\.bucketMs))
    try saveIndexes(in: transaction, plan)
    return earliest
  }

  /// Writes the indexes of buckets that are over; all of them at the end.
  private mutating func saveIndexes(in transaction: StoreTransaction, _ plan: FlushPlan) throws {
    openBuckets = Set(late.keys.lazy.map(\.bucketMs))
    for place in buckets.indices where buckets[place].isIndexChanged {
      if plan.closesAll || buckets[place].startMs < plan.closedBeforeMs {
        try saveIndex(place, in: transaction)
      } else {
        openBuckets.insert(buckets[place].startMs)
      }
    }
  }

  private mutating func forget(allBut wanted: Set<Int64>) {
    late = late.filter { wanted.contains($0.key.bucketMs) }
    unwritten.formIntersection(wanted)
    openBuckets.formIntersection(wanted)
    for place in buckets.indices where !wanted.contains(buckets[place].startMs) {
      buckets[place].isIndexChanged = false
    }
  }

  private func save(_ place: Int, in transaction: StoreTransaction) throws {
    let bucket = buckets[place]
    guard bucket.startMs != .min, !bucket.summary.isEmpty else { return }
    try transaction.save(bucket.summary, worker: bucket.worker, bucketMs: bucket.startMs)
  }

  private mutating func saveIndex(_ place: Int, in transaction: StoreTransaction) throws {
    try transaction.save(
      buckets[place].times, worker: Int64(buckets[place].id), bucketMs: buckets[place].startMs)
    buckets[place].isIndexChanged = false
  }

  /// Makes this bucket the worker's newest: writes the one before and reads the stored one.
  private mutating func open(_ bucketMs: Int64, at place: Int, in transaction: StoreTransaction) throws {
    let worker = buckets[place].worker
    if buckets[place].isChanged { try save(place, in: transaction) }
    if buckets[place].isIndexChanged { try saveIndex(place, in: transaction) }
    var stored: TimelineSummary?
    var isUnusable = false
    switch try transaction.storedSummary(worker: worker, bucketMs: bucketMs) {
    case .none: break
    case .sound(let bytes):
      stored = TimelineSummary(encoded: bytes.span, originMs: bucketMs)
      isUnusable = stored?.timeoutMs != timeoutMs
    case .damaged: isUnusable = true
    }
    buckets[place].startMs = bucketMs
    buckets[place].times = try times(of: place, bucketMs, in: transaction)
    buckets[place].summary =
      isUnusable ? TimelineSummary(timeoutMs: timeoutMs) : stored ?? TimelineSummary(timeoutMs: timeoutMs)
    opened.append(Key(place: place, bucketMs: bucketMs))
    // Damaged, with another time-out, or not computed yet: recompute it from the events.
    let isStale = try transaction.bucketTimeout(bucketMs).map { $0 != timeoutMs } ?? false
    if isStale || isUnusable { late[Key(place: place, bucketMs: bucketMs), default: []] += [] }
    // Events that came late, before this bucket was the newest.
    for offset in late[Key(place: place, bucketMs: bucketMs)] ?? [] { buckets[place].times.insert(offset) }
  }

  /// The stored times; if they are damaged, those of the rows.
  private func times(of place: Int, _ bucketMs: Int64, in transaction: StoreTransaction) throws -> TimeList {
    try transaction.storedTimes(worker: Int64(buckets[place].id), bucketMs: bucketMs)
      ?? transaction.scannedTimes(bucketMs: bucketMs)[Int64(buckets[place].id)] ?? TimeList()
  }

  private mutating func recompute(_ key: Key, _ offsets: [UInt32], in transaction: StoreTransaction) throws {
    let bucket = buckets[key.place]
    let isNewest = bucket.startMs == key.bucketMs
    var times = isNewest ? bucket.times : try times(of: key.place, key.bucketMs, in: transaction)
    for offset in offsets { times.insert(offset) }
    let summary = try transaction.recompute(
      worker: bucket.worker, Int64(bucket.id), bucketMs: key.bucketMs, times, timeoutMs: timeoutMs)
    if isNewest {
      buckets[key.place].summary = summary ?? TimelineSummary(timeoutMs: timeoutMs)
    } else {
      try transaction.save(times, worker: Int64(bucket.id), bucketMs: key.bucketMs)
    }
  }
}
