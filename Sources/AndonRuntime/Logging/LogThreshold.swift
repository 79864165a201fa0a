package import Logging
import Synchronization

/// The level below which nothing is logged, for all loggers of the process. It can be changed for a limited
/// time and returns by itself, so that a debug level cannot fill the disk.
package final class LogThreshold: Sendable {
  private struct State {
    var other: Logger.Level?
    var until: ContinuousClock.Instant?
  }

  /// The level of the start.
  package let normal: Logger.Level
  private let state = Mutex(State())

  /// How long another level may hold, seconds, and the default.
  package static let seconds: ClosedRange<Int64> = 1...86_400
  package static let standardSeconds: Int64 = 3600

  package init(_ normal: Logger.Level) { self.normal = normal }

  /// The level in force.
  package var level: Logger.Level {
    state.withLock { state in
      if let until = state.until, ContinuousClock.now >= until { state = State() }
      return state.other ?? normal
    }
  }

  /// Sets another level for this long; the level of the start ends an earlier change.
  package func set(_ level: Logger.Level, for duration: Duration) {
    state.withLock { state in
      state = level == normal ? State() : State(other: level, until: .now + duration)
    }
  }
}
