import AndonCore
import AndonStore

/// Keeps the summaries of workers' buckets equal to a recompute from their stored events.
///
/// An event in order costs O(1): it is appended to the worker's newest bucket, which is in memory. A late
/// event marks its bucket; with the next flush that bucket alone is recomputed from its events. What is not flushed is
/// told by `unwritten`, which each commit stores. Memory: one bucket a worker, and the marks.
struct SummaryWriter: Sendable {
  /// A worker's newest bucket.
  private struct Bucket: Sendable {
    let worker: String
    /// `Int64.min` before the first one.
    var startMs = Int64.min
    var summary: TimelineSummary
    var isChanged = false
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
    var worker: String
    var bucketMs: Int64
  }

  private let timeoutMs: Int64
  private var buckets: [Bucket] = []
  private var places: [String: Int] = [:]
  /// Places of the buckets that changed since they were written.
  private var changed: [Int] = []
  private var late: Set<Key> = []
  /// Places of workers whose first state changed in this batch.
  private var firstSetChanged: [Int] = []
  /// Buckets whose stored summaries do not have all of their events.
  private(set) var unwritten: Set<Int64> = []
  /// The buckets of this batch.
  private var touched: Set<Int64> = []
  /// The bucket of the last event: the next one is mostly in it too.
  private var lastBucketMs = Int64.min
  /// Buckets whose row exists, so that it is not looked up with every batch.
  private var knownBuckets: Set<Int64> = []
  private static let knownBucketsLimit = 1000
  /// More buckets with late events than this do not wait: about 3 MB.
  private static let lateLimit = 20_000

  init(timeoutMs: Int64, firstSetMs: [String: Int64]) {
    self.timeoutMs = timeoutMs
    reload(firstSetMs: firstSetMs)
  }

  /// Applies one accepted event that was inserted in this transaction.
  mutating func apply(_ event: Event, camera: String, in transaction: StoreTransaction) throws {
    let bucketMs = SummaryBucket.start(of: event.timestampMs)
    if bucketMs != lastBucketMs || touched.isEmpty {
      touched.insert(bucketMs)
      unwritten.insert(bucketMs)
      lastBucketMs = bucketMs
    }
    let place = place(of: event.workerID)
    if event.kind.isState, event.timestampMs < buckets[place].firstSetMs {
      buckets[place].firstSetMs = event.timestampMs
      firstSetChanged.append(place)
    }
    if buckets[place].startMs != bucketMs {
      if bucketMs < buckets[place].startMs {
        late.insert(Key(worker: event.workerID, bucketMs: bucketMs))
        return
      }
      try open(bucketMs, at: place, in: transaction)
    }
    if !late.isEmpty, late.contains(Key(worker: event.workerID, bucketMs: bucketMs)) { return }
    // In place: a copy out and back would copy the summary's arrays for every event.
    if buckets[place].append(event, camera: camera) {
      mark(place)
    } else {
      late.insert(Key(worker: event.workerID, bucketMs: bucketMs))
    }
  }

  private mutating func place(of worker: String) -> Int {
    if let place = places[worker] { return place }
    buckets.append(Bucket(worker: worker, summary: TimelineSummary(timeoutMs: timeoutMs)))
    places[worker] = buckets.count - 1
    return buckets.count - 1
  }

  private mutating func mark(_ place: Int) {
    guard !buckets[place].isChanged else { return }
    buckets[place].isChanged = true
    changed.append(place)
  }

  /// Applies the result of retention and repairs: sets the workers' first states and reads every bucket again
  /// before its next event. Call it when everything is written.
  mutating func reload(firstSetMs: [String: Int64]) {
    for place in buckets.indices {
      buckets[place].startMs = .min
      buckets[place].summary = TimelineSummary(timeoutMs: timeoutMs)
      buckets[place].firstSetMs = firstSetMs[buckets[place].worker] ?? .max
    }
    knownBuckets.removeAll()
    for (worker, ms) in firstSetMs { buckets[place(of: worker)].firstSetMs = ms }
  }

  /// Ends the batch: writes what readers need to find its buckets.
  mutating func endBatch(in transaction: StoreTransaction) throws {
    for bucketMs in touched where knownBuckets.insert(bucketMs).inserted {
      try transaction.addBucket(bucketMs, timeoutMs: timeoutMs)
    }
    for place in firstSetChanged {
      try transaction.recordFirstSet(worker: buckets[place].worker, atMs: buckets[place].firstSetMs)
    }
    touched.removeAll(keepingCapacity: true)
    firstSetChanged.removeAll(keepingCapacity: true)
    if knownBuckets.count > Self.knownBucketsLimit { knownBuckets.removeAll() }
  }

  /// Writes the summaries of `unwritten` buckets, recomputing those with late events. Returns the earliest bucket
  /// that was written.
  ///
  /// - Parameters:
  ///   - count: at most so many are recomputed; the others stay unwritten.
  ///   - wanted: other buckets are forgotten: they were deleted.
  mutating func flush(
    in transaction: StoreTransaction, recomputing count: Int, of wanted: Set<Int64>? = nil
  ) throws -> Int64? {
    if let wanted {
      late = late.filter { wanted.contains($0.bucketMs) }
      unwritten.formIntersection(wanted)
    }
    guard !unwritten.isEmpty else { return nil }
    let recomputed = late.count <= count ? late : Set(late.prefix(max(count, late.count - Self.lateLimit)))
    for key in recomputed { try recompute(key, in: transaction) }
    for place in changed where unwritten.contains(buckets[place].startMs) { try save(place, in: transaction) }
    for place in changed { buckets[place].isChanged = false }
    changed.removeAll(keepingCapacity: true)
    let earliest = unwritten.min()
    late.subtract(recomputed)
    unwritten = Set(late.lazy.map(\.bucketMs))
    return earliest
  }

  private func save(_ place: Int, in transaction: StoreTransaction) throws {
    let bucket = buckets[place]
    guard bucket.startMs != .min, !bucket.summary.isEmpty else { return }
    try transaction.save(bucket.summary, worker: bucket.worker, bucketMs: bucket.startMs)
  }

  /// Makes this bucket the worker's newest: writes the one before and reads the stored one.
  private mutating func open(_ bucketMs: Int64, at place: Int, in transaction: StoreTransaction) throws {
    let worker = buckets[place].worker
    if buckets[place].isChanged { try save(place, in: transaction) }
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
    buckets[place].summary =
      isUnusable ? TimelineSummary(timeoutMs: timeoutMs) : stored ?? TimelineSummary(timeoutMs: timeoutMs)
    // Damaged, with another time-out, or not computed yet: recompute it from the events.
    let isStale = try transaction.bucketTimeout(bucketMs).map { $0 != timeoutMs } ?? false
    if isStale || isUnusable { late.insert(Key(worker: worker, bucketMs: bucketMs)) }
  }

  private mutating func recompute(_ key: Key, in transaction: StoreTransaction) throws {
    let summary = try transaction.recompute(worker: key.worker, bucketMs: key.bucketMs, timeoutMs: timeoutMs)
    let place = place(of: key.worker)
    if buckets[place].startMs == key.bucketMs {
      buckets[place].summary = summary ?? TimelineSummary(timeoutMs: timeoutMs)
    }
  }
}
