import Synchronization

@testable import AndonRuntime

/// A clock that only the simulation advances.
final class VirtualClock: Sendable {
  private struct State {
    var monotonicMs: Int64 = 0
    var wallOffsetMs: Int64
  }

  private let state: Mutex<State>

  init(startMs: Int64) { state = Mutex(State(wallOffsetMs: startMs)) }

  var monotonicMs: Int64 { state.withLock { $0.monotonicMs } }
  var wallMs: Int64 { state.withLock { $0.monotonicMs + $0.wallOffsetMs } }

  func advance(milliseconds: Int64) { state.withLock { $0.monotonicMs += milliseconds } }
  func stepWall(milliseconds: Int64) { state.withLock { $0.wallOffsetMs += milliseconds } }

  var wall: WallClock { WallClock { self.wallMs } }
  var monotonic: MonotonicClock { MonotonicClock { self.monotonicMs } }
}
