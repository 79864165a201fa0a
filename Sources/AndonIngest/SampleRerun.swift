import AndonCore
import AndonStore

/// The rules that judge sample by sample, applied again from a checkpoint until they are in the state that a later
/// checkpoint has.
struct SampleRerun {
  let key: DriftKey
  private(set) var rules: SampleRules
  /// Late samples that are not applied yet, in order.
  private(set) var waiting: ArraySlice<DriftSample>
  /// The detector's last sample: nothing after it is applied here.
  let headMs: Int64
  let settings: DetectorSettings
  let transaction: StoreTransaction
  private(set) var steps: [RuleStep] = []
  /// The checkpoint with the same state; nil when there was none up to the head.
  private(set) var endMs: Int64?
  /// The next checkpoint, and samples since the last one.
  private var checkpoint: StoreTransaction.DriftCheckpoint?
  private var count = 0
  /// Before this time, and up to so many samples, there is nothing to compare and nothing to save.
  private var stopMs = Int64.min

  init(
    key: DriftKey, rules: SampleRules, waiting: ArraySlice<DriftSample>, headMs: Int64,
    settings: DetectorSettings,
    transaction: StoreTransaction
  ) {
    (self.key, self.rules, self.waiting, self.headMs) = (key, rules, waiting, headMs)
    (self.settings, self.transaction) = (settings, transaction)
  }

  /// - Parameter fromMs: the time of the checkpoint that `rules` are of.
  mutating func run(_ parts: consuming SampleParts, fromMs: Int64) throws {
    var parts = parts
    checkpoint = try transaction.driftCheckpoint(key, after: fromMs, settings)
    while let part = try parts.next(), try apply(part) {}
    forgetApplied(before: (rules.lastMs ?? .min) + 1)
  }

  /// Applies the samples of a part. Returns false at the end.
  private mutating func apply(_ part: SampleParts.Part) throws -> Bool {
    for slice in part.list.slices(from: part.fromOffset) {
      for entry in slice {
        guard let confidencePpm = entry.confidencePpm else { continue }
        let ms = part.bucketMs + Int64(entry.offset)
        if ms >= stopMs || count >= DriftTracker.checkpointEvery {
          guard try isContinued(at: ms) else { return false }
        }
        count += 1
        let found = rules.apply(atMs: ms, confidencePpm: confidencePpm)
        if !found.isEmpty { steps += found }
      }
    }
    return true
  }

  /// Compares with the checkpoints before the next sample, and writes those that changed. Returns false when the samples
  /// from here on need not be applied.
  private mutating func isContinued(at ms: Int64) throws -> Bool {
    // The lists also have the samples of this batch that come in order.
    guard ms <= headMs else { return false }
    forgetApplied(before: ms)
    while let old = checkpoint, old.atMs <= ms {
      if old.rules == rules, waiting.first.map({ $0.timestampMs >= old.atMs }) ?? true {
        endMs = old.atMs
        return false
      }
      try transaction.saveDriftCheckpoint(key, atMs: old.atMs, rules)
      checkpoint = try transaction.driftCheckpoint(key, after: old.atMs, settings)
      count = 0
    }
    // One that is missing, because it was damaged or of other settings, is made again.
    if let lastMs = rules.lastMs,
      let atMs = DriftReplay.checkpointMs(lastMs: lastMs, nextMs: ms, count: count)
    {
      try transaction.saveDriftCheckpoint(key, atMs: atMs, rules)
      count = 0
    }
    let hourEndMs = (HourSum.hour(of: ms) + 1) * HourSum.milliseconds
    stopMs = min(checkpoint?.atMs ?? .max, hourEndMs, headMs + 1)
    return true
  }

  private mutating func forgetApplied(before ms: Int64) {
    while let applied = waiting.first, applied.timestampMs < ms { waiting.removeFirst() }
  }
}
