import AndonCore

/// The stops of shifts, by workstation, for the next read of the same process.
struct ShiftCache: Sendable {
  struct Key: Hashable {
    /// The place of its calendar.
    var calendar: Int
    var shift: StopShift
  }

  private struct Entry {
    var stations: [StationStops]
    var nowMs: Int64
  }

  private var entries: [Key: Entry] = [:]

  /// Nil when that is not known as of `nowMs`.
  func stations(of key: Key, nowMs: Int64) -> [StationStops]? {
    guard let entry = entries[key] else { return nil }
    let isOver = key.shift.endMs <= min(nowMs, entry.nowMs)
    return isOver || entry.nowMs == nowMs ? entry.stations : nil
  }

  /// - Parameter stations: all that take part.
  mutating func keep(_ stations: [StationStops], of key: Key, nowMs: Int64) {
    entries[key] = Entry(stations: stations, nowMs: nowMs)
  }

  /// Forgets the shifts that an event at `ms` or later can change.
  mutating func forget(endingAfter ms: Int64) { entries = entries.filter { $0.key.shift.endMs <= ms } }

  mutating func forget(endingUpTo ms: Int64) { entries = entries.filter { $0.key.shift.endMs > ms } }
}
