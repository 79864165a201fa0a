import Crypto
package import Foundation

/// HMAC with SHA-256 (RFC 2104).
package enum KeyedHash {
  package static func code(_ bytes: [UInt8], key: some ContiguousBytes) -> [UInt8] {
    Array(HMAC<SHA256>.authenticationCode(for: bytes, using: SymmetricKey(data: key)))
  }

  /// The same as 64 hexadecimal digits.
  package static func hex(_ bytes: [UInt8], key: some ContiguousBytes) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: code(bytes, key: key).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
