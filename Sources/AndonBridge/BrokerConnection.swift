package import Mosquitto

/// What an ingest loop needs of its connection to the broker: the one seam for fakes.
///
/// The contract is `Connection`'s: nothing received is acknowledged before `flush`, and `drop` forgets the
/// acknowledgements, whereupon the broker delivers again.
package protocol BrokerConnection: AnyObject {
  /// The descriptor to poll, nil when there is none.
  var socket: Int32? { get }
  var wantsWrite: Bool { get }
  /// Nil without TLS.
  var certificateValidity: CertificateValidity? { get }
  /// Waits until the peer accepts; asks `onWake` at each signal of the wake-up, and gives up when that says false.
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
