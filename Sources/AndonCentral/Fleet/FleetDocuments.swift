package import Postgres

/// What is set for the sites of a fleet, for commands on the machine of a bridge. For one thread at a time.
package final class FleetDocuments {
  private let connection: PostgresConnection
  private let place: String

  package init(_ settings: PostgresSettings) throws(CentralError) {
    place = settings.place
    connection = try .open(settings)
  }

  package func close() { connection.close() }

  /// The ids of all sites on the fleet's list, in order.
  package func sites() throws(CentralError) -> [String] {
    try connection.run(at: place) { connection throws(PostgresError) in
      let result = try connection.execute("SELECT site_id FROM andon.site_ids_v1()")
      return try result.map { row throws(PostgresError) in
        try result.required(row, "site_id", as: String.self)
      }
    }
  }

  /// The YAML of a site; nil for one that is not on the list.
  package func document(of site: String) throws(CentralError) -> String? {
    try connection.run(at: place) { connection throws(PostgresError) in
      let result = try connection.execute("SELECT config FROM andon.document_v1($1)", [.init(site)])
      return result.rowCount == 0 ? nil : try result.required(0, "config", as: String.self)
    }
  }
}
