package import Mosquitto

/// The publisher's view of its broker connection, so that tests can replace it.
///
/// The contract is that of `Connection`: `publish` throws a `MosquittoError` with a `publicationRefusal` for
/// a publication that can never be sent over this connection, and any other error when the connection is no
/// longer usable.
package protocol PublishLink: PolledConnection {
  /// Returns the packet id that the `published` event repeats.
  func publish(_ publication: Publication) throws -> Int32
  /// Subscribes with QoS 1, without retained messages; returns the packet id that the `subscribed` event repeats.
  func subscribe(to filter: String) throws -> Int32
  /// The broker publishes the will after its delay, unless the client id connects again.
  func disconnectWithWill()
}

extension PublishLink {
  /// Publishes the last message before a DISCONNECT and waits for its acknowledgement, at most `limit`.
  /// Everything else that arrives is discarded.
  ///
  /// - Parameters:
  ///   - publication: with QoS 1.
  ///   - wait: waits until there is something to read, for a short time.
  package func publishLast(_ publication: Publication, within limit: Duration, wait: () -> Void) throws {
    let packetID = try publish(publication)
    let batch = MessageBatch()
    let deadline = ContinuousClock.now + limit
    var isAcknowledged = false
    while !isAcknowledged, ContinuousClock.now < deadline {
      try flush()
      wait()
      _ = try receive(into: batch, until: .init())
      batch.removeAll()
      for case .published(packetID, _) in dequeueEvents() { isAcknowledged = true }
    }
  }
}

extension Connection: PublishLink {
  package func subscribe(to filter: String) throws -> Int32 { try subscribe([filter]) }
}
