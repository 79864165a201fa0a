/// The rule for ids of sites, cameras, workers and workstations: `^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`.
///
/// MQTT topics, Sparkplug, Ignition tags and file names all accept these characters, so an id never needs
/// escaping.
public enum Identifier {
  /// The longest id, in bytes.
  public static let maximumLength = 64

  /// Whether the text is a legal id. O(length), no allocation.
  public static func isValid(_ text: String) -> Bool {
    let bytes = text.utf8.span
    return isValid(0..<bytes.count, bytes)
  }

  /// The same for a range of bytes, in place.
  static func isValid(_ range: Range<Int>, _ bytes: Span<UInt8>) -> Bool {
    guard (1...maximumLength).contains(range.count), isAlphanumeric(bytes[range.lowerBound]) else {
      return false
    }
    for index in range {
      let byte = bytes[index]
      guard isAlphanumeric(byte) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") else {
        return false
      }
    }
    return true
  }

  package static func isAlphanumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"):
      true
    default: false
    }
  }
}
