import AndonCore

/// What a site's outbox says of itself: rows of `alert_event` that wait for the broker.
package struct OutboxStatus: Sendable, Equatable {
  /// Rows that wait; looked at every ten seconds and whenever a refusal begins or ends.
  package var rows = 0
  /// Publications that the broker refused since the start, repeated ones included.
  package var refused: Int64 = 0
  /// Rows that made room since the start, because the broker took none for too long.
  package var dropped: Int64 = 0
  /// What the broker refuses now, in words; nil while nothing.
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
