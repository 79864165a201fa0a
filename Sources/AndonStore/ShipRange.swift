package import AndonCore

/// Rows of the tables: those of some kinds with times in `[fromMs, toMs)`. Kinds without times are meant as a whole.
package struct ShipRange: Sendable, Hashable {
  package var fromMs: Int64
  package var toMs: Int64
  package var kinds: ShipKinds

  package init(fromMs: Int64, toMs: Int64, kinds: ShipKinds) {
    (self.fromMs, self.toMs, self.kinds) = (fromMs, max(fromMs, toMs), kinds)
  }

  /// From the columns of a body; nil for one without records.
  init?(kinds: Int64, oldestMs: Int64?, newestMs: Int64?) {
    let kinds = ShipKinds(rawValue: kinds).intersection(.all)
    guard !kinds.isEmpty else { return nil }
    guard let oldestMs, let newestMs, oldestMs <= newestMs else {
      self.init(fromMs: 0, toMs: 0, kinds: kinds)
      return
    }
    self.init(fromMs: oldestMs, toMs: newestMs == .max ? .max : newestMs + 1, kinds: kinds)
  }

  /// A range that holds both. An empty one has no times.
  func union(_ other: ShipRange) -> ShipRange {
    let kinds = kinds.union(other.kinds)
    if fromMs == toMs { return ShipRange(fromMs: other.fromMs, toMs: other.toMs, kinds: kinds) }
    if other.fromMs == other.toMs { return ShipRange(fromMs: fromMs, toMs: toMs, kinds: kinds) }
    return ShipRange(fromMs: min(fromMs, other.fromMs), toMs: max(toMs, other.toMs), kinds: kinds)
  }
}
