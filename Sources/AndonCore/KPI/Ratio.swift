/// Integer division with one rounding, half up, and without overflow.
enum Ratio {
  /// `numerator × factor / denominator`, rounded; nil when the denominator is 0. All arguments ≥ 0; a
  /// quotient that does not fit is `.max`.
  static func scaled(_ numerator: Int64, by factor: Int64, over denominator: Int64) -> Int64? {
    guard denominator > 0 else { return nil }
    precondition(numerator >= 0 && factor >= 0, "figures are never negative")
    let divisor = UInt64(denominator)
    let product = UInt64(numerator).multipliedFullWidth(by: UInt64(factor))
    guard product.high < divisor else { return .max }
    let (quotient, remainder) = divisor.dividingFullWidth((product.high, product.low))
    return Int64(clamping: remainder >= divisor - remainder ? quotient + 1 : quotient)
  }

  /// The share of a part in a whole, hundredths of a percent, 0…10 000; nil when the whole is 0.
  static func percent(_ part: Int64, of whole: Int64) -> Int64? {
    precondition(part <= whole, "a part is never more than its whole")
    return scaled(part, by: 10_000, over: whole)
  }

  /// Hundredths of units per hour; nil when the time is 0.
  static func perHour(_ units: Int64, in milliseconds: Int64) -> Int64? {
    scaled(units, by: 3_600_000 * 100, over: milliseconds)
  }
}
