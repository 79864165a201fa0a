package import AndonCore

/// The stops as they are now, to be compared with what was told.
package struct StopFinding: Sendable, Hashable {
  /// A told stop that begins here or later and is not in the list is retracted.
  package var fromMs: Int64
  package var records: [StopRecord]

  package init(fromMs: Int64, records: [StopRecord]) { (self.fromMs, self.records) = (fromMs, records) }

  /// What telling depends on: equal values tell nothing new.
  package var faces: [String: Int64] {
    Dictionary(records.map { ($0.stop.id, $0.face) }, uniquingKeysWith: { first, _ in first })
  }
}
