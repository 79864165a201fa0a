/// All rules that judge the confidences of one key: a pure function of its samples in event time.
///
/// About 1 kB, amortized O(1) a sample. Rules that look back days and weeks read closed hours, which the
/// detector returns as they close and asks for again: at most 47 an hour, and 336 once. Equal samples in any
/// order of arrival, once sorted, give equal detectors and equal bytes.
public struct DriftDetector: Sendable, Hashable {
  public private(set) var samples: SampleRules
  public private(set) var hours = HourRules()
  /// The hour that is still open.
  public private(set) var openHour: HourSum?

  public init(settings: DetectorSettings) { samples = SampleRules(settings: settings) }

  /// A detector of parts that were computed apart.
  ///
  /// - Parameter openHour: the hour of the last sample; nil when `hours` has it already, because the next sample is
  ///   of a later one.
  public init(samples: SampleRules, hours: HourRules, openHour: HourSum?) {
    (self.samples, self.hours, self.openHour) = (samples, hours, openHour)
  }

  public var low: ConfidenceLowRule { samples.low }

  public var settings: DetectorSettings { DetectorSettings(low: low.settings, gatePpm: samples.gatePpm) }

  public var firstSampleMs: Int64? { samples.firstSampleMs }

  public var lastSample: DriftSample? { low.lastSample }

  /// What a sample led to.
  public struct Result: Sendable {
    /// The steps of hourly rules first, then in the order of the rules.
    public var steps: [RuleStep] = []
    /// The hour that this sample closed; `hours` is the state of the hourly rules after it.
    public var closedHour: HourSum?
  }

  /// Applies the next sample, which must not lie before the last one.
  ///
  /// - Parameter hours: returns the closed hours of this key in a range, as they were returned earlier, by
  ///   hour.
  public mutating func apply(
    _ sample: DriftSample, hours: (Range<Int64>) throws -> [HourSum]
  ) rethrows -> Result {
    var result = Result()
    let hour = HourSum.hour(of: sample.timestampMs)
    if let open = openHour, open.hour < hour {
      openHour = nil
      result.closedHour = open
      result.steps = try self.hours.close(
        open, firstHour: firstSampleMs.map(HourSum.hour) ?? open.hour, hours: hours)
    }
    if openHour == nil { openHour = HourSum(hour: hour) }
    openHour?.add(sample, gatePpm: samples.gatePpm)
    let steps = samples.apply(atMs: sample.timestampMs, confidencePpm: sample.confidencePpm)
    if !steps.isEmpty { result.steps += steps }
    return result
  }

  /// The current state of a rule.
  public func state(of rule: AlarmRule) -> OnDelayState {
    switch rule {
    case .confidenceLow: low.state
    case .confidenceSparse: samples.sparse.machine.state
    case .gateShare: samples.gate.machine.state
    case .confidenceDrop:
      hours.drop.raisedMs.map { .active(sinceMs: $0, raisedMs: $0) }
        ?? (hours.drop.nowPpm == nil ? .insufficientData : .normal)
    case .confidenceShift:
      hours.shift.raised.map { .active(sinceMs: $0.sinceMs, raisedMs: $0.atMs) }
        ?? (hours.shift.thresholdPpm == nil ? .insufficientData : .normal)
    default: .normal
    }
  }

  /// Whether a rule's condition holds and the newest samples (the last 20, or the last hour) show it too: a
  /// window stays bad long after the problem is over. Decides whether an alarm may page now.
  public func isBadNow(_ rule: AlarmRule) -> Bool {
    let count = min(Self.tail, low.sampleCount)
    guard count > 0 else { return false }
    let newest = (0..<count).map { low.confidencePpm(ago: $0) }
    switch rule {
    case .confidenceLow, .confidenceSparse:
      guard rule == .confidenceLow ? low.isLow : samples.sparse.isLow(low.settings) else { return false }
      return newest.reduce(0) { $0 + Int64($1) } < Int64(low.settings.limitPpm) * Int64(count)
    case .gateShare:
      return GateShareRule.isBad(samples.gate.below, low.settings.window)
        && newest.count { $0 < samples.gatePpm } * 4 > count
    case .confidenceShift: return hours.shift.isRising
    default: return true
    }
  }

  private static let tail = 20

  /// What a rule judges by now: the value, the limits and the number of samples.
  public func measure(of rule: AlarmRule) -> AlarmMeasure {
    let limits = low.settings
    switch rule {
    case .confidenceSparse:
      return .confidence(
        samples.sparse.meanPpm, limits, samples: samples.sparse.count,
        activeMs: samples.sparse.machine.activeMs)
    case .gateShare:
      return AlarmMeasure(
        metric: "below_gate_pct", value: samples.gateSharePpm.map { Int64($0) / 100 }, limit: 2500,
        clearLimit: 1250,
        digits: 2, samples: low.sampleCount, activeMs: samples.gate.machine.activeMs)
    case .confidenceDrop:
      let before = hours.drop.weekBeforePpm.map(Int64.init)
      return AlarmMeasure(
        metric: "confidence_mean_24h", value: hours.drop.nowPpm.map { Int64($0) / 10_000 },
        limit: before.map { $0 * 85 / 1_000_000 }, clearLimit: before.map { $0 * 90 / 1_000_000 }, digits: 2,
        samples: nil, activeMs: nil)
    case .confidenceShift:
      return AlarmMeasure(
        metric: "cusum", value: hours.shift.sumPpm / 10_000,
        limit: hours.shift.thresholdPpm.map { $0 / 10_000 },
        clearLimit: hours.shift.thresholdPpm.map { $0 / 50_000 }, digits: 2, samples: nil, activeMs: nil)
    case .versionRegression:
      // The rule compared other samples; there is no limit to show.
      return AlarmMeasure(
        metric: "confidence_mean", value: low.meanPpm.map { Int64($0) / 10_000 }, samples: low.sampleCount)
    default:
      return .confidence(low.meanPpm, limits, samples: low.sampleCount, activeMs: low.activeMs)
    }
  }

  /// The rules that this detector applies.
  public static let rules: [AlarmRule] = [
    .confidenceLow, .confidenceDrop, .confidenceSparse, .gateShare, .confidenceShift,
  ]
}

extension DriftDetector {
  private static let formatVersion: Int64 = 3

  /// The whole state for the store. Equal detectors give equal bytes.
  public func encoded() -> [UInt8] {
    var writer = ByteWriter()
    writer.append(Self.formatVersion)
    samples.encode(into: &writer)
    hours.encode(into: &writer)
    let open = openHour ?? HourSum(hour: 0)
    writer.append([openHour == nil ? 0 : 1, open.hour, open.count, open.sum, open.belowGate])
    return writer.bytes
  }

  /// Reads what `encoded` wrote; nil for anything else, and for a state that other settings led to.
  public init?(encoded bytes: [UInt8], settings: DetectorSettings) {
    var reader = ByteReader(bytes)
    guard reader.integer() == Self.formatVersion, let samples = SampleRules(&reader, settings: settings),
      let hours = HourRules(&reader), let isOpen = reader.flag(), let hour = reader.integer(),
      let count = reader.integer(), let sum = reader.integer(), let below = reader.integer(), reader.isAtEnd,
      isOpen == (samples.lastSample != nil), HourSum.hours.contains(hour),
      (0...1 << 40).contains(count), (0...count * 1_000_000).contains(sum), (0...count).contains(below),
      samples.lastSample.map({ HourSum.hour(of: $0.timestampMs) == hour }) ?? true,
      hours.shift.isPossible(openHour: isOpen ? hour : nil)
    else { return nil }
    (self.samples, self.hours) = (samples, hours)
    openHour = isOpen ? HourSum(hour: hour, count: count, sum: sum, belowGate: below) : nil
  }
}
