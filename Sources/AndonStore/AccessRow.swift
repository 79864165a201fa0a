package import AndonCore

/// One look at workers' figures or events.
package struct AccessRow: Sendable, Equatable {
  /// Grows with each row of the site; 0 before it is stored.
  package var seq: Int64 = 0
  package var atMs: Int64
  /// The user, or `shared token`.
  package var user: String
  /// How the caller proved who it is: `session`, `userToken`, `sharedToken`.
  package var proof: String
  /// The address of the client.
  package var address: String
  /// The `operationId`, e.g. `listEvents`.
  package var operation: String
  /// The one worker whom the answer was about; empty for several.
  package var workerID: String
  /// How many workers the answer had; of the quarantine, how many events; 0 for a stream, whose events come later.
  package var subjects: Int
  /// The range of time that the answer was about; nil: without an end on that side.
  package var fromMs: Int64?
  package var toMs: Int64?
  /// Why, as the caller said; may be empty.
  package var reason: String

  package init(
    atMs: Int64, user: String, proof: String, address: String, operation: String, workerID: String = "",
    subjects: Int, fromMs: Int64? = nil, toMs: Int64? = nil, reason: String = ""
  ) {
    self.atMs = atMs
    self.user = user
    self.proof = proof
    self.address = address
    self.operation = operation
    self.workerID = workerID
    self.subjects = subjects
    self.fromMs = fromMs
    self.toMs = toMs
    self.reason = reason
  }

  /// The row as JSON.
  package func json(site: String) -> [UInt8] { Self.payload.json((self, site), capacity: 320) }

  package static let payload = PayloadTable<(row: AccessRow, site: String)>(
    "A look at workers' figures or events.",
    [
      .required("seq", .count("Its row; grows")) { $0.row.seq },
      .required("timestamp_ms", .instant("When")) { $0.row.atMs },
      .required("ts", .timestampText) { $0.row.atMs },
      .required("site_id", .identifier("The site")) { $0.site },
      .required("user", .text("Who; shared token: somebody who knows that token")) { $0.row.user },
      .required("proof", .text("session, userToken, sharedToken, identityProvider or proxy")) {
        $0.row.proof
      },
      .required("address", .text("From where")) { $0.row.address },
      .required("operation", .text("What was asked for, e.g. listEvents")) { $0.row.operation },
      .optional("worker_id", .text("The one worker whom it was about")) {
        $0.row.workerID.isEmpty ? nil : $0.row.workerID
      },
      .required("subjects", .count("How many workers it had; of the quarantine, events; 0 for a stream")) {
        $0.row.subjects
      },
      .optional("from_ms", .instant("The beginning of the range")) { $0.row.fromMs },
      .optional("to_ms", .instant("The end of the range")) { $0.row.toMs },
      .optional("reason", .text("Why, as the caller said")) { $0.row.reason.isEmpty ? nil : $0.row.reason },
    ])
}
