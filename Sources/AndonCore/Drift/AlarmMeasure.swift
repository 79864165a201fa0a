/// What a rule compared at its last judgement, as exact scaled integers.
public struct AlarmMeasure: Sendable, Hashable, Codable {
  /// Its name on the wire.
  public var metric: String
  /// The value times 10^`digits`, rounded down; nil while there are too few data.
  public var value: Int64?
  public var limit: Int64?
  public var clearLimit: Int64?
  public var digits: Int
  public var samples: Int?
  /// The active duration, milliseconds.
  public var activeMs: Int64?
  /// Free text for a person, e.g. what happened.
  public var note: String?

  public init(
    metric: String, value: Int64?, limit: Int64? = nil, clearLimit: Int64? = nil, digits: Int = 2,
    samples: Int? = nil, activeMs: Int64? = nil, note: String? = nil
  ) {
    self.metric = metric
    self.value = value
    self.limit = limit
    self.clearLimit = clearLimit
    self.digits = digits
    self.samples = samples
    self.activeMs = activeMs
    self.note = note
  }

  /// For rules that judge a mean confidence. Two decimals, rounded down: a mean below a limit of two decimals
  /// never prints as that limit.
  static func confidence(
    _ meanPpm: Int32?, _ limits: DriftSettings, samples: Int, activeMs: Int64
  ) -> AlarmMeasure {
    AlarmMeasure(
      metric: "confidence_mean", value: meanPpm.map { Int64($0) / 10_000 },
      limit: Int64(limits.limitPpm) / 10_000, clearLimit: Int64(limits.clearLimitPpm) / 10_000, digits: 2,
      samples: samples, activeMs: activeMs)
  }

  /// A scaled figure as text, with its decimals.
  public func text(_ scaled: Int64) -> String {
    guard digits > 0 else { return String(scaled) }
    var bytes: [UInt8] = []
    JSONWriter.append(scaled: scaled, digits: digits, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }
}
