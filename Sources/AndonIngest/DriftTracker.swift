import AndonCore
import AndonStore

/// The drift detectors of a site's cameras. Their state always equals a recompute over all stored samples in
/// event time.
///
/// A sample in order costs O(1). A late one costs about `checkpointEvery` samples: from the checkpoint before it until
/// its effect has ended. The episodes that changed are returned.
struct DriftTracker: Sendable {
  private struct TrackedDetector: Sendable {
    var detector: DriftDetector
    /// Samples since the state was saved, and since the last checkpoint.
    var unsaved = 0
    var sinceCheckpoint = 0
    /// The last sample with its ids; nil after a start.
    var newest: DriftSample?
  }

  /// The result of a batch.
  struct Update: Sendable {
    var touched: Set<DriftKey> = []
    var changes: [EpisodeChange] = []
  }

  private var detectors: TransactionalDictionary<DriftKey, TrackedDetector>
  private var batch: [DriftKey: (stream: EventStream, samples: [DriftSample])] = [:]
  private var writer: SampleWriter
  /// By camera: the first hour of the version that began last, or a later one.
  private var newestFirstHours: [String: Int64] = [:]
  private let limits: DriftLimits
  private let siteID: String
  private let maxAgeMs: Int64
  private let damage: DamageLog
  /// Keys whose saved state was damaged: recomputed from their samples, and saved with the next batch.
  private var damaged: [DriftKey] = []
  private var repaired: [DriftKey] = []
  /// A restart reads about this many samples a key again; `checkpointEvery` bounds what a late sample reads. A
  /// checkpoint has about 750 bytes: 3 bytes a sample of the last day.
  static let saveEvery = 256
  static let checkpointEvery = 256

  /// Starts from the saved states and applies the samples after them.
  init(siteID: String, limits: DriftLimits, maxAgeMs: Int64, store: SiteStore) throws {
    self.siteID = siteID
    self.limits = limits
    writer = SampleWriter(gatePpm: limits.site.gatePpm)
    self.maxAgeMs = maxAgeMs
    damage = store.damage
    var entries: [DriftKey: TrackedDetector] = [:]
    for (key, state) in try store.driftStates() {
      guard let state else {
        let detector = try store.recomputedDetector(key, limits.settings(for: key))
        guard detector.lastSample != nil else { continue }
        entries[key] = TrackedDetector(detector: detector)
        damaged.append(key)
        continue
      }
      // The state has other settings or another format: the key's next sample recomputes it from the start.
      guard var detector = DriftDetector(encoded: state, settings: limits.settings(for: key)),
        detector.lastSample != nil
      else { continue }
      let count = try store.replaySamples(key, with: &detector)
      entries[key] = TrackedDetector(detector: detector, unsaved: count, sinceCheckpoint: count)
    }
    detectors = TransactionalDictionary(entries)
    for (key, entry) in entries { record(entry.detector, key) }
  }

  func detector(_ key: DriftKey) -> DriftDetector? { detectors[key]?.detector }

  /// All detectors; O(keys).
  var all: [DriftKey: DriftDetector] { detectors.all.mapValues(\.detector) }

  /// The versions to which three cameras or more changed within the last day. O(keys).
  func rolledOut(nowMs: Int64) -> Set<String> {
    var firstMs: [String: Int64] = [:]
    for (key, entry) in detectors.all {
      guard let ms = entry.detector.firstSampleMs else { continue }
      firstMs[key.cameraID] = min(ms, firstMs[key.cameraID] ?? ms)
    }
    var cameras: [String: Int] = [:]
    for (key, entry) in detectors.all {
      guard let ms = entry.detector.firstSampleMs, let before = firstMs[key.cameraID] else { continue }
      // The first version of a camera is a new camera, not a roll-out.
      if before < ms, nowMs - ms < Self.rollOutMs { cameras[key.modelVersion, default: 0] += 1 }
    }
    return Set(cameras.filter { $0.value >= Self.rollOutCameras }.keys)
  }

  private static let rollOutMs: Int64 = 86_400_000
  private static let rollOutCameras = 3

  mutating func settle() {
    detectors.settle()
    for key in repaired { damage.repaired(.driftState(key)) }
    repaired.removeAll()
  }

  /// Adds the events of a camera and model version that the batch stored.
  mutating func add(
    _ version: CameraBatchStatistics.Version, key: DriftKey, in transaction: StoreTransaction
  ) throws {
    var samples = version.samples
    // Mostly they are in order, and checking is cheaper than sorting.
    if !Self.isSorted(samples) { samples.sort() }
    try writer.add(samples, others: version.others, version.stream, in: transaction)
    if !samples.isEmpty { batch[key] = (version.stream, samples) }
  }

  /// Buckets whose stored lists of samples do not have all of their events.
  var openBuckets: Set<Int64> { writer.openBuckets }

  /// See `SampleWriter.flush`.
  mutating func flush(in transaction: StoreTransaction, _ plan: FlushPlan, of wanted: Set<Int64>?) throws {
    try writer.flush(in: transaction, plan, of: wanted)
  }

  mutating func reload() { writer.reload() }

  /// Ends the batch: applies its samples, saves what is due and returns the episodes that changed.
  mutating func finish(in transaction: StoreTransaction) throws -> Update {
    var update = Update()
    var due: Set<DriftKey> = []
    for key in batch.keys.sorted() {
      guard let (stream, samples) = batch[key] else { continue }
      let isUnknown = detectors[key] == nil
      if try apply(samples, key, stream, in: transaction, &update) { due.insert(key) }
      due.formUnion(successors(of: key, by: isUnknown ? nil : samples))
    }
    for key in due.sorted() { try judgeVersion(key, in: transaction, &update) }
    batch.removeAll(keepingCapacity: true)
    for key in damaged {
      if let detector = detectors[key]?.detector { try transaction.saveDrift(key, state: detector.encoded()) }
    }
    repaired += damaged
    damaged.removeAll()
    return update
  }

  private static func isSorted(_ samples: [DriftSample]) -> Bool {
    for index in samples.indices.dropFirst() where samples[index] < samples[index - 1] { return false }
    return true
  }

  // MARK: version_regression

  /// The camera's other versions whose verdict these samples may change: they lie in the week before the
  /// first hour of that version. Nil stands for all samples of the key. O(1) unless samples are older than
  /// the newest version.
  private func successors(of key: DriftKey, by samples: [DriftSample]?) -> [DriftKey] {
    let oldestHour = samples.map { $0.first.map { HourSum.hour(of: $0.timestampMs) } ?? .max } ?? .min
    guard let newest = newestFirstHours[key.cameraID], oldestHour < newest else { return [] }
    let hours = samples.map { Set($0.map { HourSum.hour(of: $0.timestampMs) }) }
    return detectors.all.compactMap { other, entry in
      guard other.cameraID == key.cameraID, other != key, let firstMs = entry.detector.firstSampleMs else {
        return nil
      }
      let past = VersionRegression.pastHours(before: HourSum.hour(of: firstMs))
      return hours?.contains(where: past.contains) ?? true ? other : nil
    }
  }

  /// Judges a version's first day again, after all samples of the batch were applied. O(keys).
  private func judgeVersion(
    _ key: DriftKey, in transaction: StoreTransaction, _ update: inout Update
  ) throws {
    let all = detectors.all
    guard let detector = all[key]?.detector else { return }
    var openHours: [String: HourSum] = [:]
    for (other, entry) in all where other.cameraID == key.cameraID {
      openHours[other.modelVersion] = entry.detector.openHour
    }
    var run = DriftReplay(key: key, siteID: siteID, maxAgeMs: maxAgeMs, transaction: transaction)
    run.detector = detector
    try run.judgeVersion(openHours: openHours)
    update.changes += try run.finish()
  }

  /// Applies a key's samples. Returns whether its first day must be judged: it is complete since now, or was
  /// recomputed.
  private mutating func apply(
    _ samples: [DriftSample], _ key: DriftKey, _ stream: EventStream, in transaction: StoreTransaction,
    _ update: inout Update
  ) throws -> Bool {
    update.touched.insert(key)
    var run = DriftReplay(key: key, siteID: siteID, maxAgeMs: maxAgeMs, transaction: transaction)
    run.stream = stream
    let settings = limits.settings(for: key)
    let entry = detectors[key]
    var (mustJudge, isRecomputed) = (false, false)
    if let entry, let last = entry.detector.lastSample {
      (run.detector, run.unsaved, run.sinceCheckpoint) = (
        entry.detector, entry.unsaved, entry.sinceCheckpoint
      )
      let wasComplete = run.isFirstDayComplete
      let late = Self.late(samples, after: last, entry.newest)
      if !late.isEmpty {
        mustJudge = true
        run.newer = writer.pieces(of: stream)
        isRecomputed = try !run.insert(Array(late), settings: settings)
        if isRecomputed { try run.recompute(settings: settings) }
      }
      if !isRecomputed { try run.advance(samples.dropFirst(late.count)) }
      mustJudge = mustJudge || !wasComplete
    } else {
      // The store may hold samples of an unknown key (its settings changed): it starts from the first one.
      run.newer = writer.pieces(of: stream)
      try run.recompute(settings: settings)
      mustJudge = true
    }
    update.changes += try run.finish()
    if let detector = run.detector {
      record(detector, key)
      detectors.set(
        key,
        TrackedDetector(
          detector: detector, unsaved: run.unsaved, sinceCheckpoint: run.sinceCheckpoint,
          newest: Self.newest(samples, entry, detector)))
    }
    return mustJudge && run.isFirstDayComplete
  }

  /// The samples that lie before the last one. Among samples of the same time the place of the last one is known only
  /// by its ids; where it is not, all of that time are taken for late.
  private static func late(
    _ samples: [DriftSample], after last: DriftSample, _ newest: DriftSample?
  ) -> ArraySlice<DriftSample> {
    guard let first = samples.first, first.timestampMs <= last.timestampMs else { return [] }
    if first.timestampMs == last.timestampMs, let newest, newest < first { return [] }
    return samples.prefix { $0.timestampMs <= last.timestampMs }
  }

  /// The last sample with its ids, if that is known.
  private static func newest(
    _ samples: [DriftSample], _ entry: TrackedDetector?, _ detector: DriftDetector
  ) -> DriftSample? {
    guard let sample = samples.last, let last = detector.lastSample, sample.timestampMs == last.timestampMs
    else {
      return entry?.newest
    }
    guard let entry, entry.detector.lastSample?.timestampMs == last.timestampMs else {
      // Later than all before, or the key is new to this process and the store may have more of that time.
      return entry == nil ? nil : sample
    }
    return entry.newest.map { max($0, sample) }
  }

  private mutating func record(_ detector: DriftDetector, _ key: DriftKey) {
    guard let hour = detector.firstSampleMs.map(HourSum.hour) else { return }
    if newestFirstHours[key.cameraID].map({ $0 < hour }) ?? true { newestFirstHours[key.cameraID] = hour }
  }
}
