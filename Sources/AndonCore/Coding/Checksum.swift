/// A 64-bit checksum for data at rest, taken in steps of eight bytes.
///
/// For a given word each step is a bijection of the state, and for a given state a bijection of the word. A
/// change within one word therefore always changes the result; any other change is missed once in 2⁶⁴. Equal
/// input gives equal numbers on every machine and in every version. Not for secrets.
public struct Checksum: Sendable {
  public private(set) var value: UInt64

  /// - Parameter domain: the kind of data, so that data of another kind do not pass.
  public init(domain: UInt64) { value = domain &* 0x9E37_79B9_7F4A_7C15 }

  @inline(__always)
  public mutating func add(_ word: UInt64) {
    value = (value ^ word) &* 0x9E37_79B9_7F4A_7C15
    value ^= value >> 32
  }

  @inline(__always)
  public mutating func add(_ number: Int64) { add(UInt64(bitPattern: number)) }

  /// Adds the number of bytes, then the bytes.
  public mutating func add(_ bytes: Span<UInt8>) {
    add(UInt64(bytes.count))
    let raw = unsafe bytes.bytes
    var offset = 0
    while offset + 8 <= bytes.count {
      let word = unsafe raw.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
      add(UInt64(littleEndian: word))
      offset += 8
    }
    guard offset < bytes.count else { return }
    var rest: UInt64 = 0
    while offset < bytes.count {
      rest = rest << 8 | UInt64(bytes[offset])
      offset += 1
    }
    add(rest)
  }

  public mutating func add(_ text: String) { add(Array(text.utf8).span) }
}
