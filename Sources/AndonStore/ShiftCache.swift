import AndonCore

/// The stops of shifts that are over, by workstation, for the next read of the same process.
struct ShiftCache {
  struct Key: Hashable {
    /// The place of its calendar.
    var calendar: Int
    var shift: StopShift
  }

  private var stops: [Key: [[Stop]]] = [:]

  /// Nil for one that may still change by itself.
  func stops(of key: Key, nowMs: Int64) -> [[Stop]]? { nowMs < key.shift.endMs ? nil : stops[key] }

  mutating func keep(_ found: [[Stop]], of key: Key, nowMs: Int64) {
    if key.shift.endMs <= nowMs { stops[key] = found }
  }

  /// Forgets the shifts that an event at `ms` or later can change.
  mutating func forget(endingAfter ms: Int64) { stops = stops.filter { $0.key.shift.endMs <= ms } }

  mutating func forget(endingUpTo ms: Int64) { stops = stops.filter { $0.key.shift.endMs > ms } }
}
