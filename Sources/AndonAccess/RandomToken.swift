import Crypto

/// Random secrets that programs keep: tokens and the ids of sessions. With 256 random bits a plain SHA-256 is enough to
/// store them: there are too many to try.
package enum RandomToken {
  /// 256 bits of the system's random numbers, as 43 characters of base64url.
  package static func make() -> String { Base64URL.text(bytes(32)) }

  /// Bytes of the system's random numbers.
  static func bytes(_ count: Int) -> [UInt8] {
    var random = SystemRandomNumberGenerator()
    return (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
  }

  /// The SHA-256 of the text, 64 hexadecimal digits.
  package static func digest(_ text: String) -> String {
    SHA256.hash(data: Array(text.utf8)).map { byte in
      let text = String(byte, radix: 16)
      return text.count == 1 ? "0" + text : text
    }.joined()
  }

  /// Compares in a time that does not depend on where the first difference is.
  package static func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    var difference = UInt8(left.count == right.count ? 0 : 1)
    for index in right.indices { difference |= right[index] ^ (index < left.count ? left[index] : 0) }
    return difference == 0
  }
}
