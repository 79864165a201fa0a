package import AndonCore

/// The connections to the central database.
package struct CentralLinkStatus: Sendable, Equatable {
  /// The server, for people, without a password.
  package var place: String
  /// How many of them stand, of how many.
  package var connected = 0
  package var connections: Int
  /// Rows that the server has taken since the start, repeated ones included.
  package var shippedRows: Int64 = 0
  /// Statements whose answer was not certain since the start; what was in them was asked for and shipped again if necessary.
  package var unknownOutcomes: Int64 = 0
  /// Why the database takes nothing; nil while it does.
  package var error: String?

  package init(place: String, connections: Int) { (self.place, self.connections) = (place, connections) }

  /// Of several shippers, each with one connection.
  package init(place: String, _ parts: [CentralLinkStatus]) {
    self.init(place: place, connections: parts.reduce(0) { $0 + $1.connections })
    connected = parts.reduce(0) { $0 + $1.connected }
    shippedRows = parts.reduce(0) { $0 + $1.shippedRows }
    unknownOutcomes = parts.reduce(0) { $0 + $1.unknownOutcomes }
    error = parts.compactMap(\.error).first
  }

  package static let payload = PayloadTable<CentralLinkStatus>(
    "The connections to the central database.",
    [
      .required("server", .text("Where it is")) { $0.place },
      .required("connections", .count("How many this bridge uses")) { $0.connections },
      .required("connected", .count("How many of them stand")) { $0.connected },
      .required("shipped_rows", .count("Rows that it has taken since the start, repeated ones included")) {
        $0.shippedRows
      },
      .required("unknown_outcomes", .count("Statements whose answer was not certain, since the start")) {
        $0.unknownOutcomes
      },
      .optional("error", .text("Why it takes nothing")) { $0.error },
    ])
}
