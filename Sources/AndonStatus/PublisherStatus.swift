import AndonCore

/// What the bridge's publishing connection says of itself.
package struct PublisherStatus: Sendable, Equatable {
  package var connection: ConnectionStatus
  /// Publications that wait to be sent.
  package var queue: Int
  /// Publications that the broker or the library refused since the start, repeated ones included.
  package var refused: Int64
  /// What is refused now, in words; nil while nothing is.
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
