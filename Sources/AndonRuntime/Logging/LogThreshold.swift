package import Logging
import Synchronization

/// The level below which nothing is logged, for all loggers of the process. It can be lowered for a while, and
/// goes back by itself, so that nobody's look fills a disk.
package final class LogThreshold: Sendable {
  private struct State {
    var other: Logger.Level?
    var until: ContinuousClock.Instant?
  }

  /// The level of the start.
  package let normal: Logger.Level
  private let state = Mutex(State())

  /// How long another level may hold, and how long it does unless said.
  package static let seconds: ClosedRange<Int64> = 1...86_400
  package static let standardSeconds: Int64 = 3600

  package init(_ normal: Logger.Level) { self.normal = normal }

  /// The level that holds now.
  package var level: Logger.Level {
    state.withLock { state in
      if let until = state.until, ContinuousClock.now >= until { state = State() }
      return state.other ?? normal
    }
  }

  /// Another level for that long; the level of the start ends what was set before.
  package func set(_ level: Logger.Level, for duration: Duration) {
    state.withLock { state in
      state = level == normal ? State() : State(other: level, until: .now + duration)
    }
  }
}
