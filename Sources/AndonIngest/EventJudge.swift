import AndonConfiguration
import AndonCore
import AndonStore

/// Decides what becomes of an event: stored, low confidence, duplicate or rejected. What is stored goes into the
/// summaries, which the next flush writes.
struct EventJudge: Sendable {
  private var registry = EntityRegistry()
  private var summaries: SummaryWriter

  /// Starts from what the store holds. O(names).
  init(store: SiteStore, stateTimeoutMs: Int64) throws {
    for (kind, id) in try store.entities() { registry.add(id, kind: kind) }
    summaries = SummaryWriter(timeoutMs: stateTimeoutMs, firstSetMs: try store.firstSets())
  }

  /// Stores the event when it is new, and counts its outcome. The caller records a rejection: it is not counted yet.
  mutating func judge(
    _ event: Event, camera: String, _ context: inout BatchContext
  ) throws -> ItemOutcome {
    if !registry.knows(event, camera: camera), let rejection = try admit(event, camera: camera, &context) {
      return ItemOutcome(.rejected, rejection: rejection)
    }
    if context.clockState != .trusted, !context.isReplay {
      context.update.clockEvidence.record(
        accepted: event.timestampMs, camera: camera, nowMs: context.receivedAtMs)
    }
    let isAccepted = context.rules.accepts(event)
    let inserted = try context.transaction.insert(
      event, camera: camera, accepted: isAccepted, receivedAtMs: context.receivedAtMs)
    switch inserted {
    case .inserted:
      if isAccepted {
        context.update.counters.stored += 1
        try summaries.apply(event, camera: camera, in: context.transaction)
      } else {
        context.update.counters.lowConfidence += 1
      }
      context.statistics.record(
        stored: event, camera: camera, receivedMs: context.receivedAtMs, isReplay: context.isReplay,
        isClockDoubted: context.clockState == .doubted)
      // An old event that is replayed does not say how late events are.
      if !context.isReplay {
        context.update.newestTimestampMs = max(context.update.newestTimestampMs ?? .min, event.timestampMs)
      }
      return ItemOutcome(isAccepted ? .stored : .lowConfidence)
    case .duplicate:
      context.update.counters.duplicate += 1
      return ItemOutcome(.duplicate)
    case .conflict:
      context.update.counters.duplicate += 1
      context.update.counters.conflict += 1
      return ItemOutcome(.duplicate, isConflict: true)
    }
  }

  /// Adds the event's new names, or says why one is rejected. Nothing is added unless all of them are accepted.
  private mutating func admit(
    _ event: Event, camera: String, _ context: inout BatchContext
  ) throws -> Rejection? {
    let limits = context.rules.limits
    let named: [(EntityKind, String, Int)] = [
      (.worker, event.workerID, limits.workers), (.workstation, event.workstationID, limits.workstations),
      (.camera, camera, limits.cameras), (.model, event.modelVersion, limits.modelVersions),
    ]
    var new: [(EntityKind, String)] = []
    for (kind, id, limit) in named where !id.isEmpty {
      switch registry.admission(of: id, kind: kind, limit: limit, eventID: event.eventID) {
      case .known: break
      case .new: new.append((kind, id))
      case .refused(let rejection): return rejection
      }
    }
    for (kind, id) in new {
      registry.add(id, kind: kind)
      try context.transaction.addEntity(kind: kind, id: id)
    }
    return nil
  }

  /// Reads again what retention and repairs changed. Call between batches, when everything is written.
  mutating func reload(in transaction: StoreTransaction) throws {
    summaries.reload(firstSetMs: try transaction.firstSets())
  }

  /// Buckets whose stored summaries do not have all of their events.
  var unwritten: Set<Int64> { summaries.unwritten }

  mutating func endBatch(in transaction: StoreTransaction) throws { try summaries.endBatch(in: transaction) }

  /// See `SummaryWriter.flush`.
  mutating func flush(
    in transaction: StoreTransaction, recomputing count: Int, of wanted: Set<Int64>? = nil
  ) throws -> Int64? {
    try summaries.flush(in: transaction, recomputing: count, of: wanted)
  }
}
