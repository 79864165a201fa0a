import AndonConfiguration
import AndonCore
import AndonStore

/// A reading of a camera's counter that only grows, on its way to an event of what was made since the reading before.
///
/// The reading is stored in the transaction of its event: a crash neither loses the difference nor counts it twice.
struct CounterReading {
  /// Its `count` is set when the reading is judged.
  private(set) var event: Event
  private let key: CounterKey
  private let total: CounterTotal
  /// The most that one event may count.
  private static let largestCount: Int64 = 10_000

  init(_ event: Event, camera: String, mapping: String, worker: String, total: Int64) {
    self.event = event
    key = CounterKey(mapping: mapping, camera: camera, worker: worker, workstation: event.workstationID)
    self.total = CounterTotal(total: total, timestampMs: event.timestampMs)
  }

  /// Judges the event that the reading stands for, and counts its outcome. The caller records a rejection.
  mutating func judge(with judge: inout EventJudge, _ context: inout BatchContext) throws -> ItemOutcome {
    let (transaction, limits) = (context.transaction, context.rules.limits)
    let last = try transaction.total(key)
    let isOneTooMany =
      try last == nil && transaction.counterKeys() >= limits.workers + limits.workstations
    // The same reading once more: the stored row has the difference, so that is no conflict.
    if try transaction.contains(event) {
      context.update.counters.duplicate += 1
      if last == nil, !isOneTooMany { try transaction.set(total, for: key) }
      return ItemOutcome(.duplicate)
    }
    let step = CounterTotal.step(from: last, to: total)
    if let rejection = apply(step, isOneTooMany: isOneTooMany) {
      // Otherwise every later reading would be rejected, too.
      if last != nil { try transaction.set(total, for: key) }
      return ItemOutcome(.rejected, rejection: rejection)
    }
    let outcome = try judge.judge(event, camera: key.camera, &context)
    if outcome.kind != .rejected, step != .late { try transaction.set(total, for: key) }
    return outcome
  }

  /// Sets the event's count, or says why the reading is rejected.
  private mutating func apply(_ step: CounterTotal.Step, isOneTooMany: Bool) -> Rejection? {
    var rejection: Rejection?
    if case .made(let made) = step {
      if made > Self.largestCount {
        rejection = Rejection(
          code: .schema, field: "count",
          detail:
            "\(made) more than the reading before; at most \(Self.largestCount) are taken for one event",
          eventID: event.eventID)
      } else {
        event.count = Int32(made)
      }
    }
    guard isOneTooMany else { return rejection }
    return Rejection(
      code: .cardinality, field: "count", detail: "the site follows as many counters as it may already",
      eventID: event.eventID)
  }
}
