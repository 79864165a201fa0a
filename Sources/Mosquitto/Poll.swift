import Glibc

/// What `poll` found; all false after a time-out.
public struct PollResult: Sendable {
  public var readable = false
  public var writable = false
  public var woken = false
}

/// Waits until the socket can be read (or written, if wanted), the wake-up was signalled, or time is up. An
/// error condition of the socket shows as readable: the next read reports it.
public func poll(
  socket: Int32?, wantsWrite: Bool, wakeup: Wakeup?, timeoutMilliseconds: Int32
) -> PollResult {
  // poll(2) ignores a negative descriptor.
  var descriptors = [
    pollfd(fd: wakeup?.descriptor ?? -1, events: Int16(POLLIN), revents: 0),
    pollfd(fd: socket ?? -1, events: Int16(POLLIN) | (wantsWrite ? Int16(POLLOUT) : 0), revents: 0),
  ]
  guard unsafe Glibc.poll(&descriptors, 2, timeoutMilliseconds) > 0 else { return PollResult() }
  let events = Int32(descriptors[1].revents)
  return PollResult(
    readable: events & (POLLIN | POLLERR | POLLHUP | POLLNVAL) != 0, writable: events & POLLOUT != 0,
    woken: descriptors[0].revents != 0)
}
