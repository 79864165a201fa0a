package import Mosquitto

/// The ingest loop's view of its broker connection, so that tests can replace it.
///
/// The contract is that of `Connection`: nothing received is acknowledged before `flush`. A connection that
/// is released without `flush` or `disconnect` discards the acknowledgements, and the broker delivers again.
package protocol BrokerConnection: PolledConnection {
  /// Nil without TLS.
  var certificateValidity: CertificateValidity? { get }
  /// Returns the packet id that the `subscribed` event repeats.
  func subscribe(_ filters: [String], qos: Int32, retainHandling: RetainHandling) throws -> Int32
  func unsubscribe(_ filters: [String]) throws
}

extension Connection: BrokerConnection {}
