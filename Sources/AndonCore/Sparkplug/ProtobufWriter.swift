/// Appends fields in the wire format of Protocol Buffers, as far as a Sparkplug B payload needs it.
struct ProtobufWriter {
  private enum WireType: UInt64 {
    case varint = 0
    case fixed64 = 1
    case lengthDelimited = 2
  }

  private(set) var bytes: [UInt8] = []

  init(capacity: Int = 0) { bytes.reserveCapacity(capacity) }

  mutating func field(_ number: UInt64, varint value: UInt64) {
    append(tag: number, .varint)
    append(varint: value)
  }

  mutating func field(_ number: UInt64, _ value: Bool) { field(number, varint: value ? 1 : 0) }

  /// IEEE 754, eight bytes, little-endian.
  mutating func field(_ number: UInt64, _ value: Double) {
    append(tag: number, .fixed64)
    var rest = value.bitPattern
    for _ in 0..<8 {
      bytes.append(UInt8(truncatingIfNeeded: rest))
      rest >>= 8
    }
  }

  mutating func field(_ number: UInt64, _ text: String) {
    append(tag: number, .lengthDelimited)
    append(varint: UInt64(text.utf8.count))
    bytes.append(contentsOf: text.utf8)
  }

  mutating func field(_ number: UInt64, message: [UInt8]) {
    append(tag: number, .lengthDelimited)
    append(varint: UInt64(message.count))
    bytes.append(contentsOf: message)
  }

  private mutating func append(tag number: UInt64, _ type: WireType) {
    append(varint: number << 3 | type.rawValue)
  }

  private mutating func append(varint value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}
