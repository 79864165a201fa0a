/// The rule `confidence_sparse` for one key: `confidence_low` for cameras with few events.
///
/// The mean covers the last samples that are not older than 24 h, at most a window of them. Fewer than 30
/// give no verdict. With a full window `confidence_low` judges: no episode begins here then, but an open one
/// continues until it clears. Values and gaps are those of `confidence_low`. Amortized O(1) a sample: each
/// enters once and leaves once.
struct ConfidenceSparseRule: Sendable, Hashable {
  private(set) var machine = OnDelay()
  /// Samples in the mean.
  private(set) var count = 0
  private var sum: Int64 = 0
  /// The age of the oldest counted sample, milliseconds.
  private var spanMs: Int64 = 0

  static let minimum = 30
  static let horizonMs: Int64 = 86_400_000

  /// The mean in millionths, floored; nil without a verdict.
  var meanPpm: Int32? { count >= Self.minimum ? Int32(sum / Int64(count)) : nil }

  func isLow(_ settings: DriftSettings) -> Bool {
    count >= Self.minimum && sum < Int64(settings.limitPpm) * Int64(count)
  }

  /// Applies a sample; call it before `low` applies the same one.
  mutating func apply(
    atMs ms: Int64, _ confidencePpm: Int32, before low: ConfidenceLowRule
  ) -> DriftTransition? {
    let settings = low.settings
    let gapMs = ms - (low.lastMs ?? ms)
    let wasLow = isLow(settings)
    age(by: gapMs, low)
    count += 1
    sum += Int64(confidencePpm)
    guard count >= Self.minimum else { return machine.loseVerdict(atMs: ms) }
    if count == settings.window, !machine.state.isActive {
      return machine.loseVerdict(atMs: ms)
    }
    return machine.apply(
      wasBad: wasLow, isBad: isLow(settings),
      isWell: sum >= Int64(settings.clearLimitPpm) * Int64(count), atMs: ms, gapMs: gapMs,
      timing: settings.timing)
  }

  /// Drops the samples that are too old, or one too many, once time advances by `gapMs`.
  private mutating func age(by gapMs: Int64, _ low: ConfidenceLowRule) {
    guard gapMs <= Self.horizonMs else {
      (count, sum, spanMs) = (0, 0, 0)
      return
    }
    spanMs = count == 0 ? 0 : spanMs + gapMs
    while count > 0, spanMs > Self.horizonMs || count == low.settings.window {
      sum -= Int64(low.confidencePpm(ago: count - 1))
      count -= 1
      // The gap from the dropped sample to its successor; the newest sample is not in the ring yet.
      spanMs -= count == 0 ? spanMs : low.gapMs(ago: count - 1)
    }
  }

  func encode(into writer: inout ByteWriter) {
    machine.encode(into: &writer)
    writer.append([Int64(count), sum, spanMs])
  }

  init() {}

  init?(_ reader: inout ByteReader, low: ConfidenceLowRule) {
    guard let machine = OnDelay(&reader), let count = reader.integer(), let sum = reader.integer(),
      let span = reader.integer(), (0...Int64(low.sampleCount)).contains(count),
      (0...Self.horizonMs).contains(span),
      sum == (0..<Int(count)).reduce(0, { $0 + Int64(low.confidencePpm(ago: $1)) }),
      span == (0..<max(0, Int(count) - 1)).reduce(0, { $0 + low.gapMs(ago: $1) })
    else { return nil }
    self.machine = machine
    (self.count, self.sum, spanMs) = (Int(count), sum, span)
  }
}
