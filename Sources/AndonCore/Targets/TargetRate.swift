/// How many units are to be made in an hour of planned time.
///
/// Millionths of a unit, so that a number of units for a shift, as a rate, gives that number again: the error of the
/// rate is at most 12 millionths of a unit in a day.
public struct TargetRate: Sendable, Hashable {
  /// 1…`most`.
  public let microUnitsPerHour: Int64

  /// Ten million units an hour.
  public static let most: Int64 = 10_000_000_000_000
  private static let hourMs: Int64 = 3_600_000

  /// Nil for a rate that is not in `1…most`.
  public init?(microUnitsPerHour rate: Int64) {
    guard 1...Self.most ~= rate else { return nil }
    microUnitsPerHour = rate
  }

  /// From a decimal number as people write it, rounded to a millionth.
  public init?(unitsPerHour: Double) {
    guard unitsPerHour > 0, unitsPerHour <= Double(Self.most) / 1e6 else { return nil }
    self.init(microUnitsPerHour: Int64((unitsPerHour * 1e6).rounded()))
  }

  /// So many units in a duration, rounded half up. Nil when the rate is out of range.
  public init?(units: Int64, inMs durationMs: Int64) {
    guard units > 0, durationMs > 0 else { return nil }
    let product = Int128(units) * Int128(Self.hourMs) * 1_000_000
    self.init(
      microUnitsPerHour: Int64(clamping: (product + Int128(durationMs) / 2) / Int128(durationMs)))
  }

  /// The time for one unit, milliseconds, rounded half up.
  public var taktMs: Int64 {
    (Self.hourMs * 1_000_000 + microUnitsPerHour / 2) / microUnitsPerHour
  }

  /// Whole units of an amount in millionths of a unit times milliseconds per hour, rounded half up.
  static func units(_ amount: Int128) -> Int64 {
    let unit = Int128(hourMs) * 1_000_000
    return Int64(clamping: (amount + unit / 2) / unit)
  }
}
