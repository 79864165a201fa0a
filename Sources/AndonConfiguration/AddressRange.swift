import Foundation

/// An IP address or a range of them, e.g. `10.0.0.0/8`, `192.168.1.7`, `fd00::/8`.
package struct AddressRange: Sendable, Hashable {
  /// 4 or 16 bytes.
  private let bytes: [UInt8]
  private let prefixBits: Int

  /// Nil for anything else, and for bits set beyond the prefix: these are most likely a mistake.
  package init?(_ text: String) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let bytes = Self.bytes(of: String(parts[0])) else { return nil }
    var bits = bytes.count * 8
    if parts.count == 2 {
      guard let number = SettingValue.digits(parts[1]), number <= bits else { return nil }
      bits = Int(number)
    }
    self.bytes = bytes
    prefixBits = bits
    let hasStrayBits = (bits..<bytes.count * 8).contains { bytes[$0 / 8] & (0x80 >> UInt8($0 % 8)) != 0 }
    if hasStrayBits { return nil }
  }

  /// Whether the address (text, without zone) lies in the range. IPv4 mapped into IPv6 counts as IPv4.
  package func contains(_ address: String) -> Bool {
    guard let other = Self.bytes(of: address), other.count == bytes.count else { return false }
    return (0..<prefixBits).allSatisfy { (bytes[$0 / 8] ^ other[$0 / 8]) & (0x80 >> UInt8($0 % 8)) == 0 }
  }

  /// As in the configuration: without the length of a whole address.
  package var description: String {
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    let family = bytes.count == 4 ? AF_INET : AF_INET6
    guard inet_ntop(family, bytes, &text, socklen_t(text.count)) != nil else { return "?" }
    let address = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    return prefixBits == bytes.count * 8 ? address : "\(address)/\(prefixBits)"
  }

  private static func bytes(of text: String) -> [UInt8]? {
    var four = in_addr()
    if inet_pton(AF_INET, text, &four) == 1 { return withUnsafeBytes(of: &four) { Array($0) } }
    var sixteen = in6_addr()
    guard inet_pton(AF_INET6, text, &sixteen) == 1 else { return nil }
    let bytes = withUnsafeBytes(of: &sixteen) { Array($0) }
    let isMapped = bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
    return isMapped ? Array(bytes.suffix(4)) : bytes
  }
}
