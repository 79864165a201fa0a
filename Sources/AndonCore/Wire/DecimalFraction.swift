/// Exact parsing of a decimal fraction 0…1 without binary floating point: 0.6999999 must not become 0.7.
enum DecimalFraction {
  enum Failure: Error { case negative, aboveOne }

  private static let exponentLimit = 1_000_000

  /// Millionths of a JSON number, floored. `JSONScanner` must have accepted the range. O(digits).
  ///
  /// - Parameter shift: The value is `number × 10^shift`; -2 for a percentage.
  static func ppm(_ range: Range<Int>, _ bytes: Span<UInt8>, shift: Int = 0) throws(Failure) -> Int32 {
    var position = range.lowerBound
    let isNegative = bytes[position] == UInt8(ascii: "-")
    if isNegative { position += 1 }
    // The value is 0.d₁d₂d₃… × 10^scale with d₁ ≠ 0.
    var scale = shift
    var leading: Int32 = 0
    var kept = 0
    var hasRest = false
    var isBehindPoint = false
    var isSignificant = false
    while position < range.upperBound {
      let byte = bytes[position]
      if byte == UInt8(ascii: ".") {
        isBehindPoint = true
      } else if byte | 0x20 == UInt8(ascii: "e") {
        scale += exponent(position + 1..<range.upperBound, bytes)
        break
      } else {
        let digit = Int32(byte - UInt8(ascii: "0"))
        if digit != 0 { isSignificant = true }
        if isSignificant, !isBehindPoint { scale += 1 }
        if !isSignificant, isBehindPoint { scale -= 1 }
        if isSignificant {
          if kept < 7 {
            leading = leading * 10 + digit
            kept += 1
          } else if digit != 0 {
            hasRest = true
          }
        }
      }
      position += 1
    }
    guard isSignificant else { return 0 }
    if isNegative { throw .negative }
    // d₁ ≠ 0, so a scale of 2 or more is at least 10.
    guard scale <= 1 else { throw .aboveOne }
    return try ppm(leading: leading, kept: kept, scale: scale, hasRest: hasRest)
  }

  /// The first `scale + 6` digits are the millionths; the others are cut off.
  private static func ppm(
    leading: Int32, kept: Int, scale: Int, hasRest: Bool
  ) throws(Failure) -> Int32 {
    let wanted = scale + 6
    guard wanted > 0 else { return 0 }
    var value = Int64(leading)
    var cut = hasRest
    for _ in 0..<max(0, kept - wanted) {
      if value % 10 != 0 { cut = true }
      value /= 10
    }
    for _ in 0..<max(0, wanted - kept) { value *= 10 }
    guard value < 1_000_000 || (value == 1_000_000 && !cut) else { throw .aboveOne }
    return Int32(value)
  }

  /// The exponent after an `e`, limited to ±1 000 000.
  static func exponent(_ range: Range<Int>, _ bytes: Span<UInt8>) -> Int {
    var position = range.lowerBound
    let sign = bytes[position]
    if sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { position += 1 }
    var value = 0
    while position < range.upperBound {
      value = min(exponentLimit, value * 10 + Int(bytes[position] - UInt8(ascii: "0")))
      position += 1
    }
    return sign == UInt8(ascii: "-") ? -value : value
  }
}
