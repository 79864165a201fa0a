/// The exact sum of the confidences of one key in one hour of UTC.
public struct HourSum: Sendable, Hashable {
  /// Hours since 1970.
  public var hour: Int64
  public var count: Int64 = 0
  /// The sum of the confidences, millionths.
  public var sum: Int64 = 0
  /// How many samples lie below the gate.
  public var belowGate: Int64 = 0

  public static let milliseconds: Int64 = 3_600_000

  public init(hour: Int64, count: Int64 = 0, sum: Int64 = 0, belowGate: Int64 = 0) {
    self.hour = hour
    self.count = count
    self.sum = sum
    self.belowGate = belowGate
  }

  /// The hour that contains the instant.
  public static func hour(of timestampMs: Int64) -> Int64 { timestampMs.flooredDivision(by: milliseconds) }

  /// Any hour of the calendar; adding a few weeks of hours does not overflow, in milliseconds either.
  static let hours: ClosedRange<Int64> = -(1 << 40)...(1 << 40)

  /// The exclusive end of the hour.
  public var endMs: Int64 { (hour + 1) * Self.milliseconds }

  /// The mean, floored; nil for an empty hour.
  public var meanPpm: Int32? { count > 0 ? Int32(sum / count) : nil }

  /// Adds a sample of this hour.
  public mutating func add(_ sample: DriftSample, gatePpm: Int32) {
    count += 1
    sum += Int64(sample.confidencePpm)
    if sample.confidencePpm < gatePpm { belowGate += 1 }
  }
}
