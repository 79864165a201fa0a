/// The rule `gate_share` for one key: too many of the last samples lie below the confidence gate of the KPIs.
///
/// Bad is more than 25 % of a full window below the gate, good is less than 12.5 %. The samples are those of
/// `confidence_low`; this rule keeps only a count. O(1) a sample.
struct GateShareRule: Sendable, Hashable {
  private(set) var machine = OnDelay()
  /// How many samples of the window lie below the gate.
  private(set) var below: Int = 0

  static func isBad(_ below: Int, _ window: Int) -> Bool { below * 4 > window }

  /// Applies a sample; call it before `low` applies the same one.
  mutating func apply(
    atMs ms: Int64, _ confidencePpm: Int32, before low: ConfidenceLowRule, gatePpm: Int32
  ) -> DriftTransition? {
    let window = low.settings.window
    let wasFull = low.sampleCount == window
    let wasBad = wasFull && Self.isBad(below, window)
    if let oldest = low.oldestPpm, oldest < gatePpm { below -= 1 }
    if confidencePpm < gatePpm { below += 1 }
    guard wasFull || low.sampleCount + 1 == window else { return nil }
    return machine.apply(
      wasBad: wasBad, isBad: Self.isBad(below, window), isWell: below * 8 < window, atMs: ms,
      gapMs: ms - (low.lastMs ?? ms),
      timing: low.settings.timing)
  }

  func encode(into writer: inout ByteWriter) {
    machine.encode(into: &writer)
    writer.append(Int64(below))
  }

  init() {}

  init?(_ reader: inout ByteReader, low: ConfidenceLowRule, gatePpm: Int32) {
    guard let machine = OnDelay(&reader), let below = reader.integer(),
      below == Int64((0..<low.sampleCount).count { low.confidencePpm(ago: $0) < gatePpm })
    else { return nil }
    self.machine = machine
    self.below = Int(below)
  }
}
