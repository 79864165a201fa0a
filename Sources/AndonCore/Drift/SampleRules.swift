/// The rules of one key that judge sample by sample: `confidence_low`, `confidence_sparse` and `gate_share`.
///
/// What they remember are the samples of a window and a few times: once a late sample has left the window, and the
/// machines are in the same state as without it, nothing later differs. Equal samples in event time give equal
/// rules and equal bytes. About 1 kB, amortized O(1) a sample.
public struct SampleRules: Sendable, Hashable {
  let gatePpm: Int32
  public private(set) var low: ConfidenceLowRule
  var gate = GateShareRule()
  var sparse = ConfidenceSparseRule()
  public private(set) var firstSampleMs: Int64?

  public init(settings: DetectorSettings) {
    gatePpm = settings.gatePpm
    low = ConfidenceLowRule(settings: settings.low)
  }

  public var lastSample: DriftSample? { low.lastSample }
  package var lastMs: Int64? { low.lastMs }

  /// Applies the next sample, which must not lie before the last one. Returns the steps in the order of the rules.
  public mutating func apply(_ sample: DriftSample) -> [RuleStep] {
    apply(atMs: sample.timestampMs, confidencePpm: sample.confidencePpm)
  }

  /// The same by its numbers: which ids it has does not matter to the rules.
  package mutating func apply(atMs ms: Int64, confidencePpm: Int32) -> [RuleStep] {
    var steps: [RuleStep] = []
    firstSampleMs = firstSampleMs ?? ms
    let gateStep = gate.apply(atMs: ms, confidencePpm, before: low, gatePpm: gatePpm)
    let sparseStep = sparse.apply(atMs: ms, confidencePpm, before: low)
    if let step = low.apply(atMs: ms, confidencePpm: confidencePpm) {
      steps.append(RuleStep(rule: .confidenceLow, transition: step, valuePpm: low.meanPpm))
    }
    if let step = sparseStep {
      steps.append(RuleStep(rule: .confidenceSparse, transition: step, valuePpm: sparse.meanPpm))
    }
    if let step = gateStep {
      steps.append(RuleStep(rule: .gateShare, transition: step, valuePpm: gateSharePpm))
    }
    return steps
  }

  var gateSharePpm: Int32? {
    low.sampleCount == low.settings.window
      ? Int32(Int64(gate.below) * 1_000_000 / Int64(low.settings.window)) : nil
  }

  public static let rules: [AlarmRule] = [.confidenceLow, .confidenceSparse, .gateShare]
}

extension SampleRules {
  private static let formatVersion: Int64 = 1

  /// The whole state for a checkpoint in the store. Equal rules give equal bytes.
  public func encoded() -> [UInt8] {
    var writer = ByteWriter()
    encode(into: &writer)
    return writer.bytes
  }

  /// Reads what `encoded` wrote; nil for anything else, and for a state that other settings led to.
  public init?(encoded bytes: [UInt8], settings: DetectorSettings) {
    var reader = ByteReader(bytes)
    self.init(&reader, settings: settings)
    guard reader.isAtEnd else { return nil }
  }

  func encode(into writer: inout ByteWriter) {
    writer.append([Self.formatVersion, Int64(gatePpm)])
    low.encode(into: &writer)
    gate.encode(into: &writer)
    sparse.encode(into: &writer)
    writer.append([firstSampleMs == nil ? 0 : 1, firstSampleMs ?? 0])
  }

  init?(_ reader: inout ByteReader, settings: DetectorSettings) {
    guard reader.integer() == Self.formatVersion, reader.integer() == Int64(settings.gatePpm),
      let low = ConfidenceLowRule(&reader, settings: settings.low),
      let gate = GateShareRule(&reader, low: low, gatePpm: settings.gatePpm),
      let sparse = ConfidenceSparseRule(&reader, low: low), let hasFirst = reader.flag(),
      let first = reader.integer(), ConfidenceLowRule.times.contains(first), hasFirst || first == 0,
      hasFirst == (low.lastSample != nil), low.lastSample.map({ first <= $0.timestampMs }) ?? true
    else { return nil }
    gatePpm = settings.gatePpm
    (self.low, self.gate, self.sparse) = (low, gate, sparse)
    firstSampleMs = hasFirst ? first : nil
  }
}
