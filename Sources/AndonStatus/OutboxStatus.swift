import AndonCore

/// The state of a site's outbox: rows of `alert_event` that wait for the broker.
package struct OutboxStatus: Sendable, Equatable {
  /// Waiting rows; counted every ten seconds and whenever a refusal begins or ends.
  package var rows = 0
  /// Publications that the broker refused since the start, repeated ones included.
  package var refused: Int64 = 0
  /// Rows that were deleted for newer ones since the start, because the broker accepted none for too long.
  package var dropped: Int64 = 0
  /// The current refusals as text; nil while there are none.
  package var refusal: String?

  package init() {}

  package func json() -> [UInt8] {
    var writer = JSONWriter()
    writer.field("rows", rows)
    writer.field("refused", refused)
    writer.field("dropped", dropped)
    if let refusal { writer.field("refusal", refusal) }
    return writer.end()
  }
}
