import Glibc

/// A deadline for waits for a descriptor, with a wake-up that may end them early.
struct ConnectDeadline {
  enum Outcome { case ready, late, interrupted }

  private let deadline: ContinuousClock.Instant
  private let wakeup: Wakeup?

  init(limit: Duration, _ wakeup: Wakeup?) {
    deadline = .now + limit
    self.wakeup = wakeup
  }

  init(_ settings: ConnectionSettings, _ wakeup: Wakeup?) {
    self.init(limit: .seconds(settings.connectSeconds), wakeup)
  }

  var isOver: Bool { .now >= deadline }

  /// An equal part of the time left, for one of `attempts` attempts.
  func share(of attempts: Int) -> ConnectDeadline {
    ConnectDeadline(limit: max(.zero, deadline - .now) / max(1, attempts), wakeup)
  }

  /// Waits until the descriptor is ready, the time is up, or `onWake` returns false; it is called at the
  /// start and at each signal of the wake-up.
  func wait(
    for descriptor: Int32, _ events: Int32, atMostMilliseconds limit: Int64 = .max, _ onWake: () -> Bool
  ) -> Outcome {
    let end = limit == .max ? deadline : min(deadline, .now + .milliseconds(limit))
    guard onWake() else { return .interrupted }
    while true {
      let left = max(.zero, end - .now) / .milliseconds(1)
      // poll(2) ignores a negative descriptor.
      var descriptors = [
        pollfd(fd: wakeup?.descriptor ?? -1, events: Int16(POLLIN), revents: 0),
        pollfd(fd: descriptor, events: Int16(events), revents: 0),
      ]
      let count = unsafe Glibc.poll(&descriptors, 2, Int32(left.rounded(.up)))
      if descriptors[0].revents != 0 {
        wakeup?.drain()
        guard onWake() else { return .interrupted }
      }
      if descriptors[1].revents != 0 { return .ready }
      if count == 0 || ContinuousClock.now >= end { return .late }
    }
  }
}
