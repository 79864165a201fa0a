import AndonConfiguration
import AndonCore
import AndonPrivacy
package import AndonRuntime
package import AndonStore
package import Mosquitto

/// A batch's way to the disk: it is decoded, then applied to a copy of the engine in one transaction.
///
/// The ingest loop, the import and the tests use this one pipeline.
package struct IngestPipeline {
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

  /// Commits received messages and posted events in one transaction; nil when there was nothing. Posted
  /// events are answered after the commit. If it throws, nothing was written, the engine is unchanged and no
  /// posted event was answered.
  ///
  /// - Parameters:
  ///   - nowMs: The clock reading to judge by; read now unless given.
  ///   - report: Called after the commit and before the answers: who has an answer finds its events in the status.
  package mutating func commit(
    _ messages: MessageBatch, posted: [PostedEvents] = [], nowMs: Int64? = nil,
    report: (SiteEngine.Update, SiteEngine) -> Void = { _, _ in }
  ) throws -> SiteEngine.Update? {
    guard messages.count > 0 || !posted.isEmpty else { return nil }
    let nowMs = nowMs ?? clock.nowMs
    batch.isClockTrusted = engine.clockState == .trusted
    decode(messages, nowMs: nowMs)
    let ranges = posted.isEmpty ? [] : batch.append(posted, rules: rules, nowMs: nowMs)
    let update = batch.isEmpty ? nil : try commit(nowMs: nowMs)
    if let update { report(update, engine) }
    for (posted, range) in zip(posted, ranges) {
      posted.answer(.committed(range.compactMap { update?.outcomes[$0] }))
    }
    return update
  }

  /// Whether events may be judged by their time now.
  package var clockState: ClockTrust.State {
    get { engine.clockState }
    set { engine.clockState = newValue }
  }

  private mutating func decode(_ messages: MessageBatch, nowMs: Int64) {
    batch.removeAll()
    // Out of `self`, which changes in the closure: otherwise each message would copy them.
    let rules = rules
    messages.visit { topic, topicNumber, payload, message in
      batch.append(
        topic: topic, payload: payload, message, topicNumber: topicNumber, rules: rules, nowMs: nowMs)
    }
  }

  /// Decodes messages and discards the entries; returns how many there were. For benchmarks only.
  package mutating func decode(_ messages: MessageBatch) -> Int {
    decode(messages, nowMs: clock.nowMs)
    defer { batch.removeAll() }
    return batch.entries.count
  }

  /// Adds one payload of a camera for `commitAdded`.
  package mutating func add(payload: [UInt8], camera: String) {
    batch.append(
      payload: payload.span, camera: camera, topic: rules.topics.event(site: rules.siteID, camera: camera),
      rules: rules, nowMs: clock.nowMs)
  }

  /// Adds one message as if it came from the broker, for tests.
  package mutating func addMessage(topic: String, payload: [UInt8], isRetained: Bool = false) {
    batch.append(
      topic: topic, payload: payload.span, isRetained: isRetained, rules: rules, nowMs: clock.nowMs)
  }

  /// How many entries wait for `commitAdded`.
  package var added: Int { batch.entries.count }

  /// Commits the added entries.
  package mutating func commitAdded() throws -> SiteEngine.Update? {
    guard !batch.isEmpty else { return nil }
    return try commit(nowMs: clock.nowMs)
  }

  private mutating func commit(nowMs: Int64) throws -> SiteEngine.Update {
    if let failure = batch.failure {
      batch.removeAll()
      throw failure
    }
    var next = engine
    var update = try store.commit { transaction in
      let update = try next.apply(batch, in: transaction, nowMs: nowMs)
      store.changes.record(update)
      return update
    }
    adopt(next)
    update.samples = samples(update)
    batch.removeAll()
    return update
  }

  /// Writes what earlier commits left to the next flush. Opens a transaction only when something is left.
  ///
  /// - Parameter closesAll: for the end: nothing is left then.
  package mutating func flush(closesAll: Bool = false) throws {
    guard engine.hasPendingWrites || closesAll && engine.hasOpenBuckets else { return }
    let (nowMs, changes) = (clock.nowMs, store.changes)
    try commit { changes.record(try $0.flush(in: $1, nowMs: nowMs, closesAll: closesAll)) }
  }

  private func samples(_ update: SiteEngine.Update) -> [EventSample] {
    batch.entries.prefix(EventSample.perBatch).enumerated().compactMap { index, entry in
      guard let outcome = update.outcomes[index] else { return nil }
      switch entry {
      case .event(let event, let camera), .total(let event, let camera, _, _, _):
        return EventSample(
          cameraID: camera, event: outcome.rejection?.code == .erased ? nil : rules.privacy.shown(event),
          outcome: outcome)
      case .rejected(let input):
        return EventSample(cameraID: input.camera, event: nil, outcome: outcome)
      case .cameraStatus, .command, .brokerDropped, .ignored: return nil
      }
    }
  }

  /// Applies the body to a copy of the engine, which replaces the engine after the commit.
  private mutating func commit<Result>(
    _ body: (inout SiteEngine, StoreTransaction) throws -> Result
  ) throws -> Result {
    var next = engine
    let result = try store.commit { try body(&next, $0) }
    adopt(next)
    return result
  }

  /// Makes the committed copy the engine.
  private mutating func adopt(_ next: SiteEngine) {
    engine = next
    engine.settle()
    store.highWaterMark(engine.progress)
  }

  // MARK: Session and subscriptions

  /// Records that CONNECT is about to be sent. Returns whether an earlier CONNECT was not answered: that one
  /// may have created the broker's session.
  package mutating func recordConnecting() throws -> Bool {
    if engine.progress.isConnecting { return true }
    _ = try commit { try $0.apply(.connecting, in: $1) }
    return false
  }

  /// Records that CONNECT was not sent, or was refused.
  package mutating func recordNotConnected() throws {
    _ = try commit { try $0.apply(.notConnected, in: $1) }
  }

  /// Records that the broker has no session for this site, may have a new one, or does not keep its messages.
  package mutating func recordSessionMissing(_ cause: GapRow.Cause) throws {
    let progress = engine.progress
    let isNews = progress.sessionSinceMs != nil
    // A certain cause replaces a doubtful one.
    let isMoreCertain =
      progress.lostSinceMs != nil && progress.lostCause == .sessionDoubtful && cause != .sessionDoubtful
    guard isNews || isMoreCertain else { return }
    _ = try commit { try $0.apply(.missing(cause), in: $1) }
  }

  /// The filters of mappings that were removed from the configuration: unsubscribe from them. New filters are
  /// stored before they are subscribed to, so that none is forgotten.
  package func staleFilters() throws -> [String] {
    let wanted = Set(rules.mappings.filters)
    let known = try store.mappingFilters()
    if !wanted.isSubset(of: known) {
      try store.commit { try $0.setMappingFilters(known.union(wanted)) }
    }
    return known.subtracting(wanted).sorted()
  }

  /// Records that the session has exactly the wanted subscriptions.
  package func recordFilters() throws {
    let wanted = Set(rules.mappings.filters)
    guard try store.mappingFilters() != wanted else { return }
    try store.commit { try $0.setMappingFilters(wanted) }
  }

  /// Records that the subscriptions are granted. Returns the gaps that end here, if there are any.
  package mutating func recordSubscribed() throws -> [GapRow] {
    let nowMs = clock.nowMs
    let progress = engine.progress
    guard progress.sessionSinceMs == nil || progress.isConnecting else { return [] }
    return try commit { try $0.apply(.subscribed(atMs: nowMs), in: $1) }
  }

  /// Records until when the broker was there. Opens a transaction only when that changes something.
  package mutating func recordContact(untilMs: Int64) throws {
    guard engine.isNews(contactUntilMs: untilMs) else { return }
    _ = try commit { try $0.apply(.contactEnded(atMs: untilMs), in: $1) }
  }

  package mutating func recordClockStep(fromMs: Int64, toMs: Int64) throws -> [GapRow] {
    try commit { try $0.apply(.clockStepped(fromMs: fromMs, toMs: toMs), in: $1) }
  }

  // MARK: Alarms and commands

  /// Applies the rules of the clock. Opens a transaction only when something changed.
  package mutating func tick(_ context: TickContext) throws -> SiteEngine.Update? {
    var next = engine
    if engine.clockState == .trusted { try rules.pseudonyms?.prune(nowMs: clock.nowMs) }
    let pending = next.tick(context, nowMs: clock.nowMs)
    guard !pending.isEmpty else {
      engine.keepTimers(of: next)
      return nil
    }
    let update = try store.commit { try next.write(pending, in: $0) }
    adopt(next)
    return update
  }

  /// Performs a queued command in a transaction of its own, and answers it after the commit.
  package mutating func perform(_ pendingCommand: SiteCommandQueue.PendingCommand) throws -> SiteEngine.Update
  {
    let (update, result) = try perform(pendingCommand.work)
    pendingCommand.answer(result)
    return update
  }

  /// Performs a quarantine command, for the command line and tests.
  package mutating func perform(_ order: QuarantineCommand) throws -> QuarantineReport {
    try perform(.quarantine(order)).1.quarantine ?? QuarantineReport()
  }

  /// Erases a worker, for the command line and tests.
  package mutating func perform(_ command: EraseCommand) throws -> ErasureReport {
    try perform(.erase(command)).1.erasure ?? ErasureReport()
  }

  private mutating func perform(
    _ work: SiteCommandQueue.Work
  ) throws -> (SiteEngine.Update, CommandResult) {
    let (nowMs, changes) = (clock.nowMs, store.changes)
    return try commit { engine, transaction in
      let (update, result) = try engine.perform(work, in: transaction, nowMs: nowMs)
      changes.record(update)
      return (update, result)
    }
  }

  /// Performs one alarm command, for tests and the command line.
  package mutating func perform(_ command: AlarmCommand) throws -> CommandResult {
    let nowMs = clock.nowMs
    return try commit { try $0.perform(.command(command), in: $1, nowMs: nowMs) }.1
  }

  /// Returns what other transactions changed in alarms, and forgets it.
  package mutating func dequeueUnpublished() -> SiteEngine.Update? { engine.dequeueUnpublished() }
}
