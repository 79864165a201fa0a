/// The hash chain of the log: the tip after a body tells which history led to it.
package enum ShipChain {
  /// FNV-1a-64 over the tip before, eight bytes with the low ones first, and the body. O(bytes). Not for secrets.
  package static func tip(after tip: Int64, _ body: [UInt8]) -> Int64 {
    var hash = FNV1a()
    var rest = UInt64(bitPattern: tip)
    for _ in 0..<8 {
      hash.add(UInt8(truncatingIfNeeded: rest))
      rest >>= 8
    }
    for byte in body { hash.add(byte) }
    return Int64(bitPattern: hash.value)
  }
}
