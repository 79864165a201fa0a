/// Decimal numbers of JSON texts as integers: 1607123961.837752 s is exactly 1607123961837 ms, without the
/// error of a `Double`.
enum ExactDecimal {
  /// `number × 10^power`, rounded towards negative infinity, and whether no digits were cut off; nil when it
  /// does not fit. `JSONScanner` must have accepted the range. O(digits).
  static func scaled(
    _ range: Range<Int>, _ bytes: Span<UInt8>, power: Int
  ) -> (value: Int64, isExact: Bool)? {
    var position = range.lowerBound
    let isNegative = bytes[position] == UInt8(ascii: "-")
    if isNegative { position += 1 }
    // How many digits stand before the point once it is moved.
    var wanted = power
    var isBehindPoint = false
    let start = position
    var end = position
    while end < range.upperBound, bytes[end] | 0x20 != UInt8(ascii: "e") {
      if bytes[end] == UInt8(ascii: ".") { isBehindPoint = true } else if !isBehindPoint { wanted += 1 }
      end += 1
    }
    if end < range.upperBound { wanted += DecimalFraction.exponent(end + 1..<range.upperBound, bytes) }
    var value: Int64 = 0
    var taken = 0
    var isExact = true
    for index in start..<end where bytes[index] != UInt8(ascii: ".") {
      let digit = Int64(bytes[index] - UInt8(ascii: "0"))
      if taken < wanted {
        guard let longer = appending(digit, to: value) else { return nil }
        value = longer
        taken += 1
      } else if digit != 0 {
        isExact = false
      }
    }
    while taken < wanted, value != 0 {
      guard let longer = appending(0, to: value) else { return nil }
      value = longer
      taken += 1
    }
    guard isNegative else { return (value, isExact) }
    return (isExact ? -value : -value - 1, isExact)
  }

  private static func appending(_ digit: Int64, to value: Int64) -> Int64? {
    let (product, overflow) = value.multipliedReportingOverflow(by: 10)
    let (sum, carry) = product.addingReportingOverflow(digit)
    return overflow || carry ? nil : sum
  }
}
