import AndonCore

/// The state of the bridge's publishing connection.
package struct PublisherStatus: Sendable, Equatable {
  package var connection: ConnectionStatus
  /// How many publications wait.
  package var queue: Int
  /// Publications that the broker or the library refused since the start, repeated ones included.
  package var refused: Int64
  /// The current refusals as text; nil while there are none.
  package var refusal: String?

  package func json() -> [UInt8] {
    var writer = JSONWriter(capacity: 256)
    writer.field("connected", connection.isConnected)
    writer.field("since_ms", connection.sinceMs)
    if let trouble = connection.trouble { writer.field("trouble", trouble) }
    writer.field("queue", queue)
    writer.field("refused", refused)
    if let refusal { writer.field("refusal", refusal) }
    return writer.end()
  }
}
