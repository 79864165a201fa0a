import AndonCore

/// The drift rules of a site's cameras, kept equal to a fold over all stored samples in event time.
///
/// A sample in order costs O(1). A late one marks its key; at the end of the batch that key alone is folded
/// again from the hourly checkpoint before its earliest late sample.
struct DriftFold: Sendable {
  private(set) var rules: [DriftKey: ConfidenceLowRule] = [:]
  private let settings: DriftSettings
  private var changed: Set<DriftKey> = []
  private var lateFrom: [DriftKey: Int64] = [:]
  static let checkpointMs: Int64 = 3_600_000
  /// Nothing older than the oldest acceptable event can arrive late; a day more for good measure.
  private let checkpointRetentionMs: Int64

  init(settings: DriftSettings, maxAgeMs: Int64, restored: [(key: DriftKey, state: [UInt8])]) {
    self.settings = settings
    checkpointRetentionMs = maxAgeMs + 86_400_000
    for (key, state) in restored {
      if let rule = ConfidenceLowRule(encoded: state, settings: settings) {
        rules[key] = rule
      } else {
        // Other settings (or a newer format) led to it: the next batch folds this key anew from the start.
        changed.insert(key)
        lateFrom[key] = .min
      }
    }
  }

  mutating func apply(_ sample: DriftSample, key: DriftKey, in transaction: StoreTransaction) throws {
    changed.insert(key)
    if lateFrom[key] != nil || isLate(sample, key: key) {
      lateFrom[key] = min(lateFrom[key] ?? .max, sample.timestampMs)
      return
    }
    try advance(key, with: sample, in: transaction)
  }

  /// Ends the batch: re-folds what came late, saves what changed and returns the keys that did.
  mutating func finish(in transaction: StoreTransaction) throws -> Set<DriftKey> {
    for (key, late) in lateFrom { try refold(key, from: late, in: transaction) }
    for key in changed {
      guard let rule = rules[key] else { continue }
      try transaction.saveDrift(key, state: rule.encoded())
    }
    defer {
      changed.removeAll(keepingCapacity: true)
      lateFrom.removeAll(keepingCapacity: true)
    }
    return changed
  }

  private func isLate(_ sample: DriftSample, key: DriftKey) -> Bool {
    guard let last = rules[key]?.lastSample else { return false }
    return sample < last
  }

  private mutating func refold(_ key: DriftKey, from late: Int64, in transaction: StoreTransaction) throws {
    let checkpoint = try transaction.driftCheckpoint(key, atOrBefore: late)
    let restored = checkpoint.flatMap { ConfidenceLowRule(encoded: $0.state, settings: settings) }
    rules[key] = restored ?? ConfidenceLowRule(settings: settings)
    // A checkpoint that cannot be read (or was made under other settings) is no ground to start from.
    let start = restored == nil ? Int64.min : checkpoint?.atMs ?? .min
    try transaction.dropDriftCheckpoints(key, after: start)
    try transaction.visitDriftSamples(key, fromMs: start) { sample in
      try advance(key, with: sample, in: transaction)
    }
  }

  private mutating func advance(
    _ key: DriftKey, with sample: DriftSample, in transaction: StoreTransaction
  ) throws {
    let hour = sample.timestampMs - sample.timestampMs % Self.checkpointMs
    if let rule = rules[key], let last = rule.lastSample, last.timestampMs < hour {
      try transaction.saveDriftCheckpoint(key, atMs: hour, state: rule.encoded())
      try transaction.dropDriftCheckpoints(key, before: hour - checkpointRetentionMs)
    }
    rules[key, default: ConfidenceLowRule(settings: settings)].apply(sample)
  }
}
