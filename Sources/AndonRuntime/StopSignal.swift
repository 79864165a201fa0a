package import Mosquitto
import Synchronization

/// Stops a loop on another thread, even while it waits.
package final class StopSignal: Sendable {
  private struct State {
    var isRaised = false
    var processGoesOn = false
  }

  private let state = Mutex(State())
  private let wakeup: Wakeup?
  /// Ends a wait when there is no `wakeup`. It needs no file descriptor; these are scarce in a bridge with
  /// many sites.
  private let event = MonotonicEvent()

  /// - Parameter wakeup: what the loop also waits for; nil for a loop that waits for nothing else.
  package init(wakeup: Wakeup? = nil) { self.wakeup = wakeup }

  package var raised: Bool { state.withLock { $0.isRaised } }

  package func raise() {
    state.withLock { $0.isRaised = true }
    if let wakeup { wakeup.signal() } else { event.signal() }
  }

  /// The process continues after the loop ends, so the loop must close what it holds open.
  package var processGoesOn: Bool {
    get { state.withLock { $0.processGoesOn } }
    set { state.withLock { $0.processGoesOn = newValue } }
  }

  /// Waits for this long, or until the signal is raised. `look` is called at every other wake-up.
  package func pause(milliseconds: Int64, meanwhile work: () -> Void = {}) {
    let end = ContinuousClock.now + .milliseconds(milliseconds)
    while !raised, ContinuousClock.now < end {
      work()
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
