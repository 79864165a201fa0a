/// A reading of a counter that only grows. The difference of two readings is what was made in between.
package struct CounterTotal: Sendable, Hashable {
  package var total: Int64
  /// When it was read, epoch milliseconds by the camera's clock.
  package var timestampMs: Int64

  package init(total: Int64, timestampMs: Int64) {
    self.total = total
    self.timestampMs = timestampMs
  }

  /// The meaning of a reading.
  package enum Step: Sendable, Equatable {
    /// So many units were made since the last reading, which this one replaces.
    case made(Int64)
    /// The reading is late: its units are part of a difference that was counted already.
    case late
  }

  /// The first reading is the start of the count. A greater or equal reading is the difference; its time
  /// does not matter. A smaller reading with a later time began again at 0; a smaller one with the same or an
  /// earlier time is late.
  package static func step(from last: CounterTotal?, to next: CounterTotal) -> Step {
    guard let last else { return .made(0) }
    if next.total >= last.total { return .made(next.total - last.total) }
    return next.timestampMs > last.timestampMs ? .made(next.total) : .late
  }
}
