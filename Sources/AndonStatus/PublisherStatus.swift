package import AndonCore

/// The state of the bridge's publishing connection.
package struct PublisherStatus: Sendable, Equatable {
  package var connection: ConnectionStatus
  /// How many publications wait.
  package var queue: Int
  /// Publications that the broker or the library refused since the start, repeated ones included.
  package var refused: Int64
  /// The current refusals as text; nil while there are none.
  package var refusal: String?

  package static let payload = PayloadTable<PublisherStatus>(
    "The connection that publishes KPIs and alerts.", ConnectionStatus.payloadFields.of { $0.connection },
    [
      .required("queue", .count("Publications that wait to be sent")) { $0.queue },
      .required("refused", .count("Publications that were refused since the start")) { $0.refused },
      .optional("refusal", .text("What is refused now, why, and what to do")) { $0.refusal },
    ])
}
