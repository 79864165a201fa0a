import Dispatch
import Synchronization

/// Holds those who commit until the central database has what was committed, for a site whose truth is there: what is
/// acknowledged, published or answered after a commit is then known to every bridge that takes the site over.
///
/// It looks at the whole log and not at one commit: an event that is a duplicate here may be one that waits itself.
package final class CommitGate: Sendable {
  private struct Waiting {
    var seq: Int64
    var semaphore: DispatchSemaphore
  }

  private struct State {
    var committed: Int64 = 0
    var acked: Int64 = 0
    var end: NotShipped?
    var waiting: [Waiting] = []

    /// Those who need not wait any longer.
    mutating func dequeueDone() -> [DispatchSemaphore] {
      let isDone = { [acked, end] (waiting: Waiting) in end != nil || waiting.seq <= acked }
      defer { waiting.removeAll(where: isDone) }
      return waiting.filter(isDone).map(\.semaphore)
    }
  }

  private let state = Mutex(State())
  private let limitMs: Int
  private let onCommit: @Sendable () -> Void

  /// - Parameters:
  ///   - limitMs: how long a commit waits at most. Below a third of the connection's keep-alive, as nothing is sent
  ///     meanwhile.
  ///   - onCommit: called after each commit that is to be shipped; it must not block.
  package init(limitMs: Int, onCommit: @escaping @Sendable () -> Void) {
    (self.limitMs, self.onCommit) = (limitMs, onCommit)
  }

  /// How the file's log stands when it is opened, before anyone waits.
  func begin(committed: Int64, acked: Int64) {
    state.withLock { ($0.committed, $0.acked) = (committed, acked) }
  }

  /// A commit added bodies up to this number.
  func committed(_ seq: Int64) {
    state.withLock { $0.committed = max($0.committed, seq) }
    onCommit()
  }

  /// The central database has all up to this number; it may lie behind what it had before.
  func acknowledged(_ seq: Int64) {
    release { $0.acked = seq }
  }

  /// This bridge does not hold the site any more: every commit from now on fails.
  package func end(_ reason: NotShipped) {
    release { $0.end = $0.end ?? reason }
  }

  /// Changes the state, and lets those go who need not wait any longer.
  private func release(_ change: (inout State) -> Void) {
    let done = state.withLock { state in
      change(&state)
      return state.dequeueDone()
    }
    for semaphore in done { semaphore.signal() }
  }

  /// Whether the central database has everything that was committed.
  package var isOpen: Bool { state.withLock { $0.end == nil && $0.acked >= $0.committed } }

  /// Returns when the central database has all that was committed until now.
  ///
  /// - Throws: `NotShipped`; what was committed is in the file all the same.
  package func wait() throws(NotShipped) {
    let semaphore = DispatchSemaphore(value: 0)
    let isWaiting = state.withLock { state in
      guard state.end == nil, state.acked < state.committed else { return false }
      state.waiting.append(Waiting(seq: state.committed, semaphore: semaphore))
      return true
    }
    if isWaiting, semaphore.wait(timeout: .now() + .milliseconds(limitMs)) == .timedOut {
      state.withLock { state in state.waiting.removeAll { $0.semaphore === semaphore } }
      // The answer may have come in this moment; the next try finds out.
      throw .late(seconds: limitMs / 1000)
    }
    if let end = state.withLock({ $0.end }) { throw end }
  }
}
