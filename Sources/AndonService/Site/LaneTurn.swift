import AndonCore
package import Mosquitto

/// A batch's way to the disk: decode, then one transaction in which a copy of the engine follows it.
///
/// Used by the lane, the import and the tests alike: there is one pipeline.
package struct LaneTurn {
  package private(set) var engine: SiteEngine
  private let rules: IngestRules
  private let store: SiteStore
  private let clock: WallClock
  private var batch = IngestBatch()

  package init(rules: IngestRules, store: SiteStore, engine: SiteEngine, clock: WallClock) {
    self.rules = rules
    self.store = store
    self.engine = engine
    self.clock = clock
  }

  /// Commits what was received; nil when there was nothing. When it throws, nothing was written and the
  /// engine is as before.
  package mutating func commit(_ messages: MessageBatch) throws -> SiteEngine.Update? {
    guard messages.count > 0 else { return nil }
    let nowMs = clock.nowMs
    batch.removeAll()
    for index in 0..<messages.count {
      messages.withMessage(at: index) { topic, payload, isRetained in
        batch.append(topic: topic, payload: payload, isRetained: isRetained, rules: rules, nowMs: nowMs)
      }
    }
    return batch.isEmpty ? nil : try commit(nowMs: nowMs)
  }

  /// Adds one payload of a camera, for commits by hand.
  package mutating func add(payload: [UInt8], camera: String) {
    batch.append(
      payload: payload.span, camera: camera, topic: rules.topics.event(site: rules.siteID, camera: camera),
      rules: rules, nowMs: clock.nowMs)
  }

  /// How many entries wait for `commitAdded`.
  package var added: Int { batch.entries.count }

  /// Commits what was added by hand.
  package mutating func commitAdded() throws -> SiteEngine.Update? {
    guard !batch.isEmpty else { return nil }
    return try commit(nowMs: clock.nowMs)
  }

  private mutating func commit(nowMs: Int64) throws -> SiteEngine.Update {
    var next = engine
    let update = try store.commit { transaction in
      try next.followRetention(epoch: store.changes.epoch, in: transaction)
      let update = try next.apply(batch, in: transaction, nowMs: nowMs)
      // Before the commit: a reader that sees the events must be able to see that they changed something.
      if let leafMs = update.earliestLeafMs {
        store.changes.note(sequence: update.sequence, earliestLeafMs: leafMs)
      }
      return update
    }
    engine = next
    store.witness(engine.progress)
    batch.removeAll()
    return update
  }

  /// As with a batch: a copy of the engine follows the transaction and is kept when the commit succeeded.
  private mutating func commit<Result>(
    _ body: (inout SiteEngine, StoreTransaction) throws -> Result
  ) throws -> Result {
    var next = engine
    let result = try store.commit { try body(&next, $0) }
    engine = next
    store.witness(engine.progress)
    return result
  }

  // MARK: What happened beside messages

  /// CONNECT is about to leave. Returns whether an earlier one is still without an answer: then the session that
  /// the broker has may be as new as that one.
  package mutating func noteConnecting() throws -> Bool {
    if engine.progress.isConnecting { return true }
    try commit { try $0.noteConnecting(in: $1) }
    return false
  }

  /// CONNECT did not leave, or was refused.
  package mutating func noteNotConnected() throws {
    try commit { try $0.noteNotConnected(in: $1) }
  }

  /// CONNACK said that the broker has no session of ours, or it may be a new one.
  package mutating func noteSessionMissing() throws {
    guard engine.progress.sessionSinceMs > 0 else { return }
    try commit { try $0.noteSessionMissing(in: $1) }
  }

  /// The subscriptions stand. Returns the gap that ends here, if there is one.
  package mutating func noteSubscribed() throws -> [GapRow] {
    let nowMs = clock.nowMs
    let progress = engine.progress
    guard progress.sessionSinceMs == 0 || progress.isConnecting else { return [] }
    return try commit { try $0.noteSubscribed(in: $1, nowMs: nowMs) }
  }

  package mutating func noteClockStep(fromMs: Int64, toMs: Int64) throws -> [GapRow] {
    try commit { try $0.noteClockStep(fromMs: fromMs, toMs: toMs, in: $1) }
  }
}
