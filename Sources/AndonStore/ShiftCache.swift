import AndonCore

/// The stops of shifts, by workstation, for the next read of the same process.
struct ShiftCache: Sendable {
  struct Key: Hashable {
    /// The place of its calendar.
    var calendar: Int
    var shift: StopShift
    /// Without kinds, for sums.
    var isForSums = false
  }

  private struct Entry {
    var stations: [StationStops]
    var nowMs: Int64
  }

  /// More than the shifts of a month in four calendars; of more, the oldest quarter is forgotten.
  static let limit = 512

  private var entries: [Key: Entry] = [:]

  /// Nil when that is not known as of `nowMs`.
  func stations(of key: Key, nowMs: Int64) -> [StationStops]? {
    guard let entry = entries[key] else { return nil }
    let isOver = key.shift.endMs <= min(nowMs, entry.nowMs)
    return isOver || entry.nowMs == nowMs ? entry.stations : nil
  }

  /// - Parameter stations: all that take part.
  mutating func keep(_ stations: [StationStops], of key: Key, nowMs: Int64) {
    // What is known of a shift that is over is worth more than what it was at an earlier present.
    if let known = entries[key], key.shift.endMs <= known.nowMs, nowMs < key.shift.endMs { return }
    entries[key] = Entry(stations: stations, nowMs: nowMs)
    guard entries.count > Self.limit else { return }
    let ends = entries.keys.map(\.shift.endMs).sorted()
    forget(endingUpTo: ends[ends.count / 4])
  }

  /// Forgets the shifts that an event at `ms` or later can change.
  mutating func forget(endingAfter ms: Int64) { entries = entries.filter { $0.key.shift.endMs <= ms } }

  mutating func forget(endingUpTo ms: Int64) { entries = entries.filter { $0.key.shift.endMs > ms } }
}
