/// A limit for `confidence_low` of one key, from the samples of its own baseline: the time in which the model is taken
/// to be well.
///
/// It is tried out: of the limits in steps of 0.01, the highest one that would have raised nothing in the baseline.
public struct LimitSuggestion: Sendable, Hashable {
  public let key: DriftKey
  /// The baseline: its first and last sample, epoch milliseconds, and how many there are.
  public private(set) var fromMs: Int64?
  public private(set) var toMs: Int64?
  public private(set) var samples: Int64 = 0
  private var sum: Int64 = 0
  /// One rule for each limit that is tried, lowest first; the last one has the key's own settings.
  private var rules: [ConfidenceLowRule]
  private var raised: [Int64]

  /// The length of a baseline, as that of `confidence_shift`.
  public static let baselineMs: Int64 = 14 * 86_400_000
  /// With fewer samples a limit says little.
  public static let enoughSamples: Int64 = 1000
  static let triedPpm = Array(stride(from: Int32(400_000), through: 950_000, by: 10_000))

  public init(key: DriftKey, settings: DetectorSettings) {
    self.key = key
    let low = settings.low
    let distance = low.clearLimitPpm - low.limitPpm
    let tried = Self.triedPpm.map { limit in
      DriftSettings(
        window: low.window, limitPpm: limit, clearLimitPpm: min(limit + distance, 1_000_000),
        onDelayMs: low.onDelayMs, gapCreditMs: low.gapCreditMs, clearDelayMs: low.clearDelayMs)
    }
    rules = (tried + [low]).map(ConfidenceLowRule.init)
    raised = Array(repeating: 0, count: rules.count)
  }

  /// Takes in the next sample in event time; those after the baseline change nothing. O(limits tried).
  public mutating func add(_ sample: DriftSample) {
    let start = fromMs ?? sample.timestampMs
    guard sample.timestampMs < start + Self.baselineMs else { return }
    (fromMs, toMs) = (start, sample.timestampMs)
    samples += 1
    sum += Int64(sample.confidencePpm)
    for index in rules.indices where rules[index].apply(sample)?.kind == .raised { raised[index] += 1 }
  }

  public var meanPpm: Int64? { samples > 0 ? sum / samples : nil }
  public var isEnough: Bool { samples >= Self.enoughSamples }

  /// A limit that was tried, and how often it would have called in the baseline.
  public struct Choice: Sendable, Hashable {
    public let limitPpm: Int32
    public let clearLimitPpm: Int32
    public let falsePages: Int64
  }

  private func choice(_ index: Int) -> Choice {
    let settings = rules[index].settings
    return Choice(
      limitPpm: settings.limitPpm, clearLimitPpm: settings.clearLimitPpm, falsePages: raised[index])
  }

  /// The limit that holds for the key now.
  public var current: Choice { choice(rules.count - 1) }

  /// The highest limit without a false page below which none has one, either; nil where even the lowest would have
  /// called, or without a full window.
  public var suggested: Choice? {
    guard samples >= Int64(rules[0].settings.window) else { return nil }
    let first = Self.triedPpm.indices.first { raised[$0] > 0 } ?? Self.triedPpm.count
    return first > 0 ? choice(first - 1) : nil
  }

  /// What the next two stricter limits would have cost.
  public var stricter: [Choice] {
    guard let suggested, let index = Self.triedPpm.firstIndex(of: suggested.limitPpm) else { return [] }
    return (index + 1..<min(index + 3, Self.triedPpm.count)).map(choice)
  }
}
