/// Appends non-negative integers in as few bytes as they need: seven bits a byte, the low bits first.
struct VarintWriter {
  private(set) var bytes: [UInt8] = []

  /// - Parameter capacity: how many bytes there will be, about.
  init(capacity: Int = 0) { bytes.reserveCapacity(capacity) }

  mutating func append(byte: UInt8) { bytes.append(byte) }

  @inline(__always)
  mutating func append(_ value: Int64) {
    precondition(value >= 0, "only non-negative integers are written")
    var rest = UInt64(value)
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  mutating func append(text: String) {
    append(Int64(text.utf8.count))
    bytes.append(contentsOf: text.utf8)
  }
}
