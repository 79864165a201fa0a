import AndonStore

/// How long the oldest commit waits that the central database has not acknowledged. Knows only what it was shown since
/// the start of the bridge.
struct ShipLag {
  /// Positions of the log, and when they were first seen.
  private var marks: [(seq: Int64, atMs: Int64)] = []
  private static let limit = 64

  /// Nil: nothing waits.
  var sinceMs: Int64? { marks.first?.atMs }

  mutating func observe(committed: Int64, acked: Int64, nowMs: Int64) {
    // A log that was renumbered or switched off and on.
    if let last = marks.last, last.seq > committed { marks = [] }
    marks.removeAll { $0.seq <= acked }
    guard committed > acked, marks.last.map({ $0.seq < committed }) ?? true else { return }
    // Every second one goes, and never the oldest: the age stays right.
    if marks.count == Self.limit { marks = marks.enumerated().filter { $0.offset % 2 == 0 }.map(\.element) }
    marks.append((committed, nowMs))
  }
}
