/// A counter that only grows: what one reading says was made since the one before.
package struct CounterTotal: Sendable, Hashable {
  package var total: Int64
  /// When it was read, epoch milliseconds by the camera's clock.
  package var timestampMs: Int64

  package init(total: Int64, timestampMs: Int64) {
    self.total = total
    self.timestampMs = timestampMs
  }

  /// What a reading means.
  package enum Step: Sendable, Equatable {
    /// So many were made since the last reading, which this one replaces.
    case made(Int64)
    /// It comes late: what it says is part of a difference that was counted already.
    case late
  }

  /// The first reading is where counting begins. A greater or equal one is the difference, whatever the clocks
  /// say. A smaller one of later time began again at 0; a smaller one of the same or an earlier time is late.
  package static func step(from last: CounterTotal?, to next: CounterTotal) -> Step {
    guard let last else { return .made(0) }
    if next.total >= last.total { return .made(next.total - last.total) }
    return next.timestampMs > last.timestampMs ? .made(next.total) : .late
  }
}
