import AndonCore

/// Keeps the summaries of workers' quarters of an hour equal to a fold over their stored events.
///
/// An event in order costs O(1): it is appended to the worker's newest leaf, which is kept in memory. A late
/// one marks its leaf; at the end of the batch that leaf alone is folded again from its events. Memory: one
/// leaf a worker, whatever the length of history.
struct LeafFold: Sendable {
  private struct Leaf: Sendable {
    var startMs: Int64
    var summary: TimelineSummary
    var isChanged = false

    /// Appends the event when it comes in order; says whether it did.
    mutating func take(_ event: Event, camera: String) -> Bool {
      if event.workerID.isEmpty {
        summary.appendUnits(event)
      } else if summary.isEmpty || event.timestampMs > summary.lastMs {
        summary.append(event, cameraID: camera)
      } else {
        return false
      }
      isChanged = true
      return true
    }
  }

  private struct Key: Hashable, Sendable {
    var worker: String
    var leafMs: Int64
  }

  private let timeoutMs: Int64
  private var newest: [String: Leaf] = [:]
  private var firstSetMs: [String: Int64]
  private var changedWorkers: Set<String> = []
  private var late: Set<Key> = []
  private var changedLeaves: Set<Int64> = []
  private var changedFirstSets: Set<String> = []
  /// Leaves whose row is there, so that it is not asked for with every batch.
  private var knownLeaves: Set<Int64> = []
  private static let knownLeavesLimit = 1000

  init(timeoutMs: Int64, firstSetMs: [String: Int64]) {
    self.timeoutMs = timeoutMs
    self.firstSetMs = firstSetMs
  }

  /// Follows one accepted event that was inserted in this transaction.
  mutating func apply(_ event: Event, camera: String, in transaction: StoreTransaction) throws {
    let worker = event.workerID
    let leafMs = TimelineLeaf.start(of: event.timestampMs)
    changedLeaves.insert(leafMs)
    if event.kind.isState, event.timestampMs < firstSetMs[worker] ?? .max {
      firstSetMs[worker] = event.timestampMs
      changedFirstSets.insert(worker)
    }
    if newest[worker]?.startMs != leafMs {
      if let startMs = newest[worker]?.startMs, leafMs < startMs {
        late.insert(Key(worker: worker, leafMs: leafMs))
        return
      }
      try open(leafMs, of: worker, in: transaction)
    }
    let key = Key(worker: worker, leafMs: leafMs)
    if !late.isEmpty, late.contains(key) { return }
    // In place: taking the summary out and putting it back would copy its arrays for every event.
    let isTaken = newest[worker]?.take(event, camera: camera) ?? false
    if isTaken { changedWorkers.insert(worker) } else { late.insert(key) }
  }

  /// Takes what retention left of the workers' first states.
  mutating func reload(firstSetMs: [String: Int64]) { self.firstSetMs = firstSetMs }

  /// Ends the batch: folds late leaves again, writes what changed and returns the earliest leaf that did.
  mutating func finish(in transaction: StoreTransaction) throws -> Int64? {
    for key in late { try refold(key, in: transaction) }
    for worker in changedWorkers {
      guard let leaf = newest[worker], leaf.isChanged else { continue }
      try transaction.save(leaf.summary, worker: worker, leafMs: leaf.startMs)
      newest[worker]?.isChanged = false
    }
    for worker in changedFirstSets {
      if let atMs = firstSetMs[worker] { try transaction.noteFirstSet(worker: worker, atMs: atMs) }
    }
    for leafMs in changedLeaves where knownLeaves.insert(leafMs).inserted {
      try transaction.addLeaf(leafMs, timeoutMs: timeoutMs)
    }
    let earliest = changedLeaves.min()
    late.removeAll(keepingCapacity: true)
    changedWorkers.removeAll(keepingCapacity: true)
    changedFirstSets.removeAll(keepingCapacity: true)
    changedLeaves.removeAll(keepingCapacity: true)
    if knownLeaves.count > Self.knownLeavesLimit { knownLeaves.removeAll() }
    return earliest
  }

  /// Makes that leaf the worker's newest: writes the one before and reads what is stored of this one.
  private mutating func open(_ leafMs: Int64, of worker: String, in transaction: StoreTransaction) throws {
    if let before = newest[worker], before.isChanged {
      try transaction.save(before.summary, worker: worker, leafMs: before.startMs)
    }
    let stored = try transaction.summary(worker: worker, leafMs: leafMs)
    newest[worker] = Leaf(startMs: leafMs, summary: stored ?? TimelineSummary(timeoutMs: timeoutMs))
    // Folded with another time-out, or not folded yet: from the events again.
    let isStale = try transaction.leafTimeout(leafMs).map { $0 != timeoutMs } ?? false
    if isStale || stored.map({ $0.timeoutMs != timeoutMs }) == true {
      late.insert(Key(worker: worker, leafMs: leafMs))
    }
  }

  private mutating func refold(_ key: Key, in transaction: StoreTransaction) throws {
    let summary = try transaction.refold(worker: key.worker, leafMs: key.leafMs, timeoutMs: timeoutMs)
    if newest[key.worker]?.startMs == key.leafMs {
      newest[key.worker] = Leaf(
        startMs: key.leafMs, summary: summary ?? TimelineSummary(timeoutMs: timeoutMs))
    }
  }
}
