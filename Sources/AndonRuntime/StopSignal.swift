package import Mosquitto
import Synchronization

/// Ends a loop on a thread of its own, also while it waits.
package final class StopSignal: Sendable {
  private struct State {
    var isRaised = false
    var processGoesOn = false
  }

  private let state = Mutex(State())
  private let wakeup: Wakeup?
  /// Ends a wait where there is no `wakeup`. It costs no file descriptor, of which a bridge with many sites has few.
  private let event = MonotonicEvent()

  /// - Parameter wakeup: what the loop waits on besides; nil for a loop that waits for nothing else.
  package init(wakeup: Wakeup? = nil) { self.wakeup = wakeup }

  package var raised: Bool { state.withLock { $0.isRaised } }

  package func raise() {
    state.withLock { $0.isRaised = true }
    if let wakeup { wakeup.signal() } else { event.signal() }
  }

  /// The process goes on when the loop has ended: what it holds open is to be closed.
  package var processGoesOn: Bool {
    get { state.withLock { $0.processGoesOn } }
    set { state.withLock { $0.processGoesOn = newValue } }
  }

  /// Waits that long, or until the signal is raised. Whatever else wakes it is looked at meanwhile.
  package func pause(milliseconds: Int64, meanwhile look: () -> Void = {}) {
    let end = ContinuousClock.now + .milliseconds(milliseconds)
    while !raised, ContinuousClock.now < end {
      look()
      let rest = (end - ContinuousClock.now) / .milliseconds(1)
      wait(milliseconds: Int32(max(1, min(rest, 1000))))
    }
  }

  private func wait(milliseconds: Int32) {
    guard let wakeup else {
      event.wait(milliseconds: milliseconds)
      return
    }
    _ = poll(socket: nil, wantsWrite: false, wakeup: wakeup, timeoutMilliseconds: milliseconds)
    wakeup.drain()
  }
}
