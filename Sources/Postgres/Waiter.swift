import Glibc

/// Waits for a socket until a deadline on the monotonic clock, or until the interrupt is signalled.
struct Waiter {
  enum Outcome: Equatable {
    case ready, timeout, interrupted
  }

  let end: ContinuousClock.Instant
  let interrupt: PostgresInterrupt?

  init(milliseconds: Int64, interrupt: PostgresInterrupt?) {
    end = ContinuousClock.now + .milliseconds(max(0, milliseconds))
    self.interrupt = interrupt
  }

  var remainingMs: Int64 {
    let (seconds, attoseconds) = (end - ContinuousClock.now).components
    return max(0, seconds * 1000 + attoseconds / 1_000_000_000_000_000)
  }

  /// An error of the descriptor counts as ready: the next call on it reports it.
  func wait(_ descriptor: Int32, forReading: Bool, forWriting: Bool) -> Outcome {
    let events = (forReading ? Int16(POLLIN) : 0) | (forWriting ? Int16(POLLOUT) : 0)
    while true {
      // poll(2) ignores a negative descriptor.
      var descriptors = [
        pollfd(fd: interrupt?.descriptor ?? -1, events: Int16(POLLIN), revents: 0),
        pollfd(fd: descriptor, events: events, revents: 0),
      ]
      let remaining = remainingMs
      // Rounded up, so that the last millisecond is no busy loop.
      let count = unsafe Glibc.poll(&descriptors, 2, Int32(clamping: remaining + 1))
      if descriptors[0].revents != 0 { return .interrupted }
      if descriptors[1].revents != 0 { return .ready }
      if count == 0, remainingMs == 0 { return .timeout }
    }
  }
}
