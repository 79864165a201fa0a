/// Reads the fields of a Protocol Buffers message one after another. The bytes are untrusted: every length is
/// checked, and malformed bytes give nil.
struct ProtobufReader {
  enum Value: Equatable {
    case varint(UInt64)
    case fixed64(UInt64)
    case fixed32(UInt32)
    /// The range of the bytes in the payload.
    case bytes(Range<Int>)
  }

  private let bytes: [UInt8]
  private var position: Int
  private let end: Int

  init(_ bytes: [UInt8], in range: Range<Int>? = nil) {
    self.bytes = bytes
    position = range?.lowerBound ?? 0
    end = range?.upperBound ?? bytes.count
  }

  var isAtEnd: Bool { position == end }

  /// The next field; nil when malformed. Check `isAtEnd` first.
  mutating func next() -> (number: UInt64, value: Value)? {
    guard let tag = varint(), tag >> 3 > 0 else { return nil }
    switch tag & 7 {
    case 0: return varint().map { (tag >> 3, .varint($0)) }
    case 1: return fixed(8).map { (tag >> 3, .fixed64($0)) }
    case 2:
      guard let count = varint(), count <= UInt64(end - position) else { return nil }
      let range = position..<position + Int(count)
      position = range.upperBound
      return (tag >> 3, .bytes(range))
    case 5: return fixed(4).map { (tag >> 3, .fixed32(UInt32($0))) }
    default: return nil
    }
  }

  func text(_ range: Range<Int>) -> String? { String(validating: bytes[range], as: UTF8.self) }

  func reader(_ range: Range<Int>) -> ProtobufReader { ProtobufReader(bytes, in: range) }

  private mutating func varint() -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard position < end else { return nil }
      let byte = bytes[position]
      position += 1
      // The tenth byte has room for one bit.
      guard shift < 63 || byte <= 1 else { return nil }
      value |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return value }
    }
    return nil
  }

  private mutating func fixed(_ count: Int) -> UInt64? {
    guard end - position >= count else { return nil }
    defer { position += count }
    return (0..<count).reduce(0) { $0 | UInt64(bytes[position + $1]) << UInt64(8 * $1) }
  }
}
