/// Reads RFC 3339 timestamps strictly, in integers.
public enum Timestamp {
  /// Epoch milliseconds of `yyyy-mm-ddThh:mm:ss[.fraction](Z|±hh:mm)`, years 0000…9999; the fraction is
  /// floored. `t` and `z` are accepted, as RFC 3339 allows. Leap seconds, 24:00, dates that do not exist, a
  /// space for the `T` and anything after the offset are refused. O(length), no allocation.
  ///
  /// - Parameter assumeUTC: Read a text without an offset as UTC instead of refusing it.
  public static func parse(_ text: Span<UInt8>, assumeUTC: Bool) throws(TimestampError) -> Int64 {
    guard text.count >= 19 else { throw .malformed }
    let year = try number(text, at: 0, digits: 4)
    try expect("-", text, at: 4)
    let month = try number(text, at: 5, digits: 2)
    try expect("-", text, at: 7)
    let day = try number(text, at: 8, digits: 2)
    guard text[10] == UInt8(ascii: "T") || text[10] == UInt8(ascii: "t") else { throw .malformed }
    let hour = try number(text, at: 11, digits: 2)
    try expect(":", text, at: 13)
    let minute = try number(text, at: 14, digits: 2)
    try expect(":", text, at: 16)
    let second = try number(text, at: 17, digits: 2)
    guard (1...12).contains(month) else { throw .outOfRange("month") }
    guard day >= 1, day <= CivilTime.daysInMonth(year: year, month: month) else { throw .outOfRange("day") }
    guard hour <= 23 else { throw .outOfRange("hour") }
    guard minute <= 59 else { throw .outOfRange("minute") }
    guard second <= 59 else { throw .outOfRange("second") }
    var position = 19
    let millisecond = try fraction(text, at: &position)
    let offset = try offsetMs(text, at: position, assumeUTC: assumeUTC)
    let civil = CivilTime(
      year: year, month: month, day: day, hour: hour, minute: minute, second: second, millisecond: millisecond
    )
    return civil.epochMs - offset
  }

  private static func fraction(_ text: Span<UInt8>, at position: inout Int) throws(TimestampError) -> Int {
    guard position < text.count, text[position] == UInt8(ascii: ".") else { return 0 }
    position += 1
    let start = position
    var value = 0
    while position < text.count, let digit = digit(text[position]) {
      if position - start < 3 { value = value * 10 + digit }
      position += 1
    }
    switch position - start {
    case 0: throw .malformed
    case 1: return value * 100
    case 2: return value * 10
    default: return value
    }
  }

  private static func offsetMs(
    _ text: Span<UInt8>, at position: Int, assumeUTC: Bool
  ) throws(TimestampError) -> Int64 {
    let rest = text.count - position
    if rest == 0 {
      guard assumeUTC else { throw .noZone }
      return 0
    }
    let sign = text[position]
    if sign == UInt8(ascii: "Z") || sign == UInt8(ascii: "z") {
      guard rest == 1 else { throw .malformed }
      return 0
    }
    guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"), rest == 6 else { throw .malformed }
    let hours = try number(text, at: position + 1, digits: 2)
    try expect(":", text, at: position + 3)
    let minutes = try number(text, at: position + 4, digits: 2)
    guard hours <= 23, minutes <= 59 else { throw .outOfRange("offset") }
    let magnitude = Int64(hours * 60 + minutes) * 60_000
    return sign == UInt8(ascii: "-") ? -magnitude : magnitude
  }

  private static func number(_ text: Span<UInt8>, at start: Int, digits: Int) throws(TimestampError) -> Int {
    var value = 0
    for position in start..<start + digits {
      guard let digit = digit(text[position]) else { throw .malformed }
      value = value * 10 + digit
    }
    return value
  }

  private static func digit(_ byte: UInt8) -> Int? {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) ? Int(byte &- UInt8(ascii: "0")) : nil
  }

  private static func expect(
    _ character: Unicode.Scalar, _ text: Span<UInt8>, at position: Int
  ) throws(TimestampError) {
    guard text[position] == UInt8(ascii: character) else { throw .malformed }
  }
}
