import AndonRuntime
package import AndonStore
package import Postgres

/// A site that a person takes from the fleet for a while, to send what a file knows and the database does not. For one thread
/// at a time.
package final class FleetRepair {
  /// Who holds such a site.
  package static let holder = "andon central repair"

  private let connection: PostgresConnection
  private let place: String
  private let incarnation: String

  /// - Parameter incarnation: a UUID; the shipper of the file uses it, too.
  package init(_ settings: PostgresSettings, incarnation: String) throws(CentralError) {
    (place, self.incarnation) = (settings.place, incarnation)
    connection = try .open(settings)
  }

  package func close() { connection.close() }

  /// Where the site is at the database; nil for one that it does not know.
  package func position(of site: String) throws(CentralError) -> (position: ShipPosition, bridge: String?)? {
    try connection.run(at: place) {
      connection throws(PostgresError) -> (position: ShipPosition, bridge: String?)? in
      let result = try connection.execute(
        "SELECT seq, tip, bridge_id FROM andon.stand_v1($1)", [.init(site)])
      guard result.rowCount > 0 else { return nil }
      return (
        ShipPosition(seq: try result.required(0, "seq"), tip: try result.required(0, "tip")),
        try result.value(0, "bridge_id")
      )
    }
  }

  /// - Parameter leastEpoch: what the file knows.
  /// - Returns: false while a bridge holds the site.
  package func take(_ site: String, leastEpoch: Int64) throws(CentralError) -> Bool {
    try connection.run(at: place) { connection throws(PostgresError) in
      let result = try connection.execute(
        "SELECT epoch FROM andon.repair_v1($1, $2, $3::text::uuid, $4)",
        [.init(site), .init(Self.holder), .init(incarnation), .init(leastEpoch)])
      try CentralSession.refuseWarnings(result)
      return result.rowCount > 0
    }
  }

  /// Any bridge may take the site again.
  package func release(_ site: String) throws(CentralError) {
    try connection.run(at: place) { connection throws(PostgresError) -> Void in
      try connection.execute("SELECT andon.repaired_v1($1, $2)", [.init(site), .init(Self.holder)])
    }
  }
}
