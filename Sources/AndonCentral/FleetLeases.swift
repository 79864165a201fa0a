import Synchronization

/// Which sites this bridge holds in a fleet, and under which epochs. The membership writes it; those who ship and connect
/// read it, from any thread.
package final class FleetLeases: Sendable {
  private struct State {
    var incarnation = ""
    var epochs: [String: Int64] = [:]
    var deadlineMs: Int64 = .min
  }

  private let state = Mutex(State())

  package init() {}

  /// The bridge joined under a new incarnation: it holds nothing.
  package func begin(incarnation: String) {
    state.withLock { $0 = State(incarnation: incarnation) }
  }

  package func hold(_ site: String, epoch: Int64) { state.withLock { $0.epochs[site] = epoch } }

  package func release(_ site: String) { state.withLock { $0.epochs[site] = nil } }

  /// Until when others believe that this bridge lives, by its own monotonic clock, milliseconds.
  package func extend(untilMs: Int64) { state.withLock { $0.deadlineMs = untilMs } }

  /// The run of this bridge; empty before it joined.
  package var incarnation: String { state.withLock { $0.incarnation } }

  /// Nil: this bridge does not hold the site.
  package func epoch(of site: String) -> Int64? { state.withLock { $0.epochs[site] } }

  /// Whether the bridge may still connect for a site by what it knows itself.
  package func isCurrent(monotonicMs: Int64) -> Bool { state.withLock { monotonicMs < $0.deadlineMs } }
}
