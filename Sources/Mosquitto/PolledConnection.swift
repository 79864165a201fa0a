/// A connection that one thread drives: `wait`, `receive`, `dequeueEvents`, `flush`, `keepAlive`.
///
/// Each owner has a loop of its own, because it decides what to do between `receive` and `flush`, with which
/// the acknowledgements leave. Owners that are tested with fakes refine this protocol.
public protocol PolledConnection: AnyObject {
  /// The descriptor to poll, nil when there is none.
  var socket: Int32? { get }
  /// Whether something is queued for the socket.
  var wantsWrite: Bool { get }
  /// Waits until the peer accepts. Calls `onWake` at each signal of the wake-up and gives up when that
  /// returns false.
  func connect(wakeup: Wakeup?, onWake: () -> Bool) throws
  /// Waits until the socket can be read; unlike `wait`, also while something is queued that must not leave yet.
  /// Returns false when time is up or the wake-up was signalled, which is cleared.
  func waitToRead(milliseconds: Int32, wakeup: Wakeup?) -> Bool
  func receive(into batch: MessageBatch, until limit: MessageBatch.Limit) throws -> Connection.ReceiveOutcome
  func dequeueEvents() -> [ConnectionEvent]
  func flush() throws
  func keepAlive() throws
  func disconnect()
}

extension PolledConnection {
  /// Waits until the socket can be read (or written, if something is queued), the wake-up is signalled, or
  /// time is up, and clears the wake-up. Returns whether there is something to read; an error of the socket
  /// counts as that.
  @discardableResult
  public func wait(milliseconds: Int32, wakeup: Wakeup? = nil) -> Bool {
    let ready = poll(
      socket: socket, wantsWrite: wantsWrite, wakeup: wakeup, timeoutMilliseconds: milliseconds)
    if ready.woken { wakeup?.drain() }
    return ready.readable
  }

  public func waitToRead(milliseconds: Int32, wakeup: Wakeup?) -> Bool {
    let ready = poll(socket: socket, wantsWrite: false, wakeup: wakeup, timeoutMilliseconds: milliseconds)
    if ready.woken { wakeup?.drain() }
    return ready.readable && !ready.woken
  }
}

extension Connection: PolledConnection {}
