import Synchronization

/// A dictionary that many copies share, with the changes of one copy laid over it.
///
/// The engine is copied for every batch, and a copy of a dictionary of thousands of detectors would be paid for
/// at its first change. So a change stays in the copy that made it until `settle`, which its owner calls after
/// the commit; a copy that is dropped takes its changes along.
struct TransactionalDictionary<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private final class Base: Sendable {
    let values: Mutex<[Key: Value]>
    init(_ values: [Key: Value]) { self.values = Mutex(values) }
  }

  private let base: Base
  private var changes: [Key: Value] = [:]

  init(_ values: [Key: Value] = [:]) { base = Base(values) }

  /// Nothing is ever removed.
  subscript(key: Key) -> Value? { changes[key] ?? base.values.withLock { $0[key] } }

  mutating func set(_ key: Key, _ value: Value) { changes[key] = value }

  /// Makes this copy's changes everybody's.
  mutating func settle() {
    guard !changes.isEmpty else { return }
    base.values.withLock { $0.merge(changes) { _, new in new } }
    changes.removeAll(keepingCapacity: true)
  }

  /// All values; O(n), for reports and the first publication.
  var all: [Key: Value] { base.values.withLock { $0 }.merging(changes) { _, new in new } }
}
