package import AndonCore

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

  package static let payload = PayloadTable<OutboxStatus>(
    "Rows of alert_event that wait for the broker.",
    [
      .required("rows", .count("How many wait")) { $0.rows },
      .required("refused", .count("Publications that the broker refused since the start")) { $0.refused },
      .required("dropped", .count("Rows that made room since the start")) { $0.dropped },
      .optional("refusal", .text("What the broker refuses now")) { $0.refusal },
    ])
}
