package import Mosquitto

/// The publisher's view of its broker connection, so that tests can replace it.
///
/// The contract is that of `Connection`: `publish` throws a `MosquittoError` with a `publicationRefusal` for
/// a publication that can never be sent over this connection, and any other error when the connection is no
/// longer usable.
package protocol PublishLink: AnyObject {
  /// The descriptor to poll, nil when there is none.
  var socket: Int32? { get }
  var wantsWrite: Bool { get }
  func connect(wakeup: Wakeup?, onWake: () -> Bool) throws
  func receive(into batch: MessageBatch, until limit: MessageBatch.Limit) throws -> Connection.ReceiveOutcome
  func takeEvents() -> [ConnectionEvent]
  /// Returns the packet id that the `published` event repeats.
  func publish(_ publication: Publication) throws -> Int32
  func flush() throws
  func keepAlive() throws
  func disconnect()
}

extension Connection: PublishLink {}
