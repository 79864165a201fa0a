import Synchronization

/// A dictionary shared by copies; each copy holds its own uncommitted changes.
///
/// The engine is copied for every batch, and the first change in a copy would copy a plain dictionary of
/// thousands of detectors. So a change stays in the copy that made it until `settle`, which its owner calls
/// after the commit; a discarded copy discards its changes.
struct TransactionalDictionary<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private final class Base: Sendable {
    let values: Mutex<[Key: Value]>
    init(_ values: [Key: Value]) { self.values = Mutex(values) }
  }

  private let base: Base
  private var changes: [Key: Value] = [:]

  init(_ values: [Key: Value] = [:]) { base = Base(values) }

  /// Keys are never removed.
  subscript(key: Key) -> Value? { changes[key] ?? base.values.withLock { $0[key] } }

  mutating func set(_ key: Key, _ value: Value) { changes[key] = value }

  /// Merges this copy's changes into the shared base; call it after COMMIT.
  mutating func settle() {
    guard !changes.isEmpty else { return }
    base.values.withLock { $0.merge(changes) { _, new in new } }
    changes.removeAll(keepingCapacity: true)
  }

  /// All values. O(n): for reports and the first publication.
  var all: [Key: Value] { base.values.withLock { $0 }.merging(changes) { _, new in new } }
}
