/// Bytes that end with a checksum of themselves and of the key they are stored under, eight bytes
/// little-endian.
///
/// The checksum includes the key: intact bytes under a wrong key are found too.
public enum ChecksummedBlob {
  public static let checksumBytes = 8

  /// - Parameter key: a checksum to which the key columns were added.
  public static func append(_ key: Checksum, to bytes: inout [UInt8]) {
    var sum = key
    sum.add(bytes.span)
    var rest = sum.value
    for _ in 0..<checksumBytes {
      bytes.append(UInt8(truncatingIfNeeded: rest))
      rest >>= 8
    }
  }

  /// The length of the stored bytes without their checksum; nil when bytes, key and checksum do not match.
  public static func soundCount(_ bytes: Span<UInt8>, _ key: Checksum) -> Int? {
    let count = bytes.count - checksumBytes
    guard count >= 0 else { return nil }
    var sum = key
    sum.add(bytes.extracting(0..<count))
    var stored: UInt64 = 0
    for index in (count..<bytes.count).reversed() { stored = stored << 8 | UInt64(bytes[index]) }
    return stored == sum.value ? count : nil
  }
}
