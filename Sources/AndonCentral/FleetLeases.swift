import Synchronization

/// Which sites this bridge holds in a fleet, and under which epochs. The membership writes it; those who ship read
/// it, from any thread.
package final class FleetLeases: Sendable {
  private struct State {
    var incarnation = ""
    var epochs: [String: Int64] = [:]
  }

  private let state = Mutex(State())

  package init() {}

  /// The bridge joined under a new incarnation: it holds nothing.
  package func begin(incarnation: String) {
    state.withLock { $0 = State(incarnation: incarnation) }
  }

  package func hold(_ site: String, epoch: Int64) { state.withLock { $0.epochs[site] = epoch } }

  package func release(_ site: String) { state.withLock { $0.epochs[site] = nil } }

  /// The run of this bridge; empty before it joined.
  package var incarnation: String { state.withLock { $0.incarnation } }

  /// Those that this bridge holds.
  package var sites: Set<String> { state.withLock { Set($0.epochs.keys) } }

  /// Nil: this bridge does not hold the site.
  package func epoch(of site: String) -> Int64? { state.withLock { $0.epochs[site] } }
}
