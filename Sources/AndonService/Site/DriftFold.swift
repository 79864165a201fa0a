import AndonCore

/// The drift detectors of a site's cameras, kept equal to a fold over all stored samples in event time.
///
/// A sample in order costs O(1). Late ones make their key fold again, once a batch, from the checkpoint before
/// the earliest of them. Episodes are what the fold says they are: the differences to what was known go out.
struct DriftFold: Sendable {
  private struct Entry: Sendable {
    var detector: DriftDetector
    /// Samples since the state was saved, and since a checkpoint was.
    var unsaved = 0
    var sinceCheckpoint = 0
  }

  /// What a batch led to.
  struct Update: Sendable {
    var touched: Set<DriftKey> = []
    var changes: [EpisodeChange] = []
  }

  private var detectors: Overlay<DriftKey, Entry>
  private var batch: [DriftKey: [DriftSample]] = [:]
  private let settings: DetectorSettings
  private let siteID: String
  private let maxAgeMs: Int64
  private let damage: DamageLog
  /// Keys whose saved state was damaged: computed from their samples, and saved with the next batch.
  private var damaged: [DriftKey] = []
  private var repaired: [DriftKey] = []
  /// A restart folds at most that many samples a key again, a late sample about that many.
  static let saveEvery = 256
  static let checkpointEvery = 2048

  /// Starts from saved states and follows the samples that came after them.
  init(siteID: String, settings: DetectorSettings, maxAgeMs: Int64, store: SiteStore) throws {
    self.siteID = siteID
    self.settings = settings
    self.maxAgeMs = maxAgeMs
    damage = store.damage
    var entries: [DriftKey: Entry] = [:]
    for (key, state) in try store.driftStates() {
      guard let state else {
        let detector = try store.recomputedDetector(key, settings)
        guard detector.lastSample != nil else { continue }
        entries[key] = Entry(detector: detector)
        damaged.append(key)
        continue
      }
      // Other settings or another format led to it: the key's next sample folds it anew from the start.
      guard var detector = DriftDetector(encoded: state, settings: settings), detector.lastSample != nil
      else { continue }
      let count = try store.follow(key, with: &detector)
      entries[key] = Entry(detector: detector, unsaved: count, sinceCheckpoint: count)
    }
    detectors = Overlay(entries)
  }

  func detector(_ key: DriftKey) -> DriftDetector? { detectors[key]?.detector }

  /// All of them; O(keys).
  var all: [DriftKey: DriftDetector] { detectors.all.mapValues(\.detector) }

  mutating func settle() {
    detectors.settle()
    for key in repaired { damage.repaired(.driftState(key)) }
    repaired.removeAll()
  }

  /// Samples that the batch stored.
  mutating func add(_ samples: [DriftSample], key: DriftKey) { batch[key, default: []] += samples }

  /// Ends the batch: folds its samples, saves what changed and tells which episodes did.
  mutating func finish(in transaction: StoreTransaction) throws -> Update {
    var update = Update()
    var refolded: [(key: DriftKey, fromMs: Int64)] = []
    for key in batch.keys.sorted() {
      var samples = batch[key] ?? []
      // Mostly they are in order, and looking is cheaper than sorting.
      if !Self.isSorted(samples) { samples.sort() }
      if let fromMs = try take(samples, key, in: transaction, &update) { refolded.append((key, fromMs)) }
    }
    try judgeSuccessors(of: refolded, in: transaction, &update)
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

  /// Late samples may change the past that the versions after theirs were judged by. O(keys), for late ones only.
  private func judgeSuccessors(
    of refolded: [(key: DriftKey, fromMs: Int64)], in transaction: StoreTransaction, _ update: inout Update
  ) throws {
    guard !refolded.isEmpty else { return }
    for (key, entry) in detectors.all.sorted(by: { $0.key < $1.key }) {
      guard let firstMs = entry.detector.firstSampleMs else { continue }
      let isTouched = refolded.contains { late in
        late.key.cameraID == key.cameraID && late.key != key
          && HourSum.hour(of: late.fromMs) < HourSum.hour(of: firstMs)
      }
      guard isTouched else { continue }
      var run = DriftRun(key: key, siteID: siteID, maxAgeMs: maxAgeMs, transaction: transaction)
      run.detector = entry.detector
      try run.judgeVersion()
      update.changes += try run.finish()
    }
  }

  /// Folds a key's samples in. Returns from when on it was folded again, nil when they came in order.
  private mutating func take(
    _ samples: [DriftSample], _ key: DriftKey, in transaction: StoreTransaction, _ update: inout Update
  ) throws -> Int64? {
    update.touched.insert(key)
    var run = DriftRun(key: key, siteID: siteID, maxAgeMs: maxAgeMs, transaction: transaction)
    let entry = detectors[key]
    var lateMs: Int64?
    if let entry, let first = samples.first, let last = entry.detector.lastSample, !(first < last) {
      (run.detector, run.unsaved, run.sinceCheckpoint) = (
        entry.detector, entry.unsaved, entry.sinceCheckpoint
      )
      let before = last.timestampMs
      for sample in samples { try run.advance(sample) }
      try run.judgeVersion(crossedFromMs: before)
    } else {
      // An unknown key may have samples of before, folded under other settings: it starts from the first one.
      let fromMs = entry == nil ? Int64.min : samples.first?.timestampMs ?? .min
      try run.refold(fromMs: fromMs, settings: settings)
      try run.judgeVersion()
      lateMs = fromMs
    }
    update.changes += try run.finish()
    if let detector = run.detector {
      detectors.set(
        key, Entry(detector: detector, unsaved: run.unsaved, sinceCheckpoint: run.sinceCheckpoint))
    }
    return lateMs
  }
}
