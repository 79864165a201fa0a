import Mosquitto
import Synchronization

/// Ends a loop on a thread of its own, also while it waits.
final class StopSignal: Sendable {
  private let isRaised = Mutex(false)
  private let wakeup: Wakeup

  /// - Parameter wakeup: what the loop waits on besides; without one it gets its own.
  init(wakeup: Wakeup? = nil) throws { self.wakeup = try wakeup ?? Wakeup() }

  var raised: Bool { isRaised.withLock { $0 } }

  func raise() {
    isRaised.withLock { $0 = true }
    wakeup.signal()
  }

  /// Waits that long, or until the signal is raised. Whatever else wakes it is looked at meanwhile.
  func pause(milliseconds: Int64, meanwhile look: () -> Void = {}) {
    let end = ContinuousClock.now + .milliseconds(milliseconds)
    while !raised, ContinuousClock.now < end {
      look()
      let rest = (end - ContinuousClock.now) / .milliseconds(1)
      _ = poll(
        socket: nil, wantsWrite: false, wakeup: wakeup, timeoutMilliseconds: Int32(max(1, min(rest, 1000))))
      wakeup.drain()
    }
  }
}
