import AndonCore
import AndonStore

/// Keeps the summaries of workers' quarters of an hour equal to a fold over their stored events.
///
/// An event in order costs O(1): it is appended to the worker's newest leaf, which is kept in memory. A late
/// one marks its leaf; at the end of the batch that leaf alone is folded again from its events. Memory: one
/// leaf a worker, whatever the length of history.
struct LeafFold: Sendable {
  /// A worker's newest leaf.
  private struct Leaf: Sendable {
    let worker: String
    /// `Int64.min` before the first one.
    var startMs = Int64.min
    var summary: TimelineSummary
    var isChanged = false
    var firstSetMs = Int64.max
    var isFirstSetChanged = false

    /// Appends the event when it comes in order; says whether it did.
    mutating func take(_ event: Event, camera: String) -> Bool {
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
    var leafMs: Int64
  }

  private let timeoutMs: Int64
  private var leaves: [Leaf] = []
  private var places: [String: Int] = [:]
  /// Places of leaves that this batch changed.
  private var changed: [Int] = []
  private var late: Set<Key> = []
  private var changedLeaves: Set<Int64> = []
  /// The leaf of the last event: mostly the next one's, too.
  private var lastLeafMs = Int64.min
  /// Leaves whose row is there, so that it is not asked for with every batch.
  private var knownLeaves: Set<Int64> = []
  private static let knownLeavesLimit = 1000

  init(timeoutMs: Int64, firstSetMs: [String: Int64]) {
    self.timeoutMs = timeoutMs
    reload(firstSetMs: firstSetMs)
  }

  /// Follows one accepted event that was inserted in this transaction.
  mutating func apply(_ event: Event, camera: String, in transaction: StoreTransaction) throws {
    let leafMs = TimelineLeaf.start(of: event.timestampMs)
    if leafMs != lastLeafMs || changedLeaves.isEmpty {
      changedLeaves.insert(leafMs)
      lastLeafMs = leafMs
    }
    let place = place(of: event.workerID)
    if event.kind.isState, event.timestampMs < leaves[place].firstSetMs {
      leaves[place].firstSetMs = event.timestampMs
      leaves[place].isFirstSetChanged = true
      mark(place)
    }
    if leaves[place].startMs != leafMs {
      if leafMs < leaves[place].startMs {
        late.insert(Key(worker: event.workerID, leafMs: leafMs))
        return
      }
      try open(leafMs, at: place, in: transaction)
    }
    if !late.isEmpty, late.contains(Key(worker: event.workerID, leafMs: leafMs)) { return }
    // In place: taking the summary out and putting it back would copy its arrays for every event.
    if leaves[place].take(event, camera: camera) {
      mark(place)
    } else {
      late.insert(Key(worker: event.workerID, leafMs: leafMs))
    }
  }

  private mutating func place(of worker: String) -> Int {
    if let place = places[worker] { return place }
    leaves.append(Leaf(worker: worker, summary: TimelineSummary(timeoutMs: timeoutMs)))
    places[worker] = leaves.count - 1
    return leaves.count - 1
  }

  private mutating func mark(_ place: Int) {
    guard !leaves[place].isChanged else { return }
    leaves[place].isChanged = true
    changed.append(place)
  }

  /// Takes what retention and repairs left: the workers' first states, and every leaf is read again before its
  /// next event. Between batches, when nothing is unwritten.
  mutating func reload(firstSetMs: [String: Int64]) {
    for place in leaves.indices {
      leaves[place].startMs = .min
      leaves[place].summary = TimelineSummary(timeoutMs: timeoutMs)
    }
    knownLeaves.removeAll()
    for place in leaves.indices { leaves[place].firstSetMs = firstSetMs[leaves[place].worker] ?? .max }
    for (worker, ms) in firstSetMs { leaves[place(of: worker)].firstSetMs = ms }
  }

  /// Ends the batch: folds late leaves again, writes what changed and returns the earliest leaf that did.
  mutating func finish(in transaction: StoreTransaction) throws -> Int64? {
    for key in late { try refold(key, in: transaction) }
    for place in changed { try save(place, in: transaction) }
    for leafMs in changedLeaves where knownLeaves.insert(leafMs).inserted {
      try transaction.addLeaf(leafMs, timeoutMs: timeoutMs)
    }
    let earliest = changedLeaves.min()
    late.removeAll(keepingCapacity: true)
    changed.removeAll(keepingCapacity: true)
    changedLeaves.removeAll(keepingCapacity: true)
    if knownLeaves.count > Self.knownLeavesLimit { knownLeaves.removeAll() }
    return earliest
  }

  private mutating func save(_ place: Int, in transaction: StoreTransaction) throws {
    let leaf = leaves[place]
    if leaf.startMs != .min, !leaf.summary.isEmpty {
      try transaction.save(leaf.summary, worker: leaf.worker, leafMs: leaf.startMs)
    }
    if leaf.isFirstSetChanged { try transaction.noteFirstSet(worker: leaf.worker, atMs: leaf.firstSetMs) }
    leaves[place].isChanged = false
    leaves[place].isFirstSetChanged = false
  }

  /// Makes that leaf the worker's newest: writes the one before and reads what is stored of this one.
  private mutating func open(_ leafMs: Int64, at place: Int, in transaction: StoreTransaction) throws {
    let worker = leaves[place].worker
    if leaves[place].isChanged, leaves[place].startMs != .min, !leaves[place].summary.isEmpty {
      try transaction.save(leaves[place].summary, worker: worker, leafMs: leaves[place].startMs)
    }
    var stored: TimelineSummary?
    var isUnusable = false
    switch try transaction.storedSummary(worker: worker, leafMs: leafMs) {
    case .none: break
    case .sound(let bytes):
      stored = TimelineSummary(encoded: bytes.span, originMs: leafMs)
      isUnusable = stored?.timeoutMs != timeoutMs
    case .damaged: isUnusable = true
    }
    leaves[place].startMs = leafMs
    leaves[place].summary =
      isUnusable ? TimelineSummary(timeoutMs: timeoutMs) : stored ?? TimelineSummary(timeoutMs: timeoutMs)
    // Damaged, folded with another time-out, or not folded yet: from the events again.
    let isStale = try transaction.leafTimeout(leafMs).map { $0 != timeoutMs } ?? false
    if isStale || isUnusable { late.insert(Key(worker: worker, leafMs: leafMs)) }
  }

  private mutating func refold(_ key: Key, in transaction: StoreTransaction) throws {
    let summary = try transaction.refold(worker: key.worker, leafMs: key.leafMs, timeoutMs: timeoutMs)
    let place = place(of: key.worker)
    if leaves[place].startMs == key.leafMs {
      leaves[place].summary = summary ?? TimelineSummary(timeoutMs: timeoutMs)
    }
  }
}
