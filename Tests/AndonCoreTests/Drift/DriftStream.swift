import AndonCore

/// Writes samples one after the other, in event time.
struct DriftStream {
  static let startMs: Int64 = 1_795_219_200_000
  static let minuteMs: Int64 = 60_000
  static let hourMs: Int64 = 3_600_000

  private(set) var samples: [DriftSample] = []
  private(set) var nowMs = DriftStream.startMs

  /// Adds `count` samples of that confidence, each `everyMs` after the one before; the first one of the
  /// stream has the present time.
  mutating func add(_ count: Int, _ confidencePpm: Int32, everyMs: Int64) {
    for _ in 0..<count {
      if !samples.isEmpty { nowMs += everyMs }
      samples.append(Self.sample(nowMs, confidencePpm, samples.count))
    }
  }

  static func sample(_ timestampMs: Int64, _ confidencePpm: Int32, _ number: Int = 0) -> DriftSample {
    DriftSample(
      timestampMs: timestampMs, eventID: "e\(number)", workerID: "W\(number % 3)",
      confidencePpm: confidencePpm)
  }

  /// The rule after all samples, and its transitions.
  func folded(_ settings: DriftSettings) -> (rule: ConfidenceLowRule, transitions: [DriftTransition]) {
    var rule = ConfidenceLowRule(settings: settings)
    let transitions = samples.compactMap { rule.apply($0) }
    return (rule, transitions)
  }

  /// A stream that visits every state often: a mean that moves around the limits, and gaps from none (equal
  /// times) to a night.
  static func random(_ count: Int, using random: inout DriftRandom) -> [DriftSample] {
    var timestampMs = startMs
    var level: Int32 = 760_000
    let samples = (0..<count).map { number in
      timestampMs += [0, 1, 999, 1000, 60_000, 700_000, 30_000_000].randomElement(using: &random)!
      level = max(600_000, min(950_000, level + .random(in: -30_000...30_000, using: &random)))
      let confidencePpm = max(0, min(1_000_000, level + .random(in: -60_000...60_000, using: &random)))
      return sample(timestampMs, confidencePpm, number)
    }
    return samples.sorted()
  }

  /// Limits with which such a stream has episodes of every kind.
  static func randomSettings(using random: inout DriftRandom) -> DriftSettings {
    let limitPpm = Int32.random(in: 720_000...800_000, using: &random)
    return DriftSettings(
      window: .random(in: 1...12, using: &random), limitPpm: limitPpm,
      clearLimitPpm: limitPpm + .random(in: 0...30_000, using: &random),
      onDelayMs: [0, 1, 61_000, 600_000, 3_600_000].randomElement(using: &random)!,
      gapCreditMs: [0, 1000, 60_000, 600_000].randomElement(using: &random)!,
      clearDelayMs: [0, 1000, 700_000, 1_800_000].randomElement(using: &random)!)
  }
}
