import AndonCore
import AndonStore

/// One key in one transaction: its detector processes samples, hours and checkpoints are saved, and at the
/// end the episodes are compared with the known ones.
struct DriftReplay {
  let key: DriftKey
  let siteID: String
  let maxAgeMs: Int64
  let transaction: StoreTransaction
  /// Of the key; nil where no sample is read.
  var stream: EventStream?
  var detector: DriftDetector?
  var unsaved = 0
  var sinceCheckpoint = 0
  var mustSave = false
  /// Parts of the list of samples that are newer than the stored ones, in order.
  var newer: [SamplePiece] = []
  /// The known and the new episodes of the rules in which something changed.
  var lists: [AlarmRule: (old: [Episode], new: EpisodeList)] = [:]

  init(key: DriftKey, siteID: String, maxAgeMs: Int64, transaction: StoreTransaction) {
    self.key = key
    self.siteID = siteID
    self.maxAgeMs = maxAgeMs
    self.transaction = transaction
  }

  /// Applies the next samples in order.
  mutating func advance(_ samples: some Sequence<DriftSample>) throws {
    guard var detector else { preconditionFailure("a run begins with a detector") }
    // Drop the other reference: a shared array would be copied when it changes.
    self.detector = nil
    for sample in samples {
      if let lastMs = detector.samples.lastMs,
        let atMs = Self.checkpointMs(lastMs: lastMs, nextMs: sample.timestampMs, count: sinceCheckpoint)
      {
        try saveCheckpoint(detector.samples, atMs: atMs)
      }
      let result = try detector.apply(sample) { try transaction.driftHours(key, $0) }
      unsaved += 1
      sinceCheckpoint += 1
      if let hour = result.closedHour {
        try transaction.saveDriftHour(key, hour, detector.hours)
        mustSave = true
      }
      for step in result.steps {
        mustSave = true
        guard step.transition.kind == .raised || step.transition.kind == .cleared else { continue }
        try load(step.rule, fromMs: step.transition.atMs)
        lists[step.rule]?.new.apply(step.transition, valuePpm: step.valuePpm)
      }
    }
    self.detector = detector
  }

  private mutating func saveCheckpoint(_ rules: SampleRules, atMs: Int64) throws {
    try transaction.saveDriftCheckpoint(key, atMs: atMs, rules)
    sinceCheckpoint = 0
    if atMs % HourSum.milliseconds == 0 {
      // Nothing older than `maxAgeMs` can arrive late; one day in reserve.
      try transaction.thinDriftCheckpoints(key, hourMs: atMs, oldestMs: atMs - maxAgeMs - 86_400_000)
    }
  }

  /// Where a checkpoint belongs between two samples, if one does: at each hour and after so many samples. Samples of
  /// one time are not parted.
  static func checkpointMs(lastMs: Int64, nextMs: Int64, count: Int) -> Int64? {
    guard lastMs < nextMs else { return nil }
    let hour = HourSum.hour(of: nextMs)
    if HourSum.hour(of: lastMs) < hour { return hour * HourSum.milliseconds }
    return count >= DriftTracker.checkpointEvery ? nextMs : nil
  }

  mutating func load(_ rule: AlarmRule, fromMs: Int64) throws {
    guard lists[rule] == nil else { return }
    let alarm = AlarmKey(rule: rule, key: key)
    let known = try transaction.episodes(alarm, touchedFrom: fromMs)
    lists[rule] = (known, EpisodeList(key: alarm, episodes: known))
  }

  /// Recomputes from the key's first sample; the late samples are in the table already.
  mutating func recompute(settings: DetectorSettings) throws {
    detector = DriftDetector(settings: settings)
    (mustSave, sinceCheckpoint) = (true, 0)
    lists.removeAll()
    try transaction.dropDriftCheckpoints(key)
    for rule in DriftDetector.rules {
      try load(rule, fromMs: .min)
      guard let list = lists[rule] else { continue }
      lists[rule] = (list.old, list.new.rewound(to: .min))
    }
    let (transaction, key, newer) = (transaction, key, newer)
    try transaction.visitDriftSamples(key, fromMs: .min, newer: newer) {
      try advance(CollectionOfOne($0))
      return true
    }
  }

  // MARK: version_regression

  /// Whether a sample of the key's 25th hour or later has come.
  var isFirstDayComplete: Bool {
    guard let first = detector?.firstSampleMs, let last = detector?.lastSample?.timestampMs else {
      return false
    }
    return HourSum.hour(of: last) >= HourSum.hour(of: first) + VersionRegression.trialHours
  }

  /// Judges the key's first day if it is complete. It may be called often: the result depends on the samples
  /// only.
  ///
  /// - Parameter openHours: the open hours of the camera's versions, which are not among the closed ones.
  mutating func judgeVersion(openHours: [String: HourSum]) throws {
    guard isFirstDayComplete, let first = detector?.firstSampleMs.map(HourSum.hour) else { return }
    let alarm = AlarmKey(rule: .versionRegression, key: key)
    let known = try transaction.episodes(alarm, touchedFrom: .min)
    var list = EpisodeList(key: alarm)
    let past = VersionRegression.pastHours(before: first)
    if let old = try versionBefore(past, openHours) {
      let open = openHours[old].flatMap { past.contains($0.hour) ? $0 : nil }
      let before = try total(DriftKey(cameraID: key.cameraID, modelVersion: old), past, open)
      let trial = try total(key, first..<first + VersionRegression.trialHours, nil)
      if VersionRegression.isWorse(old: before, new: trial) {
        list.apply(
          DriftTransition(
            kind: .raised, sinceMs: first * HourSum.milliseconds,
            atMs: (first + VersionRegression.trialHours) * HourSum.milliseconds),
          valuePpm: trial.count > 0 ? Int32(trial.sum / trial.count) : nil)
      }
    }
    lists[.versionRegression] = (known, list)
  }

  /// The other version that the camera ran last in those hours; if two ran in the same hour, the first by
  /// name.
  private func versionBefore(_ hours: Range<Int64>, _ openHours: [String: HourSum]) throws -> String? {
    var runs = openHours.filter { $0.key != key.modelVersion && hours.contains($0.value.hour) }
      .map { (hour: $0.value.hour, version: $0.key) }
    if let closed = try transaction.versionBefore(key, hours) { runs.append(closed) }
    return runs.max { ($0.hour, $1.version) < ($1.hour, $0.version) }?.version
  }

  private func total(
    _ key: DriftKey, _ hours: Range<Int64>, _ open: HourSum?
  ) throws -> (count: Int64, sum: Int64) {
    try transaction.driftHours(key, hours).reduce((open?.count ?? 0, open?.sum ?? 0)) {
      ($0.0 + $1.count, $0.1 + $1.sum)
    }
  }

  // MARK: End

  /// Saves what is due and returns the episodes that changed.
  mutating func finish() throws -> [EpisodeChange] {
    var changes: [EpisodeChange] = []
    for rule in lists.keys.sorted() {
      guard let (old, list) = lists[rule] else { continue }
      changes += EpisodeChange.between(old, list.episodes)
    }
    for change in changes { try transaction.save(change, site: siteID) }
    guard let detector, mustSave || unsaved >= DriftTracker.saveEvery else { return changes }
    try transaction.saveDrift(key, state: detector.encoded())
    unsaved = 0
    return changes
  }
}
