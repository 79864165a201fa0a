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
    return try commit(nowMs: nowMs)
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
    batch.removeAll()
    return update
  }
}
