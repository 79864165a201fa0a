import AndonCore

/// One key's way through one transaction: its detector follows samples, hours and checkpoints are kept, and in
/// the end the episodes are compared with those that were known.
struct DriftRun {
  let key: DriftKey
  let siteID: String
  let maxAgeMs: Int64
  let transaction: StoreTransaction
  var detector: DriftDetector?
  var unsaved = 0
  var sinceCheckpoint = 0
  private var mustSave = false
  /// Episodes as they were known and as they are now, for the rules that changed something.
  private var lists: [AlertRule: (old: [Episode], new: EpisodeList)] = [:]

  init(key: DriftKey, siteID: String, maxAgeMs: Int64, transaction: StoreTransaction) {
    self.key = key
    self.siteID = siteID
    self.maxAgeMs = maxAgeMs
    self.transaction = transaction
  }

  /// Takes the next sample in order.
  mutating func advance(_ sample: DriftSample) throws {
    guard var detector else { preconditionFailure("a run begins with a detector") }
    // The array buffers must be ours alone while they change.
    self.detector = nil
    if let last = detector.lastSample, last.timestampMs < sample.timestampMs {
      try keepCheckpoint(detector, last: last, next: sample)
    }
    let result = try detector.apply(sample) { try transaction.driftHours(key, $0) }
    self.detector = detector
    unsaved += 1
    sinceCheckpoint += 1
    if let hour = result.closedHour {
      try transaction.saveDriftHour(key, hour)
      mustSave = true
    }
    for step in result.steps {
      mustSave = true
      guard step.transition.kind == .raised || step.transition.kind == .cleared else { continue }
      try load(step.rule, fromMs: step.transition.atMs)
      lists[step.rule]?.new.apply(step.transition, valuePpm: step.valuePpm)
    }
  }

  private mutating func keepCheckpoint(
    _ detector: DriftDetector, last: DriftSample, next: DriftSample
  ) throws {
    let hour = HourSum.hour(of: next.timestampMs)
    let isNewHour = HourSum.hour(of: last.timestampMs) < hour
    guard isNewHour || sinceCheckpoint >= DriftFold.checkpointEvery else { return }
    let hourMs = hour * HourSum.milliseconds
    try transaction.saveDriftCheckpoint(
      key, atMs: isNewHour ? hourMs : next.timestampMs, state: detector.encoded())
    sinceCheckpoint = 0
    if isNewHour {
      // Nothing older than the oldest acceptable event can arrive late; a day more for good measure.
      try transaction.thinDriftCheckpoints(key, hourMs: hourMs, oldestMs: hourMs - maxAgeMs - 86_400_000)
    }
  }

  private mutating func load(_ rule: AlertRule, fromMs: Int64) throws {
    guard lists[rule] == nil else { return }
    let alert = AlertKey(rule: rule, key: key)
    let known = try transaction.episodes(alert, touchedFrom: fromMs)
    lists[rule] = (known, EpisodeList(key: alert, episodes: known))
  }

  /// Folds again from the checkpoint at or before that time; the late samples are in the table already.
  mutating func refold(fromMs: Int64, settings: DetectorSettings) throws {
    let checkpoint = try transaction.driftCheckpoint(key, atOrBefore: fromMs)
    let restored = checkpoint.flatMap { DriftDetector(encoded: $0.state, settings: settings) }
    // A checkpoint that cannot be read (or was made under other settings) is no ground to start from.
    let start = restored == nil ? Int64.min : checkpoint?.atMs ?? .min
    detector = restored ?? DriftDetector(settings: settings)
    (mustSave, sinceCheckpoint) = (true, 0)
    try transaction.dropDriftCheckpoints(key, after: start)
    for rule in DriftDetector.rules {
      try load(rule, fromMs: start)
      guard let list = lists[rule] else { continue }
      lists[rule] = (list.old, list.new.rewound(to: start))
    }
    // A cursor may not run while its transaction writes elsewhere in the same table; it never does here.
    var samples: [DriftSample] = []
    try transaction.visitDriftSamples(key, fromMs: start) { sample in
      samples.append(sample)
      guard samples.count == 4096 else { return }
      for sample in samples { try advance(sample) }
      samples.removeAll(keepingCapacity: true)
    }
    for sample in samples { try advance(sample) }
  }

  // MARK: version_regression

  /// Judges the key's first day when it has just become complete.
  mutating func judgeVersion(crossedFromMs before: Int64) throws {
    guard let first = detector?.firstSampleMs, let last = detector?.lastSample?.timestampMs else { return }
    let hour = HourSum.hour(of: first)
    let due = (hour + 24) * HourSum.milliseconds
    guard before < due, last >= due else { return }
    try judge(firstHour: hour)
  }

  /// Judges the key's first day if it is complete, as often as somebody asks.
  mutating func judgeVersion() throws {
    guard let first = detector?.firstSampleMs, let last = detector?.lastSample?.timestampMs else { return }
    let hour = HourSum.hour(of: first)
    if last >= (hour + 24) * HourSum.milliseconds { try judge(firstHour: hour) }
  }

  private mutating func judge(firstHour: Int64) throws {
    let past = firstHour - VersionRegression.pastMs / HourSum.milliseconds..<firstHour
    guard let old = try transaction.versionBefore(key, from: past.lowerBound, to: past.upperBound) else {
      return
    }
    let alert = AlertKey(rule: .versionRegression, key: key)
    let before = try total(DriftKey(cameraID: key.cameraID, modelVersion: old), past)
    let trial = try total(key, firstHour..<firstHour + 24)
    let known = try transaction.episodes(alert, touchedFrom: .min)
    var list = EpisodeList(key: alert)
    if VersionRegression.isWorse(old: before, new: trial) {
      list.apply(
        DriftTransition(
          kind: .raised, sinceMs: firstHour * HourSum.milliseconds,
          atMs: (firstHour + 24) * HourSum.milliseconds),
        valuePpm: trial.count > 0 ? Int32(trial.sum / trial.count) : nil)
    }
    lists[.versionRegression] = (known, list)
  }

  private func total(_ key: DriftKey, _ hours: Range<Int64>) throws -> (count: Int64, sum: Int64) {
    try transaction.driftHours(key, hours).reduce((0, 0)) { ($0.count + $1.count, $0.sum + $1.sum) }
  }

  // MARK: End

  /// Saves what must not be lost and tells which episodes changed.
  mutating func finish() throws -> [EpisodeChange] {
    var changes: [EpisodeChange] = []
    for rule in lists.keys.sorted() {
      guard let (old, list) = lists[rule] else { continue }
      changes += EpisodeChange.between(old, list.episodes)
    }
    for change in changes { try transaction.save(change, site: siteID) }
    guard let detector, mustSave || unsaved >= DriftFold.saveEvery else { return changes }
    try transaction.saveDrift(key, state: detector.encoded())
    unsaved = 0
    return changes
  }
}
