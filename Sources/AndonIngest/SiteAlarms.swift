import AndonCore
import AndonStore

/// The alarms of a site inside its engine: applies rules, commands and timers to the alarm manager and writes
/// the result into the transaction.
package struct SiteAlarms: Sendable {
  var manager: AlarmManager
  /// Since when fewer cameras of a group are away than its open alarm is about.
  var calmSinceMs: [AlarmKey: Int64] = [:]
  let groups: [CameraGroup]
  /// How long a group's members must be back, milliseconds, before its alarm is over while some are not.
  let settleMs: Int64
  let bridgeID: String
  private var health: TransactionalDictionary<String, CameraHealth>
  /// By camera id.
  private(set) var outOfService: [String: OutOfService]
  private var changedService: Set<String> = []
  private var touchedCameras: Set<String> = []
  private var episodeChanges: [EpisodeChange] = []
  let siteID: String
  private let topics: TopicNames
  private let notify: NotifyRules
  private let names: SiteNames

  /// What was written, for publication.
  struct Written: Sendable {
    var changed: Set<AlarmKey> = []
    /// Rows that were added to the outbox, and older ones that were deleted for them.
    var rows = 0
    var dropped = 0
    /// The same for receivers outside of MQTT.
    var notifications = StoreTransaction.NotifyCount()
    /// Cameras that went out of service, or (nil) came back.
    var service: [String: OutOfService?] = [:]
  }

  init(rules: IngestRules, store: SiteStore, nowMs: Int64) throws {
    siteID = rules.siteID
    topics = rules.topics
    notify = rules.notify
    names = rules.names
    groups = rules.groups
    settleMs = rules.reannounceAfterMs
    bridgeID = rules.bridgeID
    outOfService = try store.camerasOutOfService()
    manager = AlarmManager(
      siteID: siteID, reannounceMs: rules.reannounceAfterMs, machines: try store.alarms().map(\.machine),
      open: try store.openEpisodes(), outOfService: Set(outOfService.keys), nowMs: nowMs)
    health = TransactionalDictionary()
  }

  mutating func settle() { health.settle() }

  // MARK: Batches

  /// The signs must be in order of arrival.
  mutating func record(_ signs: [CameraBatchStatistics.Sign], of camera: String, receivedMs: Int64) {
    guard !signs.isEmpty else { return }
    var one = healthOf(camera)
    for sign in signs {
      switch sign {
      case .stored(let timestampMs):
        if let timestampMs { one.skew.push(timestampMs: timestampMs, receivedMs: receivedMs) }
        _ = one.rejects.push(isRejected: false)
      case .rejected(let code):
        if code == .tooFuture { one.skew.pushTooFuture(receivedMs: receivedMs) }
        _ = one.rejects.push(isRejected: true)
      }
    }
    health.set(camera, one)
    touchedCameras.insert(camera)
  }

  private func healthOf(_ camera: String) -> CameraHealth {
    health[camera]
      ?? CameraHealth(
        isRejectRateHigh: manager.open[AlarmKey(rule: .rejectRate, sourceID: camera)] != nil)
  }

  /// Applies what a batch changed in the detectors.
  mutating func apply(
    _ update: DriftTracker.Update, _ drift: DriftTracker, cameras: (String) -> Int, nowMs: Int64
  ) {
    // Once for all alarms that wait, and only when one does.
    lazy var rolledOut = drift.rolledOut(nowMs: nowMs)
    let detectors = Dictionary(uniqueKeysWithValues: update.touched.map { ($0, drift.detector($0)) })
    func detector(_ key: AlarmKey) -> DriftDetector? {
      detectors[DriftKey(cameraID: key.sourceID, modelVersion: key.modelVersion)] ?? nil
    }
    manager.apply(
      update.changes,
      measure: { detector($0)?.measure(of: $0.rule) ?? AlarmMeasure(metric: "confidence_mean", value: nil) },
      headMs: { detector($0)?.lastSample?.timestampMs ?? nowMs },
      isBadNow: { detector($0)?.isBadNow($0.rule) ?? true }, cameras: cameras,
      isRolledOut: { rolledOut.contains($0) }, nowMs: nowMs)
    for key in update.touched.sorted() {
      guard let detector = detectors[key] ?? nil else { continue }
      for rule in DriftDetector.rules {
        var since: Int64?
        if case .pending(let sinceMs) = detector.state(of: rule) { since = sinceMs }
        manager.apply(
          AlarmKey(rule: rule, key: key), pendingSinceMs: since, measure: detector.measure(of: rule),
          nowMs: nowMs)
      }
    }
    judgeHealth(nowMs: nowMs)
  }

  private mutating func judgeHealth(nowMs: Int64) {
    for camera in touchedCameras.sorted() {
      guard let one = health[camera] else { continue }
      set(
        AlarmKey(rule: .rejectRate, sourceID: camera), isOn: one.rejects.isHigh,
        AlarmMeasure(
          metric: "rejected_pct", value: one.rejects.percentHundredths, limit: 500, clearLimit: 100,
          samples: one.rejects.count), nowMs: nowMs)
      let key = AlarmKey(rule: .clockSkew, sourceID: camera)
      if one.skew.isPossiblySkewed || manager.open[key] != nil, let median = one.skew.medianMs {
        set(
          key, isOn: abs(median) > ClockSkewRule.limitMs,
          AlarmMeasure(
            metric: "skew_s", value: median, limit: ClockSkewRule.limitMs, digits: 3,
            samples: ClockSkewRule.window), nowMs: nowMs)
      }
    }
    touchedCameras.removeAll(keepingCapacity: true)
  }

  /// Sets whether a condition of the clock holds.
  ///
  /// - Parameter cause: the raised alarm that explains the condition.
  mutating func set(
    _ key: AlarmKey, isOn: Bool, sinceMs: Int64? = nil, attachedTo cause: AlarmKey? = nil,
    _ measure: @autoclosure () -> AlarmMeasure, nowMs: Int64
  ) {
    guard isOn || manager.open[key] != nil else { return }
    let change = manager.set(
      key, sinceMs: isOn ? sinceMs ?? nowMs : nil, atMs: nowMs, attachedTo: cause, measure: measure(),
      nowMs: nowMs)
    if let change { episodeChanges.append(change) }
  }

  /// Saves the results of closed shifts (and of those that late data changed), and judges the workstations
  /// with a new result.
  mutating func apply(shifts: [ShiftResult], in transaction: StoreTransaction, nowMs: Int64) throws {
    var touched: Set<String> = []
    for result in shifts where try transaction.save(result) { touched.insert(result.workstationID) }
    for workstation in touched.sorted() {
      let key = AlarmKey(rule: .productivity, sourceID: workstation)
      let results = try transaction.shiftResults(
        workstation: workstation, limit: Self.shiftsJudged)
      let verdicts = ProductivityRule.verdicts(results)
      guard let last = verdicts.last, let first = results.first else { continue }
      let known = try transaction.episodes(key, touchedFrom: first.startMs)
      var list = EpisodeList(key: key, episodes: known.filter { $0.raisedMs <= first.startMs })
      for step in ProductivityRule.transitions(verdicts) { list.apply(step.transition, valuePpm: nil) }
      let changes = EpisodeChange.between(known, list.episodes)
      for change in changes { try transaction.save(change, site: siteID) }
      let measure = Self.measure(last)
      manager.apply(
        changes, measure: { _ in measure }, headMs: { _ in nowMs }, cameras: { _ in 0 }, nowMs: nowMs)
      // A single shift that is off is shown as pending and does not page.
      let isPending = last.isOff && list.episodes.last?.isOpen != true
      manager.apply(
        key, pendingSinceMs: isPending ? last.result.endMs : nil, measure: measure, nowMs: nowMs)
    }
  }

  /// Four months of three shifts a day.
  private static let shiftsJudged = 360

  private static func measure(_ verdict: ProductivityRule.Verdict) -> AlarmMeasure {
    var measure = AlarmMeasure(
      metric: verdict.metric, value: verdict.value, limit: verdict.expected, digits: verdict.digits)
    let word = verdict.metric == "units" ? "output" : "utilization"
    measure.note =
      "\(word) of shift \(verdict.result.shiftID) was \(measure.text(verdict.value)), "
      + "expected \(measure.text(verdict.expected)) ± \(measure.text(2 * verdict.sigma))"
    return measure
  }

  // MARK: Timers

  /// Applies the rules of the clock. Nothing is written before `write`.
  ///
  /// - Parameter siteGaps: the last gaps of the whole site that raised an alarm.
  mutating func tick(
    _ drift: DriftTracker, _ context: TickContext, siteGaps: [GapRow] = [], nowMs: Int64
  ) {
    for (camera, out) in outOfService.sorted(by: { $0.key < $1.key })
    where out.untilMs.map({ $0 <= nowMs }) == true {
      putBack(camera, nowMs: nowMs)
    }
    lazy var rolledOut = drift.rolledOut(nowMs: nowMs)
    judgeAbsences(context, nowMs: nowMs)
    judgeMissing(context, siteGaps: siteGaps, nowMs: nowMs)
    func detector(_ key: AlarmKey) -> DriftDetector? {
      guard DriftDetector.rules.contains(key.rule) else { return nil }
      return drift.detector(DriftKey(cameraID: key.sourceID, modelVersion: key.modelVersion))
    }
    manager.tick(
      measure: { detector($0)?.measure(of: $0.rule) }, isBadNow: { detector($0)?.isBadNow($0.rule) ?? true },
      headMs: { detector($0)?.lastSample?.timestampMs },
      isRolledOut: { rolledOut.contains($0) }, nowMs: nowMs)
    for (key, machine) in manager.machines
    where DriftDetector.rules.contains(key.rule) && machine.state != .normal {
      let last = drift.detector(DriftKey(cameraID: key.sourceID, modelVersion: key.modelVersion))?.lastSample
      manager.setStale(key, last.map { nowMs - $0.timestampMs > context.staleAfterMs } ?? true)
    }
  }

  // MARK: People

  /// Performs an alarm command. A verdict is stored in the same transaction.
  mutating func perform(
    _ command: AlarmCommand, in transaction: StoreTransaction, nowMs: Int64
  ) throws -> CommandResult {
    let keys = manager.keys(alertID: command.alertID)
    guard !keys.isEmpty else {
      return .refused("unknown_alert", "there is no alert \(command.alertID) at this site")
    }
    switch command.action {
    case .acknowledge:
      let isAny = manager.perform(isVerified: command.isByVerified) {
        $0.acknowledge(keys, by: command.by, comment: command.comment, nowMs: nowMs)
      }
      return isAny ? .ok : CommandResult(isOK: true, code: "nothing_to_ack")
    case .shelve(let duration, let reason):
      manager.perform(isVerified: command.isByVerified) {
        $0.shelve(keys, untilMs: nowMs + duration, by: command.by, reason: reason, nowMs: nowMs)
      }
      return .ok
    case .unshelve:
      let isAny = manager.perform(isVerified: command.isByVerified) {
        $0.unshelve(keys, by: command.by, comment: command.comment, nowMs: nowMs)
      }
      return isAny ? .ok : CommandResult(isOK: true, code: "not_shelved")
    case .judge(let isFalseAlarm):
      let judged = manager.perform(isVerified: command.isByVerified) {
        $0.judge(keys, isFalseAlarm: isFalseAlarm, by: command.by, comment: command.comment, nowMs: nowMs)
      }
      guard !judged.isEmpty else { return .refused("unknown_alert", "it has had no occurrence yet") }
      for id in judged {
        try transaction.saveVerdict(
          occurrenceID: id, alertID: command.alertID, verdict: isFalseAlarm ? "false_alarm" : "confirmed",
          by: command.by, comment: command.comment ?? "", atMs: nowMs)
      }
      return .ok
    }
  }

  /// Takes a camera out of service or puts it back.
  /// - Parameter cameras: how many cameras in service are on a model version.
  mutating func perform(_ command: CameraCommand, cameras: (String) -> Int, nowMs: Int64) -> CommandResult {
    switch command.action {
    case .inService:
      guard outOfService[command.cameraID] != nil else {
        return CommandResult(isOK: true, code: "not_out_of_service")
      }
      putBack(command.cameraID, nowMs: nowMs)
    case .outOfService(let reason, let untilMs):
      guard untilMs.map({ $0 > nowMs }) ?? true else {
        return .refused("bad_request", "until_ms is over already")
      }
      let sinceMs = outOfService[command.cameraID]?.sinceMs ?? nowMs
      outOfService[command.cameraID] = OutOfService(
        sinceMs: sinceMs, untilMs: untilMs, by: command.by, isByVerified: command.isByVerified, reason: reason
      )
      changedService.insert(command.cameraID)
      episodeChanges += manager.perform(isVerified: command.isByVerified) {
        $0.removeFromService(
          command.cameraID, by: command.by, reason: "out of service: \(reason)", cameras: cameras,
          nowMs: nowMs)
      }
    }
    return .ok
  }

  private mutating func putBack(_ camera: String, nowMs: Int64) {
    outOfService[camera] = nil
    changedService.insert(camera)
    manager.putBack(camera, nowMs: nowMs)
  }

  // MARK: Writing

  /// Returns what `write` has to write, and forgets it.
  mutating func dequeuePending() -> Pending {
    let (journal, changed, site) = manager.dequeueChanges()
    defer {
      episodeChanges.removeAll()
      changedService.removeAll()
    }
    return Pending(
      journal: journal, changed: changed, episodes: episodeChanges + site, service: changedService)
  }

  /// Changes that wait for a transaction.
  package struct Pending: Sendable {
    var journal: [AlarmTransition] = []
    var changed: Set<AlarmKey> = []
    var episodes: [EpisodeChange] = []
    /// Cameras that went out of service or came back.
    var service: Set<String> = []
    var isEmpty: Bool { journal.isEmpty && changed.isEmpty && episodes.isEmpty && service.isEmpty }
  }

  func write(_ pending: Pending, in transaction: StoreTransaction) throws -> Written {
    for change in pending.episodes { try transaction.save(change, site: siteID) }
    var dropped = 0
    var notifications = StoreTransaction.NotifyCount()
    for row in pending.journal {
      let record = AlarmRecord(siteID: siteID, transition: row).named(by: names)
      dropped += try transaction.append(record, topics: topics)
      notifications += try transaction.notify(record, notify)
    }
    for key in pending.changed.sorted() {
      if let machine = manager.machines[key] { try transaction.save(machine, site: siteID) }
    }
    var written = Written(changed: pending.changed, rows: pending.journal.count, dropped: dropped)
    written.notifications = notifications
    for camera in pending.service.sorted() {
      try transaction.save(outOfService[camera], camera: camera)
      written.service.updateValue(outOfService[camera], forKey: camera)
    }
    return written
  }
}
