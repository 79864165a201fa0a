import AndonConfiguration
package import AndonCore
import AndonRuntime
package import AndonStore

/// All state of a site that follows from its events. It is a value: `IngestPipeline` applies each transaction to a
/// copy, which becomes the engine after COMMIT, so there is no undo code.
///
/// The engine composes the parts and decides their order; each part knows its own rules: `EventJudge` and
/// `CounterReading` what an event becomes, `QuarantineWriter` and `QuarantineReplay` the rejected ones, `CameraTable`
/// the cameras, `DriftTracker` and `SiteAlarms` what raises alarms, `GapTracker` what is missing.
package struct SiteEngine: Sendable {
  package private(set) var counters: OutcomeCounters
  /// Whether events may be judged by their time now, as the ingest loop sees it.
  package var clockState = ClockTrust.State.trusted
  let rules: IngestRules
  var eventJudge: EventJudge
  var quarantine: QuarantineWriter
  var cameraTable: CameraTable
  var drift: DriftTracker
  private var alarms: SiteAlarms
  private var gaps: GapTracker
  let commands: CommandProcessor
  /// The journal of commands on the calendar.
  package var calendarChanges: [CalendarChange] {
    didSet { calendars = rules.calendars.changed(by: calendarChanges) }
  }
  /// The configured calendars with the changes by command.
  package private(set) var calendars: SiteCalendars
  /// What earlier transactions left to the next flush, as the file has it, and when the last flush was.
  var pendingWrites: PendingWrites
  var flushedMs: Int64
  /// The earliest bucket whose summaries this transaction wrote.
  var flushedBucketMs: Int64?
  /// What transactions without a batch did to alarms; see `dequeueUnpublished`.
  private var unpublished: Update?
  /// The last gaps of the whole site that raised an alarm.
  private var siteGaps: [GapRow] = []

  private static let siteGapLimit = 16
  private static let cameraGroup = "camera"
  private static let calendarGroup = "calendar"
  private static let quarantineGroup = "quarantine"

  /// Starts from what the store holds. O(cameras + names + drift keys), independent of the number of events.
  package init(
    store: SiteStore, rules: IngestRules, drift settings: DriftSettings, canRecompute: Bool = false,
    nowMs: Int64 = WallClock.system.nowMs
  ) throws {
    self.rules = rules
    pendingWrites = try store.settle(timeoutMs: rules.stateTimeoutMs, maxAgeMs: rules.maxAgeMs)
    flushedMs = nowMs
    counters = try store.counters()
    gaps = GapTracker(try store.progress())
    quarantine = try QuarantineWriter(store: store)
    cameraTable = try CameraTable(store: store)
    eventJudge = try EventJudge(
      store: store, stateTimeoutMs: rules.stateTimeoutMs, oldestMs: nowMs - rules.maxAgeMs)
    drift = try DriftTracker(
      siteID: rules.siteID,
      limits: DriftLimits(
        DetectorSettings(low: settings, gatePpm: rules.minConfidencePpm), cameras: rules.cameraLimits,
        models: rules.modelLimits),
      maxAgeMs: rules.maxAgeMs, store: store)
    alarms = try SiteAlarms(rules: rules, store: store, nowMs: nowMs)
    commands = CommandProcessor(canRecompute: canRecompute)
    calendarChanges = try store.calendarChanges()
    calendars = rules.calendars.changed(by: calendarChanges)
    for key in drift.all.keys { recordVersion(key) }
    // Gaps that were found while the file was opened: the next transaction writes their alarm.
    let known = try store.episodes(source: rules.bridgeID).filter { $0.key.rule == .dataGap }
    let newest = try store.gaps(newest: Self.siteGapLimit)
    siteGaps = newest.filter(\.cause.callsSomebody)
    raiseDataGap(
      newest.filter { gap in
        nowMs - gap.notedAtMs < AlarmManager.recentMs && !known.contains { $0.raisedMs >= gap.notedAtMs }
      })
  }

  /// Merges this copy's changes into the shared base; call after COMMIT, on the copy that becomes the engine.
  package mutating func settle() {
    cameraTable.settle()
    drift.settle()
    alarms.settle()
  }

  // MARK: State, as of the last applied transaction

  /// By camera id, with those that never sent an event.
  package var cameras: [String: CameraRow] { cameraTable.rows }

  package var progress: StoreProgress { gaps.progress }

  /// The detectors by camera and model version; O(keys).
  package var detectors: [DriftKey: DriftDetector] { drift.all }

  package func detector(_ key: DriftKey) -> DriftDetector? { drift.detector(key) }

  package var machines: [AlarmKey: AlarmStateMachine] { alarms.manager.machines }

  /// All cameras by id, with those out of service marked. O(n log n).
  package var cameraRows: [CameraRow] { cameraList.rows }

  /// The same, listed later: O(1).
  package var cameraList: CameraList { CameraList(cameraTable, outOfService: alarms.outOfService) }

  /// Retention counts what it drops in the file.
  mutating func adoptCounters(in transaction: StoreTransaction) throws {
    counters = try transaction.counters()
  }

  // MARK: Batches

  private func context(_ transaction: StoreTransaction, nowMs: Int64) -> BatchContext {
    BatchContext(
      rules: rules, transaction: transaction, nowMs: nowMs, clockState: clockState,
      rejectedBefore: counters.rejected)
  }

  /// Judges and stores a batch, and applies all that follows from it, in that transaction.
  package mutating func apply(
    _ batch: IngestBatch, in transaction: StoreTransaction, nowMs: Int64
  ) throws -> Update {
    try adoptMaintenance(in: transaction)
    var context = context(transaction, nowMs: nowMs)
    try judge(batch, &context)
    // A replay comes after the events that came with its command, and before all that follows from events.
    for case .command(let request) in batch.entries where request.group == Self.quarantineGroup {
      context.update.answers.append(try answer(quarantine: request, &context))
    }
    if clockState == .doubted, let times = context.update.clockEvidence.unjudged,
      let gap = try transaction.recordUnjudged(times, nowMs: nowMs)
    {
      context.update.gaps.append(gap)
    }
    if batch.isFromBroker { gaps.recordReceived(nowMs: nowMs) }
    try conclude(batch, mayWait: !batch.hasPosted, &context)
    return context.update
  }

  /// Gives each entry its outcome. The path of every event: it allocates nothing of its own.
  private mutating func judge(_ batch: IngestBatch, _ context: inout BatchContext) throws {
    for index in batch.entries.indices {
      let isDelivered = index < batch.answeredFrom
      var outcome: ItemOutcome?
      switch batch.entries[index] {
      case .event(let event, let camera):
        context.update.counters.received += 1
        context.record(event.sequence, timestampMs: event.timestampMs, camera: camera)
        let judged = try eventJudge.judge(event, camera: camera, &context)
        try record(judged, of: event, camera: camera, isDelivered: isDelivered, &context)
        outcome = judged
      case .total(let event, let camera, let mapping, let worker, let total):
        context.update.counters.received += 1
        context.record(event.sequence, timestampMs: event.timestampMs, camera: camera)
        var reading = CounterReading(event, camera: camera, mapping: mapping, worker: worker, total: total)
        let judged = try reading.judge(with: &eventJudge, &context)
        try record(judged, of: reading.event, camera: camera, isDelivered: isDelivered, &context)
        outcome = judged
      case .rejected(var input):
        let (decoded, camera) = (input.rejection, input.camera)
        context.update.counters.received += 1
        context.record(decoded.sequence, timestampMs: decoded.timestampMs, camera: camera)
        input.rejection = context.update.clockEvidence.judge(decoded, camera: camera, state: clockState)
        if eventJudge.namesErased(input, context) { input = input.withoutText }
        try record(input, &context)
        outcome = ItemOutcome(.rejected, rejection: input.rejection)
      case .cameraStatus(let status, let camera):
        let isChanged = cameraTable.record(status: status, of: camera, ghostLimit: rules.limits.cameras)
        if isChanged { context.touchedCameras.insert(camera) }
      case .brokerDropped(let count, let startedAtMs):
        context.update.gaps += gaps.recordDropped(
          count, brokerStartedAtMs: startedAtMs, nowMs: context.nowMs)
      case .command: break
      case .ignored: context.update.counters.ignored += 1
      }
      if let outcome, index < EventSample.perBatch || !isDelivered {
        context.update.outcomes[index] = outcome
      }
    }
  }

  private mutating func record(
    _ outcome: ItemOutcome, of event: Event, camera: String, isDelivered: Bool,
    _ context: inout BatchContext
  ) throws {
    if let rejection = outcome.rejection {
      try record(RejectedInput(event, rejection, camera: camera, rules: rules), &context)
    } else if isDelivered {
      gaps.recordDelivered(timestampMs: event.timestampMs, nowMs: context.nowMs)
    }
  }

  private mutating func record(_ rejected: RejectedInput, _ context: inout BatchContext) throws {
    try quarantine.record(rejected, isKnownCamera: cameraTable.knows(rejected.camera), &context)
  }

  /// Applies what follows from the judged events, and ends the transaction.
  ///
  /// - Parameter mayWait: summaries may be written by a later transaction.
  private mutating func conclude(
    _ batch: IngestBatch, mayWait: Bool, _ context: inout BatchContext
  ) throws {
    let transaction = context.transaction
    try recordCameras(atMostOnce: batch.atMostOnce, &context)
    try eventJudge.endBatch(in: transaction)
    let drifted = try drift.finish(in: transaction)
    context.update.driftedKeys = drifted.touched
    for key in drifted.touched { recordVersion(key) }
    alarms.apply(drifted, drift, cameras: countInService, nowMs: context.nowMs)
    // Commands come after the events that came with them.
    for case .command(let request) in batch.entries where request.group != Self.quarantineGroup {
      let answer =
        switch request.group {
        case Self.cameraGroup: try answer(camera: request, &context)
        case Self.calendarGroup: try answer(calendar: request, &context)
        case Self.targetGroup: try answer(target: request, &context)
        case Self.workerGroup: try answer(worker: request, &context)
        case Self.stopGroup: try answer(stop: request, &context)
        default: try commands.answer(request, alarms: &alarms, in: transaction, nowMs: context.nowMs)
        }
      context.update.answers.append(answer)
    }
    let pending = alarms.dequeuePending()
    context.update.add(try alarms.write(pending, in: transaction))
    context.touchedCameras.formUnion(acknowledgeGaps(pending))
    try quarantine.trim(&context)
    try transaction.add(context.update.counters)
    counters += context.update.counters
    try savePending(context.touchedCameras, mayWait: mayWait, &context)
    gaps.recordCommit(nowMs: context.nowMs)
    try close(context.update.gaps, in: transaction)
    context.update.sequence = gaps.progress.sequence
  }

  /// Gives each part what the batch says of the cameras.
  private mutating func recordCameras(
    atMostOnce: [String: Int64], _ context: inout BatchContext
  ) throws {
    for statistics in context.statistics.all {
      let camera = statistics.camera
      if let receivedMs = statistics.lastReceivedMs {
        alarms.record(statistics.signs, of: camera, receivedMs: receivedMs)
      }
      for version in statistics.versions {
        try drift.add(
          version, key: DriftKey(cameraID: camera, modelVersion: version.modelVersion),
          in: context.transaction)
      }
      if cameraTable.record(statistics) { context.touchedCameras.insert(camera) }
    }
    for (camera, arrivals) in context.arrivals.sorted(by: { $0.key < $1.key }) {
      guard let complete = cameraTable.record(arrivals, of: camera, nowMs: context.nowMs) else { continue }
      context.update.gaps += complete.map { GapRow($0, camera: camera) }
      context.touchedCameras.insert(camera)
    }
    for (camera, count) in atMostOnce {
      guard let isFirst = cameraTable.record(atMostOnce: count, of: camera, nowMs: context.nowMs) else {
        continue
      }
      if isFirst { context.update.atMostOnce.append(camera) }
      context.touchedCameras.insert(camera)
    }
  }

  private mutating func recordVersion(_ key: DriftKey) {
    cameraTable.record(
      version: key.modelVersion, of: key.cameraID,
      atMs: drift.detector(key)?.lastSample?.timestampMs ?? .min)
  }

  /// Whether `SessionChange.contactEnded` at that time would change anything.
  package func isNews(contactUntilMs: Int64) -> Bool { gaps.isNews(contactUntilMs: contactUntilMs) }

  /// Applies what happened between batches, as a transaction of its own. Returns the gaps that are known now.
  package mutating func apply(_ change: SessionChange, in transaction: StoreTransaction) throws -> [GapRow] {
    let found = gaps.apply(change, cameras: cameraTable.rows.values)
    try close(found, in: transaction)
    return found
  }

  private var countInService: (String) -> Int { cameraTable.counter(without: alarms.outOfService) }

  /// Ends every transaction: writes the gaps found, their alarm, and the file's progress.
  mutating func close(_ found: [GapRow] = [], in transaction: StoreTransaction) throws {
    try transaction.add(found)
    raiseDataGap(found)
    let pending = alarms.dequeuePending()
    if !pending.isEmpty {
      var update = unpublished ?? Update()
      update.add(try alarms.write(pending, in: transaction))
      unpublished = update
    }
    try gaps.save(in: transaction)
  }

  /// Events were certainly missed: `data_gap` of the bridge, until a person acknowledges it. A second gap before that
  /// is the same alarm.
  private mutating func raiseDataGap(_ found: [GapRow]) {
    for gap in found where gap.cause.callsSomebody {
      siteGaps = Array(([gap] + siteGaps).prefix(Self.siteGapLimit))
      alarms.set(
        AlarmKey(rule: .dataGap, sourceID: rules.bridgeID), isOn: true, sinceMs: gap.fromMs,
        AlarmMeasure(
          metric: "gap_s", value: max(0, gap.toMs - gap.fromMs) / 1000, digits: 0, note: gap.detail),
        nowMs: gap.notedAtMs)
    }
  }

  /// When a person has acknowledged `data_gap` of a camera, what is missing now does not page again. Returns the cameras
  /// whose row changed.
  private mutating func acknowledgeGaps(_ pending: SiteAlarms.Pending) -> [String] {
    pending.changed.filter { key in
      guard key.rule == .dataGap, let ackedMs = alarms.manager.machines[key]?.occurrence?.ackedMs else {
        return false
      }
      return cameraTable.acknowledgeGaps(of: key.sourceID, untilMs: ackedMs)
    }.map(\.sourceID)
  }

  /// Returns what gaps did to alarms since the last call; nil when nothing.
  package mutating func dequeueUnpublished() -> Update? {
    defer { unpublished = nil }
    return unpublished
  }

  // MARK: Timers and commands

  /// Applies the rules about time. Writes nothing: `write` does, when there is something.
  package mutating func tick(_ context: TickContext, nowMs: Int64) -> SiteAlarms.Pending {
    alarms.tick(drift, context, siteGaps: siteGaps, nowMs: nowMs)
    return alarms.dequeuePending()
  }

  /// Keeps what a tick that had nothing to write noted.
  package mutating func keepTimers(of tick: SiteEngine) { alarms.calmSinceMs = tick.alarms.calmSinceMs }

  /// Writes what waits, as a transaction of its own.
  package mutating func write(
    _ pending: SiteAlarms.Pending, in transaction: StoreTransaction
  ) throws -> Update {
    var update = Update()
    update.add(try alarms.write(pending, in: transaction))
    let acknowledged = acknowledgeGaps(pending)
    if !acknowledged.isEmpty {
      try adoptMaintenance(in: transaction)
      for camera in acknowledged { pendingWrites.cameras[camera] = cameraTable.row(camera) }
      try transaction.save(pendingWrites)
    }
    try close(in: transaction)
    return update
  }

  /// Carries out a command that did not come in a batch, as a transaction of its own.
  package mutating func perform(
    _ work: SiteCommandQueue.Work, in transaction: StoreTransaction, nowMs: Int64
  ) throws -> (Update, CommandResult) {
    let result: CommandResult
    switch work {
    case .quarantine(let command):
      try adoptMaintenance(in: transaction)
      var context = context(transaction, nowMs: nowMs)
      let report = try perform(command, &context)
      try conclude(IngestBatch(), mayWait: false, &context)
      return (context.update, CommandResult(report))
    case .erase(let command):
      try adoptMaintenance(in: transaction)
      var context = context(transaction, nowMs: nowMs)
      let result = try perform(command, &context)
      try conclude(IngestBatch(), mayWait: false, &context)
      return (context.update, result)
    case .stop(let command):
      try adoptMaintenance(in: transaction)
      var context = context(transaction, nowMs: nowMs)
      let result = try perform(command, in: transaction, nowMs: nowMs)
      try conclude(IngestBatch(), mayWait: false, &context)
      return (context.update, result)
    case .stops, .reports:
      // By a wrong clock stops would seem to be open, and shifts to be over.
      guard clockState == .trusted else {
        return (Update(), .refused("unavailable", "the bridge's clock is doubted"))
      }
      let told = try tellWhatIsFound(work, in: transaction, nowMs: nowMs)
      var update = try write(alarms.dequeuePending(), in: transaction)
      update.add(told)
      return (update, .ok)
    case .command(let command): result = try alarms.perform(command, in: transaction, nowMs: nowMs)
    case .camera(let command): result = perform(command, nowMs: nowMs)
    case .calendar(let command): result = try perform(command, in: transaction, nowMs: nowMs)
    case .target(let command): result = try perform(command, in: transaction, nowMs: nowMs)
    case .shifts(let results):
      try alarms.apply(shifts: results, in: transaction, nowMs: nowMs)
      result = .ok
    case .rates(let findings):
      try alarms.apply(rates: findings, in: transaction, nowMs: nowMs)
      result = .ok
    }
    return (try write(alarms.dequeuePending(), in: transaction), result)
  }

  private mutating func answer(
    camera request: CommandRequest, _ context: inout BatchContext
  ) throws -> CommandProcessor.Answer {
    let nowMs = context.nowMs
    return try commands.answer(request, in: context.transaction, nowMs: nowMs) { body in
      switch CameraCommand.read(request.name, body) {
      case .failure(let refusal): (refusal.result, nil)
      case .success(let command): (perform(command, nowMs: nowMs), nil)
      }
    }
  }

  /// For cameras that the site knows only, so their number is bounded.
  private mutating func perform(_ command: CameraCommand, nowMs: Int64) -> CommandResult {
    guard cameraTable.knows(command.cameraID) else {
      return .refused("unknown_camera", "there is no camera \(command.cameraID) at this site")
    }
    var result = alarms.perform(command, cameras: countInService, nowMs: nowMs)
    result.cameraID = command.cameraID
    return result
  }

  private mutating func answer(
    quarantine request: CommandRequest, _ context: inout BatchContext
  ) throws -> CommandProcessor.Answer {
    let (transaction, nowMs) = (context.transaction, context.nowMs)
    return try commands.answer(request, in: transaction, nowMs: nowMs) { body in
      guard let action = QuarantineCommand.Action(rawValue: request.name) else {
        return (.refused("unknown_command", "there is no command \(request.cmd)"), nil)
      }
      switch body.order(action) {
      case .failure(let refusal): return (.refused("bad_request", refusal.detail), nil)
      case .success(let command): return (CommandResult(try perform(command, &context)), nil)
      }
    }
  }

  private mutating func perform(
    _ command: QuarantineCommand, _ context: inout BatchContext
  ) throws -> QuarantineReport {
    try QuarantineReplay(committedAtMs: gaps.progress.committedAtMs)
      .apply(command, &eventJudge, &quarantine, &context)
  }
}
