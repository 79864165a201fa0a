/// All rules that judge the confidences of one key: a pure function of its samples in event time.
///
/// About 1 kB, amortized O(1) a sample. Rules that look back days and weeks read closed hours, which the
/// detector returns as they close and asks for again: at most 47 an hour, and 336 once. Equal samples in any
/// order of arrival, once sorted, give equal detectors and equal bytes.
public struct DriftDetector: Sendable, Hashable {
  private let gatePpm: Int32
  public private(set) var low: ConfidenceLowRule
  private var gate = GateShareRule()
  private var sparse = ConfidenceSparseRule()
  private var drop = ConfidenceDropRule()
  private var shift = ConfidenceShiftRule()
  /// The hour that is still open.
  public private(set) var openHour: HourSum?
  public private(set) var firstSampleMs: Int64?

  public init(settings: DetectorSettings) {
    gatePpm = settings.gatePpm
    low = ConfidenceLowRule(settings: settings.low)
  }

  public var settings: DetectorSettings { DetectorSettings(low: low.settings, gatePpm: gatePpm) }

  public var lastSample: DriftSample? { low.lastSample }

  /// What a sample led to.
  public struct Result: Sendable {
    /// The steps of hourly rules first, then in the order of the rules.
    public var steps: [RuleStep] = []
    /// The hour that this sample closed.
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
    if let open = openHour, open.hour < hour { try close(open, hours: hours, &result) }
    if openHour == nil { openHour = HourSum(hour: hour) }
    openHour?.add(sample, gatePpm: gatePpm)
    firstSampleMs = firstSampleMs ?? sample.timestampMs
    let gateStep = gate.apply(sample, before: low, gatePpm: gatePpm)
    let sparseStep = sparse.apply(sample, before: low)
    if let step = low.apply(sample) {
      result.steps.append(RuleStep(rule: .confidenceLow, transition: step, valuePpm: low.meanPpm))
    }
    if let step = sparseStep {
      result.steps.append(RuleStep(rule: .confidenceSparse, transition: step, valuePpm: sparse.meanPpm))
    }
    if let step = gateStep {
      result.steps.append(RuleStep(rule: .gateShare, transition: step, valuePpm: gateSharePpm))
    }
    return result
  }

  private mutating func close(
    _ open: HourSum, hours: (Range<Int64>) throws -> [HourSum], _ result: inout Result
  ) rethrows {
    openHour = nil
    result.closedHour = open
    // Hours before the first sample belong to samples that were deleted; they are no part of this detector.
    let first = firstSampleMs.map(HourSum.hour) ?? open.hour
    func past(_ range: Range<Int64>) throws -> [HourSum] {
      range.upperBound > first ? try hours(max(first, range.lowerBound)..<range.upperBound) : []
    }
    if let step = try drop.close(open, hours: past) {
      result.steps.append(RuleStep(rule: .confidenceDrop, transition: step, valuePpm: drop.nowPpm))
    }
    if let step = try shift.close(open, hours: past) {
      result.steps.append(RuleStep(rule: .confidenceShift, transition: step, valuePpm: open.meanPpm))
    }
  }

  private var gateSharePpm: Int32? {
    low.sampleCount == low.settings.window
      ? Int32(Int64(gate.below) * 1_000_000 / Int64(low.settings.window)) : nil
  }

  /// The current state of a rule.
  public func state(of rule: AlarmRule) -> OnDelayState {
    switch rule {
    case .confidenceLow: low.state
    case .confidenceSparse: sparse.machine.state
    case .gateShare: gate.machine.state
    case .confidenceDrop:
      drop.raisedMs.map { .active(sinceMs: $0, raisedMs: $0) }
        ?? (drop.nowPpm == nil ? .insufficientData : .normal)
    case .confidenceShift:
      shift.raised.map { .active(sinceMs: $0.sinceMs, raisedMs: $0.atMs) }
        ?? (shift.thresholdPpm == nil ? .insufficientData : .normal)
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
      guard rule == .confidenceLow ? low.isLow : sparse.isLow(low.settings) else { return false }
      return newest.reduce(0) { $0 + Int64($1) } < Int64(low.settings.limitPpm) * Int64(count)
    case .gateShare:
      return GateShareRule.isBad(gate.below, low.settings.window) && newest.count { $0 < gatePpm } * 4 > count
    case .confidenceShift: return shift.isRising
    default: return true
    }
  }

  private static let tail = 20

  /// What a rule judges by now: the value, the limits and the number of samples.
  public func measure(of rule: AlarmRule) -> AlarmMeasure {
    let limits = low.settings
    switch rule {
    case .confidenceSparse:
      return .confidence(sparse.meanPpm, limits, samples: sparse.count, activeMs: sparse.machine.activeMs)
    case .gateShare:
      return AlarmMeasure(
        metric: "below_gate_pct", value: gateSharePpm.map { Int64($0) / 100 }, limit: 2500, clearLimit: 1250,
        digits: 2, samples: low.sampleCount, activeMs: gate.machine.activeMs)
    case .confidenceDrop:
      let before = drop.weekBeforePpm.map(Int64.init)
      return AlarmMeasure(
        metric: "confidence_mean_24h", value: drop.nowPpm.map { Int64($0) / 10_000 },
        limit: before.map { $0 * 85 / 1_000_000 }, clearLimit: before.map { $0 * 90 / 1_000_000 }, digits: 2,
        samples: nil, activeMs: nil)
    case .confidenceShift:
      return AlarmMeasure(
        metric: "cusum", value: shift.sumPpm / 10_000, limit: shift.thresholdPpm.map { $0 / 10_000 },
        clearLimit: shift.thresholdPpm.map { $0 / 50_000 }, digits: 2, samples: nil, activeMs: nil)
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
  private static let formatVersion: Int64 = 2

  /// The whole state for a checkpoint in the store. Equal detectors give equal bytes.
  public func encoded() -> [UInt8] {
    var writer = ByteWriter()
    writer.append([Self.formatVersion, Int64(gatePpm)])
    low.encode(into: &writer)
    gate.encode(into: &writer)
    sparse.encode(into: &writer)
    drop.encode(into: &writer)
    shift.encode(into: &writer)
    let open = openHour ?? HourSum(hour: 0)
    writer.append([openHour == nil ? 0 : 1, open.hour, open.count, open.sum, open.belowGate])
    writer.append([firstSampleMs == nil ? 0 : 1, firstSampleMs ?? 0])
    return writer.bytes
  }

  /// Reads what `encoded` wrote; nil for anything else, and for a state that other settings led to.
  public init?(encoded bytes: [UInt8], settings: DetectorSettings) {
    var reader = ByteReader(bytes)
    guard reader.integer() == Self.formatVersion, reader.integer() == Int64(settings.gatePpm),
      let low = ConfidenceLowRule(&reader, settings: settings.low),
      let gate = GateShareRule(&reader, low: low, gatePpm: settings.gatePpm),
      let sparse = ConfidenceSparseRule(&reader, low: low), let drop = ConfidenceDropRule(&reader),
      let shift = ConfidenceShiftRule(&reader),
      let isOpen = reader.flag(), let hour = reader.integer(), let count = reader.integer(),
      let sum = reader.integer(), let below = reader.integer(), let hasFirst = reader.flag(),
      let first = reader.integer(), reader.isAtEnd, isOpen == (low.lastSample != nil),
      hasFirst == isOpen, HourSum.hours.contains(hour), ConfidenceLowRule.times.contains(first),
      (0...1 << 40).contains(count), (0...count * 1_000_000).contains(sum),
      (0...count).contains(below),
      low.lastSample.map({ HourSum.hour(of: $0.timestampMs) == hour && first <= $0.timestampMs }) ?? true,
      shift.isPossible(openHour: isOpen ? hour : nil)
    else { return nil }
    gatePpm = settings.gatePpm
    (self.low, self.gate, self.sparse, self.drop, self.shift) = (low, gate, sparse, drop, shift)
    openHour = isOpen ? HourSum(hour: hour, count: count, sum: sum, belowGate: below) : nil
    firstSampleMs = hasFirst ? first : nil
  }
}
