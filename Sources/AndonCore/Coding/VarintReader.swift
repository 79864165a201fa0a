/// A position in bytes that `VarintWriter` wrote. Every function returns nil when the bytes do not hold what
/// is asked for; none traps.
///
/// The bytes are an argument of every call because a value cannot hold a span.
struct VarintReader {
  private(set) var position = 0

  func isAtEnd(_ bytes: Span<UInt8>) -> Bool { position == bytes.count }

  mutating func byte(_ bytes: Span<UInt8>) -> UInt8? {
    guard position < bytes.count else { return nil }
    defer { position += 1 }
    return bytes[position]
  }

  /// 0…2⁶²: times and counts, with room for sums.
  @inline(__always)
  mutating func integer(_ bytes: Span<UInt8>) -> Int64? {
    // Nearly all have one or two bytes.
    if position + 1 < bytes.count {
      let (low, high) = (bytes[position], bytes[position + 1])
      if low < 0x80 {
        position += 1
        return Int64(low)
      }
      if high < 0x80 {
        position += 2
        return Int64(low & 0x7F) | Int64(high) << 7
      }
    }
    return longInteger(bytes)
  }

  private mutating func longInteger(_ bytes: Span<UInt8>) -> Int64? {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while position < bytes.count, shift < 63 {
      let byte = bytes[position]
      position += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value <= 1 << 62 ? Int64(value) : nil }
      shift += 7
    }
    return nil
  }

  /// 0…2⁴²: a duration in milliseconds (139 years) or units. A sum of a million of them does not overflow.
  mutating func amount(_ bytes: Span<UInt8>) -> Int64? {
    guard let value = integer(bytes), value <= Self.largestAmount else { return nil }
    return value
  }

  static let largestAmount: Int64 = 1 << 42
  /// Where summaries may begin: any time of the calendar, with room for amounts.
  static let origins: ClosedRange<Int64> = -(1 << 60)...(1 << 60)

  /// 0…2²⁴: the number of a name in the file. A site has at most 2.2 million of them.
  mutating func number(_ bytes: Span<UInt8>) -> Int32? {
    guard let value = integer(bytes), value <= 1 << 24 else { return nil }
    return Int32(value)
  }

  /// A number of items that follow, each of at least one byte.
  mutating func count(_ bytes: Span<UInt8>) -> Int? {
    guard let count = integer(bytes), count <= Int64(bytes.count - position) else { return nil }
    return Int(count)
  }

  /// The range of a text in the bytes.
  mutating func range(_ bytes: Span<UInt8>) -> Range<Int>? {
    guard let count = count(bytes) else { return nil }
    defer { position += count }
    return position..<position + count
  }

  mutating func text(_ bytes: Span<UInt8>) -> String? {
    guard let range = range(bytes) else { return nil }
    var copy: [UInt8] = []
    copy.reserveCapacity(range.count)
    for index in range { copy.append(bytes[index]) }
    return String(decoding: copy, as: UTF8.self)
  }
}
