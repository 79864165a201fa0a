package import Mosquitto

/// The ingest loop's view of its broker connection, so that tests can replace it.
///
/// The contract is that of `Connection`: nothing received is acknowledged before `flush`. A connection that
/// is released without `flush` or `disconnect` discards the acknowledgements, and the broker delivers again.
package protocol BrokerConnection: AnyObject {
  /// The descriptor to poll, nil when there is none.
  var socket: Int32? { get }
  var wantsWrite: Bool { get }
  /// Nil without TLS.
  var certificateValidity: CertificateValidity? { get }
  /// Waits until the peer accepts. Calls `onWake` at each signal of the wake-up and gives up when that
  /// returns false.
  func connect(wakeup: Wakeup?, onWake: () -> Bool) throws
  func receive(into batch: MessageBatch, until limit: MessageBatch.Limit) throws -> Connection.ReceiveOutcome
  func takeEvents() -> [ConnectionEvent]
  func subscribe(_ filters: [String], qos: Int32, retainHandling: RetainHandling) throws -> Int32
  func unsubscribe(_ filters: [String]) throws
  func flush() throws
  func keepAlive() throws
  func disconnect()
}

extension Connection: BrokerConnection {}
