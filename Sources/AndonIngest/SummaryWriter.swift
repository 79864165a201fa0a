import AndonCore
import AndonStore

/// Keeps the summaries of workers' buckets, and the lists of their events, equal to a recompute from the stored events.
///
/// An event in order costs O(1): it is appended to the worker's newest bucket, which is in memory. A late
/// event marks its bucket; with the next flush it joins the bucket's list, of which the summary is computed again: no
/// row is read unless several events have the same time. A summary is written with the next flush, a list when the
/// worker's bucket is over. What is not written is told by `unwritten` and `openBuckets`, which each commit stores.
/// Memory: one bucket a worker with 16 bytes an event, and the late events.
struct SummaryWriter: Sendable {
  /// A worker's newest bucket.
  private struct Bucket: Sendable {
    let worker: Int32
    /// `Int64.min` before the first one.
    var startMs = Int64.min
    var summary: TimelineSummary
    var events = EventList()
    var isChanged = false
    var isIndexChanged = false
    var firstSetMs = Int64.max
    /// The first and the last bucket that the file has of the worker; nil when that is not known.
    var recorded: ClosedRange<Int64>?

    mutating func append(_ entry: EventList.Entry) {
      events.append(entry)
      isIndexChanged = true
    }

    mutating func summarize(_ entry: EventList.Entry) {
      if worker == 0 {
        summary.appendUnits(entry, originMs: startMs)
      } else {
        summary.append(entry, originMs: startMs)
      }
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
  /// Places without a worker.
  private var free: [Int] = []
  /// Places of the buckets that changed since they were written.
  private var changed: [Int] = []
  /// Buckets with late events, and those of them that their list does not have.
  private var late: [Key: [EventList.Entry]] = [:]
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
  /// More buckets with late events than this do not wait: about 3 MB with one event each.
  private static let lateLimit = 20_000

  init(timeoutMs: Int64) { self.timeoutMs = timeoutMs }

  /// Applies one event that was inserted in this transaction.
  mutating func apply(
    _ event: Event, _ names: EventNames, isAccepted: Bool, in transaction: StoreTransaction
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
    let place = place(of: names.worker)
    let entry = EventList.Entry(
      offset: UInt32(event.timestampMs - bucketMs), kind: event.kind, isAccepted: isAccepted,
      count: event.count,
      workstation: names.workstation, camera: names.camera)
    if isAccepted, event.kind.isState, event.timestampMs < buckets[place].firstSetMs {
      buckets[place].firstSetMs = event.timestampMs
      firstSetChanged.append(place)
    }
    let key = Key(place: place, bucketMs: bucketMs)
    if bucketMs < buckets[place].startMs {
      if late[key] == nil { recordOpened(key) }
      late[key, default: []].append(entry)
      return
    }
    if buckets[place].startMs != bucketMs { try open(bucketMs, at: place, in: transaction) }
    mark(place)
    // In place: a copy out and back would copy the arrays for every event.
    guard buckets[place].events.lastOffset.map({ $0 < entry.offset }) ?? true else {
      late[key, default: []].append(entry)
      return
    }
    buckets[place].append(entry)
    // With late events, the next flush computes the summary.
    if isAccepted, late.isEmpty || late[key] == nil { buckets[place].summarize(entry) }
  }

  private mutating func place(of worker: Int32) -> Int {
    if Int(worker) < places.count, places[Int(worker)] >= 0 { return Int(places[Int(worker)]) }
    return addPlace(of: worker)
  }

  /// Forgets workers of whom no event can come any more. One with something unwritten stays.
  mutating func forget(workers: [Int32]) {
    let needed = Set(late.keys.map(\.place)).union(opened.map(\.place)).union(firstSetChanged)
    for worker in workers where Int(worker) < places.count && places[Int(worker)] >= 0 {
      let place = Int(places[Int(worker)])
      guard !buckets[place].isChanged, !buckets[place].isIndexChanged, !needed.contains(place) else {
        continue
      }
      buckets[place] = emptyBucket(of: worker)
      places[Int(worker)] = -1
      free.append(place)
    }
  }

  private func emptyBucket(of worker: Int32) -> Bucket {
    Bucket(worker: worker, summary: TimelineSummary(timeoutMs: timeoutMs))
  }

  private mutating func addPlace(of worker: Int32) -> Int {
    while places.count <= Int(worker) { places.append(-1) }
    let place = free.popLast() ?? buckets.count
    if place == buckets.count {
      buckets.append(emptyBucket(of: worker))
    } else {
      buckets[place] = emptyBucket(of: worker)
    }
    places[Int(worker)] = Int32(place)
    return place
  }

  private mutating func recordOpened(_ key: Key) {
    if buckets[key.place].recorded?.contains(key.bucketMs) != true { opened.append(key) }
  }

  private mutating func mark(_ place: Int) {
    guard !buckets[place].isChanged else { return }
    buckets[place].isChanged = true
    changed.append(place)
  }

  /// Reads every bucket again before its next event. Call it when everything is written.
  ///
  /// - Parameter firstSets: the workers with a state, and when their first one was set.
  mutating func reload(firstSets: [Int32: Int64]) {
    for place in buckets.indices {
      buckets[place].startMs = .min
      buckets[place].summary = TimelineSummary(timeoutMs: timeoutMs)
      buckets[place].events = EventList()
      buckets[place].firstSetMs = .max
      buckets[place].recorded = nil
    }
    knownBuckets.removeAll()
    for (worker, atMs) in firstSets { buckets[place(of: worker)].firstSetMs = atMs }
  }

  /// Ends the batch: writes what readers need to find its buckets.
  mutating func endBatch(in transaction: StoreTransaction) throws {
    for bucketMs in touched where knownBuckets.insert(bucketMs).inserted {
      try transaction.addBucket(bucketMs, timeoutMs: timeoutMs)
    }
    for place in firstSetChanged {
      try transaction.recordFirstSet(worker: buckets[place].worker, atMs: buckets[place].firstSetMs)
    }
    for key in opened where buckets[key.place].recorded?.contains(key.bucketMs) != true {
      buckets[key.place].recorded = try transaction.recordBucket(
        worker: buckets[key.place].worker, key.bucketMs)
    }
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
    for (key, events) in late {
      guard count > 0 else { break }
      count -= 1
      try add(events, to: key, in: transaction)
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
    let bucket = buckets[place]
    try transaction.save(bucket.events, worker: bucket.worker, bucketMs: bucket.startMs)
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
    buckets[place].events = try events(of: worker, bucketMs, in: transaction)
    buckets[place].summary =
      isUnusable ? TimelineSummary(timeoutMs: timeoutMs) : stored ?? TimelineSummary(timeoutMs: timeoutMs)
    recordOpened(Key(place: place, bucketMs: bucketMs))
    // Damaged, with another time-out, or not computed yet: recompute it from the events.
    let isStale = try transaction.bucketTimeout(bucketMs).map { $0 != timeoutMs } ?? false
    if isStale || isUnusable { late[Key(place: place, bucketMs: bucketMs), default: []] += [] }
  }

  /// The stored list; if it is damaged, that of the rows.
  private func events(of worker: Int32, _ bucketMs: Int64, in transaction: StoreTransaction) throws
    -> EventList
  {
    try transaction.storedEvents(worker: worker, bucketMs: bucketMs)
      ?? transaction.scannedEvents(bucketMs: bucketMs)[worker] ?? EventList()
  }

  /// Adds late events to the list of their bucket, and computes its summary again.
  private mutating func add(
    _ late: [EventList.Entry], to key: Key, in transaction: StoreTransaction
  ) throws {
    let worker = buckets[key.place].worker
    let isNewest = buckets[key.place].startMs == key.bucketMs
    var events =
      isNewest ? buckets[key.place].events : try events(of: worker, key.bucketMs, in: transaction)
    for entry in late where !events.insert(entry) {
      // The order of events of one time follows from their rows.
      let rows = try transaction.events(worker: worker, bucketMs: key.bucketMs, at: [entry.offset])
      events.replace(at: entry.offset, with: rows.entries)
    }
    let summary = try transaction.summarize(
      events, worker: worker, bucketMs: key.bucketMs, timeoutMs: timeoutMs)
    if isNewest {
      (buckets[key.place].events, buckets[key.place].summary) = (events, summary)
      buckets[key.place].isIndexChanged = true
    } else {
      try transaction.save(events, worker: worker, bucketMs: key.bucketMs)
    }
  }
}
