package import Mosquitto

/// What an ingest loop needs of its connection to the broker: the one seam for fakes.
///
/// The contract is `Connection`'s: nothing received is acknowledged before `flush`, and `drop` forgets the
/// acknowledgements, whereupon the broker delivers again.
package protocol BrokerConnection: PolledConnection {
  /// Nil without TLS.
  var certificateValidity: CertificateValidity? { get }
  /// Returns the packet id that the `subscribed` event repeats.
  func subscribe(_ filters: [String], qos: Int32, retainHandling: RetainHandling) throws -> Int32
  func unsubscribe(_ filters: [String]) throws
}

extension Connection: BrokerConnection {}
