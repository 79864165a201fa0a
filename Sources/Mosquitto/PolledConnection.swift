/// A connection that one thread drives: `wait` for the socket, `receive`, `takeEvents`, `flush`, `keepAlive`.
///
/// The order of `receive` and `flush` belongs to the owner, because acknowledgements leave with `flush`; so each owner
/// has its own loop. What the loops have in common is here. Owners that are tested with fakes refine this protocol.
public protocol PolledConnection: AnyObject {
  /// The descriptor to poll, nil when there is none.
  var socket: Int32? { get }
  /// Whether something is queued for the socket.
  var wantsWrite: Bool { get }
  /// Waits until the peer accepts; asks `onWake` at each signal of the wake-up, and gives up when that says false.
  func connect(wakeup: Wakeup?, onWake: () -> Bool) throws
  func receive(into batch: MessageBatch, until limit: MessageBatch.Limit) throws -> Connection.ReceiveOutcome
  func takeEvents() -> [ConnectionEvent]
  func flush() throws
  func keepAlive() throws
  func disconnect()
}

extension PolledConnection {
  /// Waits until the socket can be read (or written, if something is queued), the wake-up is signalled, or time is up;
  /// takes the signals that came. Returns whether there is something to read, which may be an error of the socket.
  @discardableResult
  public func wait(milliseconds: Int32, wakeup: Wakeup? = nil) -> Bool {
    let ready = poll(
      socket: socket, wantsWrite: wantsWrite, wakeup: wakeup, timeoutMilliseconds: milliseconds)
    if ready.woken { wakeup?.drain() }
    return ready.readable
  }
}

extension Connection: PolledConnection {}
