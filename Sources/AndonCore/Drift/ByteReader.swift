/// Reads what `ByteWriter` wrote. Every function returns nil when the bytes do not hold what is asked for;
/// none traps.
package struct ByteReader {
  private let bytes: [UInt8]
  private var position = 0

  package init(_ bytes: [UInt8]) { self.bytes = bytes }

  package var isAtEnd: Bool { position == bytes.count }
  /// Bytes that are not read yet.
  package var left: Int { bytes.count - position }

  package mutating func integer() -> Int64? {
    guard let bits = bits(8) else { return nil }
    return Int64(bitPattern: bits)
  }

  mutating func int32() -> Int32? {
    guard let bits = bits(4) else { return nil }
    return Int32(bitPattern: UInt32(truncatingIfNeeded: bits))
  }

  /// A flag is 0 or 1; any other number is refused.
  mutating func flag() -> Bool? {
    switch integer() {
    case 0: false
    case 1: true
    default: nil
    }
  }

  package mutating func bytes(_ count: Int) -> [UInt8]? {
    guard count >= 0, bytes.count - position >= count else { return nil }
    defer { position += count }
    return Array(bytes[position..<position + count])
  }

  /// A text that is not UTF-8 is refused, not repaired.
  package mutating func text() -> String? {
    guard let count = integer(), count >= 0, count <= Int64(bytes.count - position) else { return nil }
    defer { position += Int(count) }
    return String(validating: bytes[position..<position + Int(count)], as: UTF8.self)
  }

  private mutating func bits(_ count: Int) -> UInt64? {
    guard bytes.count - position >= count else { return nil }
    var value: UInt64 = 0
    for offset in (0..<count).reversed() { value = value << 8 | UInt64(bytes[position + offset]) }
    position += count
    return value
  }
}
