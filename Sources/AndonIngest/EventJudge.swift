import AndonConfiguration
import AndonCore
import AndonPrivacy
import AndonStore

/// Decides what becomes of an event: stored, low confidence, duplicate or rejected. What is stored goes into the
/// summaries, which the next flush writes.
struct EventJudge: Sendable {
  private var registry = EntityRegistry()
  private var summaries: SummaryWriter
  /// Pseudonyms that ended before have no more events.
  private var oldestMs: Int64
  /// Workers who were erased.
  private var erasures: [Erasure]
  /// By number, workers who came back after they were erased, and when that was. Nearly always empty.
  private var returned: [Int32: Int64] = [:]

  /// Starts from what the store holds. O(names).
  ///
  /// - Parameter oldestMs: no event of before is accepted.
  init(store: SiteStore, stateTimeoutMs: Int64, oldestMs: Int64) throws {
    erasures = try store.erasures()
    for (kind, number, text, endsMs) in try store.names(endingAfter: oldestMs) {
      registry.add(text, number, kind: kind, endsMs: endsMs)
      if kind == .worker, let erasure = erasures.last(where: { $0.isOf(text) }) {
        returned[number] = erasure.atMs
      }
    }
    self.oldestMs = oldestMs
    summaries = SummaryWriter(timeoutMs: stateTimeoutMs)
    summaries.reload(firstSets: try store.firstSets(endingAfter: oldestMs))
  }

  /// Stores the event when it is new, and counts its outcome. The caller records a rejection: it is not counted yet.
  mutating func judge(
    _ event: Event, camera: String, _ context: inout BatchContext
  ) throws -> ItemOutcome {
    let names: EventNames
    if let known = registry.numbers(of: event, camera: camera) {
      names = known
    } else {
      switch try admit(event, camera: camera, &context) {
      case .success(let added): names = added
      case .failure(let refused): return ItemOutcome(.rejected, rejection: refused.rejection)
      }
    }
    if !returned.isEmpty, let erasedMs = returned[names.worker], event.timestampMs <= erasedMs {
      return ItemOutcome(.rejected, rejection: Self.erased)
    }
    if context.clockState != .trusted, !context.isReplay {
      context.update.clockEvidence.record(
        accepted: event.timestampMs, camera: camera, nowMs: context.receivedAtMs)
    }
    let isAccepted = context.rules.accepts(event)
    let inserted = try context.transaction.insert(
      event, names, camera: camera, accepted: isAccepted, receivedAtMs: context.receivedAtMs)
    switch inserted {
    case .inserted:
      if isAccepted {
        context.update.counters.stored += 1
      } else {
        context.update.counters.lowConfidence += 1
      }
      try summaries.apply(event, names, isAccepted: isAccepted, in: context.transaction)
      context.statistics.record(
        stored: event, names, camera: camera, receivedMs: context.receivedAtMs, isReplay: context.isReplay,
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
  ) throws -> Result<EventNames, Refused> {
    let limits = context.rules.limits
    let named: [(EntityKind, String, Int)] = [
      (.worker, event.workerID, limits.workers), (.workstation, event.workstationID, limits.workstations),
      (.camera, camera, limits.cameras), (.model, event.modelVersion, limits.modelVersions),
    ]
    // A late event of somebody who was erased: it may be stored already, without the name.
    let erasure = erasures.last { $0.untilMs >= context.nowMs && $0.isOf(event.workerID) }
    if let erasure, event.timestampMs <= erasure.atMs, !event.workerID.isEmpty {
      return .failure(Refused(rejection: Self.erased))
    }
    var new: [(EntityKind, String)] = []
    let endsMs = event.workerID.isEmpty ? nil : try context.rules.pseudonyms?.end(atMs: event.timestampMs)
    if let endsMs, !registry.knowsPseudonyms(endingAt: endsMs) { forgetPseudonyms(context) }
    for (kind, id, limit) in named where !id.isEmpty {
      let admission = registry.admission(
        of: id, kind: kind, limit: limit, eventID: event.eventID, endsMs: kind == .worker ? endsMs : nil)
      switch admission {
      case .known: break
      case .new: new.append((kind, id))
      case .refused(let rejection): return .failure(Refused(rejection: rejection))
      }
    }
    for (kind, id) in new {
      let endsMs = kind == .worker ? endsMs : nil
      let number = try context.transaction.addName(kind: kind, id, endsMs: endsMs)
      registry.add(id, number, kind: kind, endsMs: endsMs)
    }
    if let erasure, let number = registry.number(of: event.workerID, kind: .worker) {
      returned[number] = erasure.atMs
    }
    guard let names = registry.numbers(of: event, camera: camera) else {
      preconditionFailure("every name of the event was known or is added")
    }
    return .success(names)
  }

  /// Whether a rejected event in Andon's format is of a worker who was erased after its time, e.g. a repeat that is too
  /// old by now. Its row of the quarantine must not bring the id back. O(bytes), and nothing while no erasure is fresh.
  func namesErased(_ input: RejectedInput, _ context: BatchContext) -> Bool {
    guard erasures.contains(where: { $0.untilMs >= context.nowMs }), !input.camera.isEmpty,
      let text = RejectedEventText(
        input.payload.span, context: context.rules.context(camera: input.camera, nowMs: context.nowMs)),
      let worker = text.workerID,
      let erasure = erasures.last(where: { $0.untilMs >= context.nowMs && $0.isOf(worker) })
    else { return false }
    return text.timestampMs ?? .min <= erasure.atMs
  }

  /// Once a period: the memory must not grow with each rotation.
  private mutating func forgetPseudonyms(_ context: BatchContext) {
    guard context.clockState == .trusted else { return }
    oldestMs = max(oldestMs, context.nowMs - context.rules.maxAgeMs)
    let ended = registry.forgetPseudonyms(endedBefore: oldestMs)
    summaries.forget(workers: ended)
  }

  /// Without a name: the row of the quarantine and the notice of it must not bring the id back.
  private static let erased = Rejection(
    code: .erased, field: "worker_id", detail: "the worker was erased; events from before stay out")

  /// The worker's name is gone from the file.
  mutating func erase(_ worker: String, _ erasure: Erasure) {
    if let number = registry.remove(worker, kind: .worker) { returned[number] = nil }
    erasures.append(erasure)
  }

  private struct Refused: Error {
    var rejection: Rejection
  }

  /// Reads again what retention and repairs changed. Call between batches, when everything is written.
  mutating func reload(in transaction: StoreTransaction) throws {
    summaries.reload(firstSets: try transaction.firstSets(endingAfter: oldestMs))
    guard try transaction.nameCount(endingAfter: oldestMs) != registry.count else { return }
    registry = EntityRegistry()
    for (kind, number, text, endsMs) in try transaction.names(endingAfter: oldestMs) {
      registry.add(text, number, kind: kind, endsMs: endsMs)
    }
  }

  /// Buckets whose stored summaries do not have all of their events.
  var unwritten: Set<Int64> { summaries.unwritten }

  /// Buckets whose stored indexes of workers do not have all of their events.
  var openBuckets: Set<Int64> { summaries.openBuckets }

  mutating func endBatch(in transaction: StoreTransaction) throws { try summaries.endBatch(in: transaction) }

  /// See `SummaryWriter.flush`.
  mutating func flush(
    in transaction: StoreTransaction, _ plan: FlushPlan, of wanted: Set<Int64>? = nil
  ) throws -> Int64? {
    try summaries.flush(in: transaction, plan, of: wanted)
  }
}
