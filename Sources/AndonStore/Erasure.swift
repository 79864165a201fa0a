import AndonRuntime

/// A worker who was erased, as far as late events must be recognized.
package struct Erasure: Sendable, Hashable {
  /// Events up to this time stay out, epoch milliseconds.
  package var atMs: Int64
  /// From then on such events are too old anyway.
  package var untilMs: Int64
  var salt: [UInt8]
  var digest: String

  init(atMs: Int64, untilMs: Int64, salt: [UInt8], digest: String) {
    (self.atMs, self.untilMs, self.salt, self.digest) = (atMs, untilMs, salt, digest)
  }

  /// With a random salt: equal ids of two sites or erasures do not look alike, and no table of hashes helps to guess.
  init(of worker: String, atMs: Int64, untilMs: Int64) {
    var generator = SystemRandomNumberGenerator()
    let salt = (0..<16).map { _ in UInt8.random(in: 0...255, using: &generator) }
    self.init(
      atMs: atMs, untilMs: untilMs, salt: salt, digest: KeyedHash.hex(Array(worker.utf8), key: salt))
  }

  /// Whether that worker was erased.
  package func isOf(_ worker: String) -> Bool { KeyedHash.hex(Array(worker.utf8), key: salt) == digest }
}
