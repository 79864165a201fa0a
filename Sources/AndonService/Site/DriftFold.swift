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
  /// A restart folds at most that many samples a key again, a late sample about that many.
  static let saveEvery = 256
  static let checkpointEvery = 2048

  /// Starts from saved states and follows the samples that came after them.
  init(siteID: String, settings: DetectorSettings, maxAgeMs: Int64, store: SiteStore) throws {
    self.siteID = siteID
    self.settings = settings
    self.maxAgeMs = maxAgeMs
    var entries: [DriftKey: Entry] = [:]
    for (key, state) in try store.driftStates() {
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

  mutating func settle() { detectors.settle() }

  /// Samples that the batch stored.
  mutating func add(_ samples: [DriftSample], key: DriftKey) { batch[key, default: []] += samples }

  /// Ends the batch: folds its samples, saves what changed and tells which episodes did.
  mutating func finish(in transaction: StoreTransaction) throws -> Update {
    var update = Update()
    for key in batch.keys.sorted() {
      var samples = batch[key] ?? []
      // Mostly they are in order, and looking is cheaper than sorting.
      if !Self.isSorted(samples) { samples.sort() }
      try take(samples, key, in: transaction, &update)
    }
    batch.removeAll(keepingCapacity: true)
    return update
  }

  private static func isSorted(_ samples: [DriftSample]) -> Bool {
    for index in samples.indices.dropFirst() where samples[index] < samples[index - 1] { return false }
    return true
  }

  private mutating func take(
    _ samples: [DriftSample], _ key: DriftKey, in transaction: StoreTransaction, _ update: inout Update
  ) throws {
    update.touched.insert(key)
    var run = DriftRun(key: key, siteID: siteID, maxAgeMs: maxAgeMs, transaction: transaction)
    let entry = detectors[key]
    if let entry, let first = samples.first, let last = entry.detector.lastSample, !(first < last) {
      (run.detector, run.unsaved, run.sinceCheckpoint) = (
        entry.detector, entry.unsaved, entry.sinceCheckpoint
      )
      let before = last.timestampMs
      for sample in samples { try run.advance(sample) }
      try run.judgeVersion(crossedFromMs: before)
    } else {
      // An unknown key may have samples of before, folded under other settings: it starts from the first one.
      let lateMs = entry == nil ? Int64.min : samples.first?.timestampMs ?? .min
      try run.refold(fromMs: lateMs, settings: settings)
      try run.judgeVersions(touchedFromMs: lateMs)
    }
    update.changes += try run.finish()
    guard let detector = run.detector else { return }
    detectors.set(
      key, Entry(detector: detector, unsaved: run.unsaved, sinceCheckpoint: run.sinceCheckpoint))
  }
}
