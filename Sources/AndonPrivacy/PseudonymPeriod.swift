package import Crypto

/// The time between two rotations at one site, and the key that its pseudonyms are made with.
package struct PseudonymPeriod: Sendable {
  package let startMs: Int64
  /// `Int64.max` for a period without an end.
  package let endMs: Int64
  let key: SymmetricKey

  package init(startMs: Int64, endMs: Int64, key: SymmetricKey) {
    (self.startMs, self.endMs, self.key) = (startMs, endMs, key)
  }

  func contains(_ ms: Int64) -> Bool { startMs <= ms && ms < endMs }
}
