import CCurl

/// HMAC with SHA-256 (RFC 2104), by libcrypto.
public enum HMAC256 {
  /// 64 hexadecimal digits.
  public static func hex(_ bytes: [UInt8], key: [UInt8]) -> String {
    var code = [UInt8](repeating: 0, count: 32)
    let isDone = unsafe andon_hmac_sha256(key, Int32(key.count), bytes, bytes.count, &code)
    precondition(isDone == 1, "libcrypto has SHA-256")
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: code.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
