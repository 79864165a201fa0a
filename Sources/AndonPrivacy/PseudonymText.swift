import AndonRuntime
import Crypto

/// The short texts that stand for ids: a letter and 65 bits of HMAC-SHA-256 in base32. Among ten thousand workers, two
/// have the same text with a probability of 10⁻¹².
enum PseudonymText {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)
  private static let characters = 13

  /// For example `P-` + 13 characters of [A-Z2-7].
  static func text(_ prefix: Character, _ id: String, _ key: SymmetricKey) -> String {
    let code = KeyedHash.code(Array(id.utf8), key: key)
    var bytes: [UInt8] = [prefix.asciiValue ?? UInt8(ascii: "X"), UInt8(ascii: "-")]
    var (bits, count): (UInt32, UInt32) = (0, 0)
    for byte in code {
      bits = bits << 8 | UInt32(byte)
      count += 8
      while count >= 5, bytes.count < 2 + characters {
        count -= 5
        bytes.append(alphabet[Int(bits >> count & 31)])
      }
      bits &= 1 << count - 1
      if bytes.count == 2 + characters { break }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
