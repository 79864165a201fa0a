/// The 64-bit FNV-1a hash: equal bytes give equal numbers on every machine and in every version. Not for
/// secrets.
public struct FNV1a: Sendable {
  public private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

  public init() {}

  public init(_ bytes: [UInt8]) {
    for byte in bytes { add(byte) }
  }

  @inline(__always)
  public mutating func add(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
}
