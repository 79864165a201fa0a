import AndonConfiguration
package import AndonCore
import AndonRuntime
package import AndonStore

/// Everything a site adds up to while it runs. A copy is a checkpoint: the ingestLoop lets a copy follow a
/// transaction and keeps it only when the commit succeeded, so there is no undo code.
package struct SiteEngine: Sendable {
  package private(set) var counters: OutcomeCounters
  package private(set) var cameras: [String: CameraRow]
  /// Of `cameras`, those that never sent an event.
  private var ghosts = 0
  private var registry = EntityRegistry()
  private var drift: DriftTracker
  private var buckets: SummaryWriter
  private var alerts: SiteAlerts
  private var commands: CommandProcessor
  /// What gaps did to alerts outside of a batch.
  private var untold: Update?
  /// Cameras by the model version of their newest sample, for `site_model`.
  private var versions: [String: (version: String, timestampMs: Int64)] = [:]
  private let rules: IngestRules
  private var rejectedSinceTrim = 0
  private var epoch: Int64
  private var quarantineBytes: Int64
  private var quarantineRows: Int64
  /// How far the file has come, as of the last commit.
  package private(set) var progress: StoreProgress
  /// Until when nothing was missing as this engine started; the broker's drops before its first word of them
  /// in this session fall behind that.
  private let safeBeforeMs: Int64
  private var heardOfDrops = false
  /// Whether events may be judged by their time now, as the ingestLoop sees it.
  package var clockState = ClockTrust.State.trusted
  /// How late a broker tells of its drops, at most.
  private static let dropNewsMs: Int64 = 60_000

  /// What one applied batch means to the outside world.
  package struct Update: Sendable {
    package var counters = OutcomeCounters()
    /// All events received up to this batch: grows with every batch that has events.
    package var sequence: Int64 = 0
    package var rejections: [(camera: String, rejection: Rejection)] = []
    package var driftedKeys: Set<DriftKey> = []
    /// The earliest quarter of an hour whose events changed; nil when none did.
    package var earliestBucketMs: Int64?
    /// Alerts whose retained topic is to be published.
    package var changedAlerts: Set<AlertKey> = []
    /// Rows that the outbox got, and those that it gave up for them.
    package var outboxRows = 0
    package var outboxDropped = 0
    /// Cameras that went out of service, or (nil) are back.
    package var service: [String: OutOfService?] = [:]
    package var answers: [CommandProcessor.Answer] = []
    /// The newest event time among the stored ones.
    package var newestTimestampMs: Int64?
    package var gaps: [GapRow] = []
    /// Cameras that began to send with QoS 0.
    package var atMostOnce: [String] = []
    /// What the events say of the bridge's clock, while that is not trusted.
    package var clockEvidence = ClockEvidence()
    /// The outcomes of the batch's first few entries and of those that came over HTTP, by index.
    package var outcomes: [Int: ItemOutcome] = [:]
    /// A few events of the batch, for people who watch.
    package var samples: [EventSample] = []

    fileprivate mutating func add(_ written: SiteAlerts.Written) {
      changedAlerts.formUnion(written.changed)
      outboxRows += written.rows
      outboxDropped += written.dropped
      service.merge(written.service) { $1 }
    }
  }

  /// Starts from what the store holds. O(cameras + names + drift keys), whatever the number of events.
  package init(
    store: SiteStore, rules: IngestRules, drift settings: DriftSettings, canRecompute: Bool = false,
    nowMs: Int64 = WallClock.system.nowMs
  ) throws {
    self.rules = rules
    epoch = store.changes.epoch
    counters = try store.counters()
    progress = try store.progress()
    safeBeforeMs = progress.lastSafeMs
    quarantineBytes = try store.quarantineBytes()
    quarantineRows = try store.quarantineRows()
    cameras = Dictionary(uniqueKeysWithValues: try store.cameras().map { ($0.cameraID, $0) })
    ghosts = cameras.values.count(where: \.isGhost)
    for (kind, id) in try store.entities() { registry.add(id, kind: kind) }
    buckets = SummaryWriter(timeoutMs: rules.stateTimeoutMs, firstSetMs: try store.firstSets())
    drift = try DriftTracker(
      siteID: rules.siteID, settings: DetectorSettings(low: settings, gatePpm: rules.minConfidencePpm),
      maxAgeMs: rules.maxAgeMs, store: store)
    alerts = try SiteAlerts(rules: rules, store: store, nowMs: nowMs)
    commands = CommandProcessor(canRecompute: canRecompute)
    for (key, detector) in drift.all { note(key, detector.lastSample?.timestampMs ?? .min) }
    // A gap that was found while the file was opened: told with the next transaction.
    let told = try store.episodes(source: rules.bridgeID).filter { $0.key.rule == .dataGap }
    follow(
      try store.gaps(newest: 16).filter { gap in
        nowMs - gap.notedAtMs < AlarmManager.recentMs && !told.contains { $0.raisedMs >= gap.notedAtMs }
      })
  }

  /// Makes the changes of this copy everybody's: after the commit, by the copy that becomes the engine.
  package mutating func settle() {
    drift.settle()
    alerts.settle()
  }

  /// The detectors by camera and model version, as of the last applied batch; O(keys).
  package var detectors: [DriftKey: DriftDetector] { drift.all }

  package func detector(_ key: DriftKey) -> DriftDetector? { drift.detector(key) }

  /// The alerts' lives, as of the last applied batch.
  package var lives: [AlertKey: AlarmStateMachine] { alerts.book.lives }

  /// All cameras by id, with what people said of them. O(n log n).
  package var cameraRows: [CameraRow] {
    cameras.values.map { row in
      var row = row
      row.outOfService = alerts.outOfService[row.cameraID]
      return row
    }.sorted { $0.cameraID < $1.cameraID }
  }

  /// Says how many cameras in service are on a model version.
  private var countInService: (String) -> Int {
    let (versions, out) = (versions, alerts.outOfService)
    return { version in versions.count { $0.value.version == version && out[$0.key] == nil } }
  }

  private mutating func note(_ key: DriftKey, _ timestampMs: Int64) {
    guard versions[key.cameraID].map({ $0.timestampMs <= timestampMs }) ?? true else { return }
    versions[key.cameraID] = (key.modelVersion, timestampMs)
  }

  /// Takes over what retention and repairs changed under it. Inside the transaction: so it is either all there or not at all.
  mutating func followRetention(epoch: Int64, in transaction: StoreTransaction) throws {
    guard epoch != self.epoch else { return }
    buckets.reload(firstSetMs: try transaction.firstSets())
    self.epoch = epoch
  }

  /// Judges, stores and folds a batch in that transaction.
  package mutating func apply(
    _ batch: IngestBatch, in transaction: StoreTransaction, nowMs: Int64
  ) throws -> Update {
    var update = Update()
    var touched: Set<String> = []
    var statistics = BatchStatistics()
    for index in batch.entries.indices {
      let isWatched = index < EventSample.perBatch || index >= batch.answeredFrom
      switch batch.entries[index] {
      case .event(let event, let camera):
        update.counters.received += 1
        let outcome = try apply(
          event, camera: camera, in: transaction, nowMs: nowMs, statistics: &statistics, update: &update)
        if index < batch.answeredFrom { note(delivered: event, outcome, nowMs: nowMs) }
        if isWatched { update.outcomes[index] = outcome }
      case .total(let event, let camera, let mapping, let total):
        update.counters.received += 1
        let outcome = try apply(
          event, total: total, key: CounterKey(mapping: mapping, camera: camera, event: event),
          in: transaction, nowMs: nowMs, statistics: &statistics, update: &update)
        if index < batch.answeredFrom { note(delivered: event, outcome, nowMs: nowMs) }
        if isWatched { update.outcomes[index] = outcome }
      case .rejected(let judged, let camera, let topic, let payload, let payloadBytes):
        update.counters.received += 1
        let rejection = update.clockEvidence.judge(judged, camera: camera, state: clockState)
        try reject(
          rejection, camera: camera, topic: topic, payload: payload, payloadBytes: payloadBytes,
          in: transaction, nowMs: nowMs, statistics: &statistics, update: &update)
        if isWatched { update.outcomes[index] = ItemOutcome(.rejected, rejection: rejection) }
      case .cameraStatus(let camera, let isOnline):
        if note(status: isOnline ? "online" : "offline", of: camera) { touched.insert(camera) }
      case .brokerDropped(let count, let startedAtMs):
        if let gap = noteDropped(count, brokerStartedAtMs: startedAtMs, nowMs: nowMs) {
          update.gaps.append(gap)
        }
      case .command: break
      case .ignored: update.counters.ignored += 1
      }
    }
    // What is put through again comes after the events that came with the command, and before all that follows
    // from events.
    for case .command(let request) in batch.entries where request.group == Self.quarantineGroup {
      update.answers.append(
        try answer(
          quarantine: request, in: transaction, nowMs: nowMs, statistics: &statistics, update: &update))
    }
    if clockState == .doubted, let times = update.clockEvidence.unjudged {
      if let gap = try transaction.noteUnjudged(times, nowMs: nowMs) { update.gaps.append(gap) }
    }
    if batch.isFromBroker { progress.heardAtMs = nowMs }
    try conclude(
      &update, statistics, touched: touched, atMostOnce: batch.atMostOnce, commands: batch.entries,
      in: transaction, nowMs: nowMs)
    return update
  }

  /// Everything that follows from the judged events, and the end of the transaction.
  private mutating func conclude(
    _ update: inout Update, _ statistics: BatchStatistics, touched: Set<String> = [],
    atMostOnce: [String: Int64] = [:], commands entries: [IngestBatch.Entry],
    in transaction: StoreTransaction, nowMs: Int64
  ) throws {
    var touched = touched
    for camera in statistics.all {
      if take(camera) { touched.insert(camera.camera) }
    }
    for (camera, count) in atMostOnce {
      guard var row = cameras[camera] else { continue }
      if !row.isAtMostOnce(atMs: nowMs) { update.atMostOnce.append(camera) }
      row.qos0Received += count
      row.lastQoS0Ms = nowMs
      cameras[camera] = row
      touched.insert(camera)
    }
    for camera in touched { if let row = cameras[camera] { try transaction.noteCamera(row) } }
    update.earliestBucketMs = try buckets.finish(in: transaction)
    let drifted = try drift.finish(in: transaction)
    update.driftedKeys = drifted.touched
    for key in drifted.touched { note(key, drift.detector(key)?.lastSample?.timestampMs ?? .min) }
    alerts.follow(drifted, drift, cameras: countInService, nowMs: nowMs)
    // Commands come after the events that came with them.
    for case .command(let request) in entries where request.group != Self.quarantineGroup {
      update.answers.append(
        request.group == Self.cameraGroup
          ? try answer(camera: request, in: transaction, nowMs: nowMs)
          : try commands.answer(request, desk: &alerts, in: transaction, nowMs: nowMs))
    }
    update.add(try alerts.write(alerts.takePending(), in: transaction))
    if rejectedSinceTrim >= 256 {
      let excess = quarantineRows - Int64(rules.limits.quarantineRows)
      if excess > 0 {
        let dropped = try transaction.trimQuarantine(oldest: excess)
        update.counters.quarantineDropped += dropped
        quarantineRows -= dropped
      }
      rejectedSinceTrim = 0
    }
    if quarantineBytes > rules.limits.quarantineBytes {
      // A tenth more than needed, so that the next rejection does not trim again.
      let dropped = try transaction.trimQuarantine(toBytes: rules.limits.quarantineBytes * 9 / 10)
      update.counters.quarantineDropped += dropped
      quarantineRows -= dropped
      quarantineBytes = try transaction.quarantineBytes()
    }
    try transaction.add(update.counters)
    counters += update.counters
    update.sequence = counters.received
    progress.committedAtMs = nowMs
    try close(update.gaps, in: transaction)
  }

  /// Ends every transaction: the gaps found, and the file's progress.
  private mutating func close(_ gaps: [GapRow], in transaction: StoreTransaction) throws {
    try transaction.add(gaps)
    follow(gaps)
    let pending = alerts.takePending()
    if !pending.isEmpty {
      var update = untold ?? Update()
      update.add(try alerts.write(pending, in: transaction))
      untold = update
    }
    progress.sequence += 1
    try transaction.save(progress)
  }

  /// CONNECT is about to leave.
  package mutating func noteConnecting(in transaction: StoreTransaction) throws {
    progress.isConnecting = true
    try close([], in: transaction)
  }

  /// It did not leave, or was refused: the broker made no session.
  package mutating func noteNotConnected(in transaction: StoreTransaction) throws {
    progress.isConnecting = false
    try close([], in: transaction)
  }

  /// The broker made a new session for us, or may have. If there was one before, whatever came since is lost; how
  /// long that time was is known once we are subscribed again, and a crash before that must not hide it.
  package mutating func noteSessionMissing(_ cause: GapRow.Cause, in transaction: StoreTransaction) throws {
    if progress.lostSinceMs == 0 { progress.lostSinceMs = progress.lastSafeMs }
    progress.lostCause = cause
    progress.sessionSinceMs = 0
    try close([], in: transaction)
  }

  /// The broker granted the subscriptions: from here on it keeps what comes.
  package mutating func noteSubscribed(in transaction: StoreTransaction, nowMs: Int64) throws -> [GapRow] {
    var gaps: [GapRow] = []
    if progress.lostSinceMs > 0 {
      gaps.append(
        GapRow(
          cause: progress.lostCause, fromMs: progress.lostSinceMs, toMs: nowMs, notedAtMs: nowMs,
          detail: Self.words(lost: progress.lostCause)))
    }
    for camera in cameras.values.sorted(by: { $0.cameraID < $1.cameraID })
    where camera.isAtMostOnce(atMs: progress.heardAtMs) {
      gaps.append(
        GapRow(
          cause: .atMostOnce, cameraID: camera.cameraID, fromMs: progress.heardAtMs, toMs: nowMs,
          notedAtMs: nowMs,
          detail:
            "the camera sends with QoS 0, which no broker keeps for a bridge that is away: let it send with "
            + "QoS 1 (Frigate: mqtt.qos: 1)"))
    }
    progress.lostSinceMs = 0
    progress.isConnecting = false
    if progress.sessionSinceMs == 0 { progress.sessionSinceMs = nowMs }
    try close(gaps, in: transaction)
    return gaps
  }

  private static func words(lost cause: GapRow.Cause) -> String {
    switch cause {
    case .sessionDoubtful:
      "a CONNECT had no answer, so the session may be a new one: then what came meanwhile is lost; if the broker "
        + "had kept the old one, nothing is missing"
    case .subscriptionRefused:
      "the broker did not grant the subscription to events with QoS 1: what came meanwhile it may have kept for nobody"
    default:
      "the broker had forgotten the session (expired, broker restarted without persistence, or removed); what came "
        + "meanwhile is lost"
    }
  }

  /// The bridge's clock stepped, while it ran or between two runs.
  package mutating func noteClockStep(
    fromMs: Int64, toMs: Int64, in transaction: StoreTransaction
  ) throws -> [GapRow] {
    let gap = GapRow(
      cause: .clockStep, fromMs: fromMs, toMs: toMs, notedAtMs: toMs,
      detail: "the bridge's clock stepped by \(toMs - fromMs) ms; events carry the cameras' time")
    // Or the next start would notice it once more.
    progress.committedAtMs = min(progress.committedAtMs, toMs)
    progress.newestEventMs = min(progress.newestEventMs, toMs)
    try close([gap], in: transaction)
    return [gap]
  }

  /// A rise of the broker's count of dropped messages. It does not say whose they were.
  private mutating func noteDropped(
    _ count: Int64, brokerStartedAtMs: Int64?, nowMs: Int64
  ) -> GapRow? {
    defer {
      progress.brokerDropped = count
      progress.brokerDroppedAtMs = nowMs
      heardOfDrops = true
    }
    guard progress.brokerDroppedAtMs > 0 else { return nil }
    // A broker that restarted counts anew.
    let hasRestarted =
      count < progress.brokerDropped || brokerStartedAtMs ?? .min > progress.brokerDroppedAtMs
    let rise = hasRestarted ? count : count - progress.brokerDropped
    guard rise > 0 else { return nil }
    // Heard of at the earliest opportunity, the drop lies behind the last news and the last safe moment.
    let safeMs = heardOfDrops ? progress.lastSafeMs : safeBeforeMs
    let fromMs = max(progress.brokerDroppedAtMs, safeMs) - Self.dropNewsMs
    return GapRow(
      cause: .queueOverflow, fromMs: min(nowMs, fromMs), toMs: nowMs, notedAtMs: nowMs,
      detail: "the broker dropped \(rise) messages because a queue was full; it does not say whose queue")
  }

  /// Lets the clock have its say; nothing is written yet.
  package mutating func tick(_ look: TickContext, nowMs: Int64) -> SiteAlerts.Pending {
    alerts.tick(drift, look, nowMs: nowMs)
    return alerts.takePending()
  }

  /// Writes what waits, as a transaction of its own.
  package mutating func write(_ pending: SiteAlerts.Pending, in transaction: StoreTransaction) throws
    -> Update
  {
    var update = Update()
    update.add(try alerts.write(pending, in: transaction))
    try close([], in: transaction)
    return update
  }

  /// Does what somebody asks for who is not on the wire.
  package mutating func perform(
    _ work: SiteCommandQueue.Work, in transaction: StoreTransaction, nowMs: Int64
  ) throws -> (Update, CommandResult) {
    let result: CommandResult
    switch work {
    case .quarantine(let order):
      var update = Update()
      var statistics = BatchStatistics()
      let report = try follow(order, in: transaction, nowMs: nowMs, statistics: &statistics, update: &update)
      try conclude(&update, statistics, commands: [], in: transaction, nowMs: nowMs)
      return (update, CommandResult(report))
    case .command(let command): result = try alerts.perform(command, in: transaction, nowMs: nowMs)
    case .camera(let command): result = perform(command, nowMs: nowMs)
    case .shifts(let results):
      try alerts.follow(shifts: results, in: transaction, nowMs: nowMs)
      result = .ok
    }
    return (try write(alerts.takePending(), in: transaction), result)
  }

  /// Events were certainly missed: `data_gap` of the bridge, until somebody acknowledges it. A second gap before
  /// that is the same alert.
  private mutating func follow(_ gaps: [GapRow]) {
    for gap in gaps where gap.cause.callsSomebody {
      alerts.set(
        AlertKey(rule: .dataGap, sourceID: rules.bridgeID), isOn: true, sinceMs: gap.fromMs,
        AlertMeasure(
          metric: "gap_s", value: max(0, gap.toMs - gap.fromMs) / 1000, digits: 0, note: gap.detail),
        nowMs: gap.notedAtMs)
    }
  }

  /// What gaps did to alerts outside of a batch; forgets it.
  package mutating func takeUntold() -> Update? {
    defer { untold = nil }
    return untold
  }

  // MARK: Cameras

  private static let cameraGroup = "camera"

  private mutating func answer(
    camera request: CommandRequest, in transaction: StoreTransaction, nowMs: Int64
  ) throws -> CommandProcessor.Answer {
    let desk = commands
    return try desk.answer(request, in: transaction, nowMs: nowMs) { body in
      switch CameraCommand.read(request.name, body) {
      case .failure(let refusal): (refusal.result, nil)
      case .success(let command): (perform(command, nowMs: nowMs), nil)
      }
    }
  }

  /// Of cameras that the site knows only: so their number is bounded.
  private mutating func perform(_ command: CameraCommand, nowMs: Int64) -> CommandResult {
    guard cameras[command.cameraID] != nil else {
      return .refused("unknown_camera", "there is no camera \(command.cameraID) at this site")
    }
    var result = alerts.perform(command, cameras: countInService, nowMs: nowMs)
    result.cameraID = command.cameraID
    return result
  }

  // MARK: Quarantine

  private static let quarantineGroup = "quarantine"

  private mutating func answer(
    quarantine request: CommandRequest, in transaction: StoreTransaction, nowMs: Int64,
    statistics: inout BatchStatistics, update: inout Update
  ) throws -> CommandProcessor.Answer {
    let desk = commands
    return try desk.answer(request, in: transaction, nowMs: nowMs) { body in
      guard let action = QuarantineCommand.Action(rawValue: request.name) else {
        return (.refused("unknown_command", "there is no command \(request.cmd)"), nil)
      }
      switch body.order(action) {
      case .failure(let refusal): return (.refused("bad_request", refusal.detail), nil)
      case .success(let order):
        return (
          CommandResult(
            try follow(order, in: transaction, nowMs: nowMs, statistics: &statistics, update: &update)), nil
        )
      }
    }
  }

  private mutating func follow(
    _ order: QuarantineCommand, in transaction: StoreTransaction, nowMs: Int64,
    statistics: inout BatchStatistics,
    update: inout Update
  ) throws -> QuarantineReport {
    var report = QuarantineReport()
    let ids = try transaction.quarantineIDs(order)
    report.hasMore = ids.count > order.limit
    report.lastID = ids.prefix(order.limit).last ?? 0
    for id in ids.prefix(order.limit) {
      guard let row = try transaction.quarantineRow(id) else { continue }
      switch order.action {
      case .purge:
        try remove(row, in: transaction)
        update.counters.quarantinePurged += 1
        report.taken += 1
      case .replay:
        guard let entries = replayable(row, nowMs: nowMs) else {
          report.kept += 1
          continue
        }
        try remove(row, in: transaction)
        update.counters.quarantineReplayed += 1
        report.taken += 1
        for entry in entries {
          let outcome = try replay(
            entry, atMs: Self.judgedAtMs(row, nowMs: nowMs), in: transaction, statistics: &statistics,
            update: &update)
          report.outcomes[outcome, default: 0] += 1
        }
      }
    }
    return report
  }

  private mutating func remove(_ row: QuarantineRow, in transaction: StoreTransaction) throws {
    try transaction.removeFromQuarantine(row.id)
    quarantineRows -= 1
    quarantineBytes -= Int64(row.payload.count)
  }

  /// As of when a row is judged: when it came, but where the clock of then was in doubt: now.
  private static func judgedAtMs(_ row: QuarantineRow, nowMs: Int64) -> Int64 {
    row.code == RejectionCode.bridgeClock.rawValue ? nowMs : row.receivedAtMs
  }

  /// What the row's payload comes to by the rules of now and as of when it came; nil when it has to stay: not all
  /// of it was kept, it is no event, it is older by now than a site takes, or the clock is in doubt once more.
  private func replayable(_ row: QuarantineRow, nowMs: Int64) -> [IngestBatch.Entry]? {
    guard row.payloadBytes == row.payload.count else { return nil }
    let isUnjudged = row.code == RejectionCode.bridgeClock.rawValue
    let judgedAtMs = Self.judgedAtMs(row, nowMs: nowMs)
    // Also for the program without a bridge, which has no ingestLoop to watch the clock.
    let isDoubted =
      clockState != .trusted || nowMs < ClockStepDetector.earliestPlausibleMs
      || nowMs < progress.committedAtMs - ClockStepDetector.toleranceMs
    var batch = IngestBatch()
    if row.topic.hasSuffix("/camera/\(row.cameraID)/event") {
      // Also when the root of all topics is another one now.
      batch.append(
        payload: row.payload.span, camera: row.cameraID, topic: row.topic, rules: rules,
        nowMs: judgedAtMs)
    } else {
      batch.append(
        topic: row.topic, payload: row.payload.span, isRetained: false, rules: rules, nowMs: judgedAtMs)
    }
    let isFine = batch.entries.allSatisfy { entry in
      switch entry {
      case .event(let event, _): event.timestampMs >= nowMs - rules.maxAgeMs
      case .rejected(let rejection, _, _, _, _):
        !isUnjudged || !(rejection.code == .tooOld || isDoubted && rejection.code == .tooFuture)
      default: false
      }
    }
    return isFine && !batch.isEmpty ? batch.entries : nil
  }

  private mutating func replay(
    _ entry: IngestBatch.Entry, atMs: Int64, in transaction: StoreTransaction,
    statistics: inout BatchStatistics, update: inout Update
  ) throws -> ItemOutcome.Kind {
    update.counters.received += 1
    switch entry {
    case .event(let event, let camera):
      return try apply(
        event, camera: camera, in: transaction, nowMs: atMs, statistics: &statistics, isReplay: true,
        update: &update
      ).kind
    case .rejected(let rejection, let camera, let topic, let payload, let payloadBytes):
      try reject(
        rejection, camera: camera, topic: topic, payload: payload, payloadBytes: payloadBytes,
        in: transaction, nowMs: atMs, statistics: &statistics, isReplay: true, update: &update)
      return .rejected
    default: preconditionFailure("only what is an event or none is replayed")
    }
  }

  private mutating func apply(
    _ event: Event, camera: String, in transaction: StoreTransaction, nowMs: Int64,
    statistics: inout BatchStatistics, isReplay: Bool = false, update: inout Update
  ) throws -> ItemOutcome {
    if let refusal = try admit(event, camera: camera, in: transaction) {
      return try refuse(
        event, refusal, camera: camera, in: transaction, nowMs: nowMs, statistics: &statistics,
        isReplay: isReplay,
        update: &update)
    }
    if clockState != .trusted, !isReplay {
      update.clockEvidence.note(taken: event.timestampMs, camera: camera, nowMs: nowMs)
    }
    let isAccepted = rules.accepts(event)
    switch try transaction.insert(event, camera: camera, accepted: isAccepted, receivedAtMs: nowMs) {
    case .inserted:
      if isAccepted {
        update.counters.stored += 1
        try buckets.apply(event, camera: camera, in: transaction)
      } else {
        update.counters.lowConfidence += 1
      }
      statistics.note(
        stored: event, camera: camera, receivedMs: nowMs, isReplay: isReplay,
        isClockDoubted: clockState == .doubted)
      // An old event that is replayed does not say how late events are.
      if !isReplay {
        update.newestTimestampMs = max(update.newestTimestampMs ?? .min, event.timestampMs)
      }
      return ItemOutcome(isAccepted ? .stored : .lowConfidence)
    case .duplicate:
      update.counters.duplicate += 1
      return ItemOutcome(.duplicate)
    case .conflict:
      update.counters.duplicate += 1
      update.counters.conflict += 1
      return ItemOutcome(.duplicate, isConflict: true)
    }
  }

  /// A broker delivers in order, so whatever was published before this event has arrived. An event that was posted or
  /// replayed says nothing of that.
  private mutating func note(delivered event: Event, _ outcome: ItemOutcome, nowMs: Int64) {
    guard outcome.kind != .rejected else { return }
    progress.newestEventMs = max(progress.newestEventMs, min(event.timestampMs, nowMs))
  }

  /// Makes a counter's reading an event of what was made since the one before, and remembers the reading in the
  /// same transaction: a crash neither loses the difference nor counts it twice.
  private mutating func apply(
    _ event: Event, total: Int64, key: CounterKey, in transaction: StoreTransaction, nowMs: Int64,
    statistics: inout BatchStatistics, update: inout Update
  ) throws -> ItemOutcome {
    let reading = CounterTotal(total: total, timestampMs: event.timestampMs)
    let last = try transaction.total(key)
    let isOneTooMany =
      try last == nil && transaction.counterKeys() >= rules.limits.workers + rules.limits.workstations
    // The same reading once more: the stored row has the difference, so that is no conflict.
    if try transaction.contains(event) {
      update.counters.duplicate += 1
      if last == nil, !isOneTooMany { try transaction.set(reading, for: key) }
      return ItemOutcome(.duplicate)
    }
    var event = event
    var refusal: Rejection?
    let step = CounterTotal.step(from: last, to: reading)
    if case .made(let made) = step {
      if made > 10_000 {
        refusal = Rejection(
          code: .schema, field: "count",
          detail: "\(made) more than the reading before; at most 10000 are taken for one event",
          eventID: event.eventID)
      } else {
        event.count = Int32(made)
      }
    }
    if isOneTooMany {
      refusal = Rejection(
        code: .cardinality, field: "count", detail: "the site follows as many counters as it may already",
        eventID: event.eventID)
    }
    if let refusal {
      // Or everything after it would be refused, too.
      if last != nil { try transaction.set(reading, for: key) }
      return try refuse(
        event, refusal, camera: key.camera, in: transaction, nowMs: nowMs, statistics: &statistics,
        update: &update)
    }
    let outcome = try apply(
      event, camera: key.camera, in: transaction, nowMs: nowMs, statistics: &statistics, update: &update)
    if outcome.kind != .rejected, step != .late { try transaction.set(reading, for: key) }
    return outcome
  }

  /// Lets the event's names in, or says why not. Nothing is added unless all of them are welcome.
  private mutating func admit(
    _ event: Event, camera: String, in transaction: StoreTransaction
  ) throws -> Rejection? {
    if registry.knows(event, camera: camera) { return nil }
    let limits = rules.limits
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
      try transaction.addEntity(kind: kind, id: id)
    }
    return nil
  }

  /// Rejects what was decoded as an event: it is kept as an event of ours.
  private mutating func refuse(
    _ event: Event, _ refusal: Rejection, camera: String, in transaction: StoreTransaction, nowMs: Int64,
    statistics: inout BatchStatistics, isReplay: Bool = false, update: inout Update
  ) throws -> ItemOutcome {
    try reject(
      refusal, camera: camera, topic: rules.topics.event(site: rules.siteID, camera: camera),
      payload: EventWriter.json(event), payloadBytes: 0, in: transaction, nowMs: nowMs,
      statistics: &statistics,
      isReplay: isReplay, update: &update)
    return ItemOutcome(.rejected, rejection: refusal)
  }

  private mutating func reject(
    _ rejection: Rejection, camera: String, topic: String, payload: [UInt8], payloadBytes: Int,
    in transaction: StoreTransaction, nowMs: Int64, statistics: inout BatchStatistics, isReplay: Bool = false,
    update: inout Update
  ) throws {
    update.counters.rejected += 1
    // A person replays: the camera did nothing.
    if !isReplay { update.rejections.append((camera, rejection)) }
    // Only of cameras that the site knows: anybody can make up others.
    // And a doubtful clock is no fault of theirs.
    if !isReplay, clockState != .doubted || rejection.code != .bridgeClock,
      cameras[camera] != nil || statistics.hasStored(camera)
    {
      statistics.note(rejected: rejection.code, camera: camera, receivedMs: nowMs)
    }
    rejectedSinceTrim += 1
    quarantineBytes += Int64(payload.count)
    quarantineRows += 1
    try transaction.quarantine(
      QuarantineRow(
        // Rejections are counted for good, so no id is ever given twice.
        id: counters.rejected + update.counters.rejected, receivedAtMs: nowMs, cameraID: camera, topic: topic,
        code: rejection.code.rawValue,
        field: rejection.field ?? "", detail: rejection.detail, eventID: rejection.eventID ?? "",
        payload: payload, payloadBytes: Int64(max(payloadBytes, payload.count))))
  }

  /// Tells all that a batch said of a camera to those who keep it. Returns whether its row changed.
  private mutating func take(_ camera: CameraBatchStatistics) -> Bool {
    alerts.note(camera.signs, of: camera.camera, receivedMs: camera.lastReceivedMs)
    for (version, samples) in camera.samples {
      drift.add(samples, key: DriftKey(cameraID: camera.camera, modelVersion: version))
    }
    guard camera.stored > 0 else { return false }
    if cameras[camera.camera]?.isGhost == true { ghosts -= 1 }
    var row = cameras[camera.camera] ?? Self.newCamera(camera.camera)
    row.events += camera.stored
    row.lastEventMs = max(row.lastEventMs, camera.lastEventMs)
    row.lastReceivedMs = max(row.lastReceivedMs, camera.lastReceivedMs)
    cameras[camera.camera] = row
    return true
  }

  /// Returns whether the camera's status changed. Anybody can make up cameras: of those without an event as many
  /// are kept as the site may have cameras, and they take no place of others.
  private mutating func note(status: String, of camera: String) -> Bool {
    if cameras[camera] == nil {
      guard ghosts < rules.limits.cameras else { return false }
      ghosts += 1
    }
    var row = cameras[camera] ?? Self.newCamera(camera)
    guard row.status != status else { return false }
    row.status = status
    cameras[camera] = row
    return true
  }

  private static func newCamera(_ id: String) -> CameraRow {
    CameraRow(cameraID: id, events: 0, lastEventMs: 0, lastReceivedMs: 0, status: "unknown")
  }
}
