import Crypto
import CryptoExtras
import Foundation

/// The hash of a password by scrypt (RFC 7914), written as `$scrypt$ln=15,r=8,p=3$SALT$KEY`.
package struct PasswordHash: Sendable, Equatable {
  /// What one check costs: 128 · 2^ln · r bytes of memory, and p times that work.
  package struct Cost: Sendable, Equatable {
    var logRounds: Int
    var blockSize: Int
    var parallelism: Int

    /// 32 MiB; what OWASP recommends as equal to 128 MiB with p = 1.
    package static let standard = Cost(logRounds: 15, blockSize: 8, parallelism: 3)
    /// For tests: a check takes a few milliseconds.
    package static let least = Cost(logRounds: 10, blockSize: 8, parallelism: 1)

    /// A cost that a file may ask for: at most 128 MiB a check.
    var isBounded: Bool {
      10...17 ~= logRounds && 1...8 ~= blockSize && 1...8 ~= parallelism
    }

    var memoryBytes: Int { 128 * blockSize << logRounds }
    fileprivate var work: Int { memoryBytes * parallelism }
  }

  package var cost: Cost
  var salt: [UInt8]
  var key: [UInt8]

  private static let saltLength = 16
  private static let keyLength = 32
  /// Fewer are refused, as NIST SP 800-63B asks for at least 8.
  package static let passwordLengths = 10...256

  /// Hashes a new password with a random salt. Takes some tenths of a second.
  package init(password: String, cost: Cost = .standard) throws {
    let salt = RandomToken.bytes(Self.saltLength)
    self.init(cost: cost, salt: salt, key: try Self.derive(password, salt, cost))
  }

  /// Nil for a text of another form, and for a cost beyond the bounds.
  package init?(_ text: String) {
    let parts = text.split(separator: "$", omittingEmptySubsequences: false)
    guard parts.count == 5, parts[0].isEmpty, parts[1] == "scrypt",
      let salt = Base64URL.bytes(parts[3]), let key = Base64URL.bytes(parts[4]),
      8...64 ~= salt.count, key.count == Self.keyLength
    else { return nil }
    let names = ["ln=", "r=", "p="]
    let fields = parts[2].split(separator: ",", omittingEmptySubsequences: false)
    guard fields.count == 3, zip(fields, names).allSatisfy({ $0.hasPrefix($1) }) else { return nil }
    let numbers = zip(fields, names).compactMap { Int($0.dropFirst($1.count)) }
    guard numbers.count == 3 else { return nil }
    let cost = Cost(logRounds: numbers[0], blockSize: numbers[1], parallelism: numbers[2])
    guard cost.isBounded else { return nil }
    self.init(cost: cost, salt: salt, key: key)
  }

  private init(cost: Cost, salt: [UInt8], key: [UInt8]) {
    self.cost = cost
    self.salt = salt
    self.key = key
  }

  package var text: String {
    "$scrypt$ln=\(cost.logRounds),r=\(cost.blockSize),p=\(cost.parallelism)$\(Base64URL.text(salt))$"
      + Base64URL.text(key)
  }

  /// Whether it is this password. Takes the same time whether it is or not.
  package func matches(_ password: String) -> Bool {
    guard let other = try? Self.derive(password, salt, cost) else { return false }
    return RandomToken.equal(other, key)
  }

  /// A hash that no password matches, as dear to check as the dearest of these: a login of an unknown user takes as long
  /// as one with a wrong password.
  static func decoy(like hashes: [PasswordHash]) -> PasswordHash {
    let cost = hashes.map(\.cost).max { $0.work < $1.work } ?? .standard
    return PasswordHash(
      cost: cost, salt: RandomToken.bytes(saltLength), key: RandomToken.bytes(keyLength))
  }

  private static func derive(_ password: String, _ salt: [UInt8], _ cost: Cost) throws -> [UInt8] {
    // The same text may be typed in composed or decomposed form.
    let text = Array(password.precomposedStringWithCanonicalMapping.utf8)
    let key = try KDF.Scrypt.deriveKey(
      from: text, salt: salt, outputByteCount: keyLength, rounds: 1 << cost.logRounds,
      blockSize: cost.blockSize, parallelism: cost.parallelism, maxMemory: 2 * cost.memoryBytes + (1 << 20))
    return key.withUnsafeBytes { Array($0) }
  }
}
