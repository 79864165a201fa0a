import Postgres

/// What a central database says of itself.
package struct CentralAbout: Sendable, Equatable {
  package var schemaVersion: Int32
  /// Bridges of an older schema must not write.
  package var oldestWriter: Int32
  /// A UUID that is made with the schema: a bridge ships to the database that it began with.
  package var clusterID: String
  package var layout: String
  /// The server's clock, epoch milliseconds.
  package var atMs: Int64

  /// Whether a bridge of this program may write there.
  func check(place: String) throws(CentralError) {
    guard oldestWriter <= CentralSchema.version else {
      throw .bridgeTooOld(needs: oldestWriter, place: place)
    }
    guard schemaVersion >= CentralSchema.version else {
      throw .olderSchema(version: schemaVersion, place: place)
    }
  }
}

extension CentralAbout {
  static let statement =
    "SELECT schema_version, oldest_writer, cluster_id::text, layout, at_ms FROM andon.about_v1()"

  /// From the answer to `statement`.
  init(_ result: PostgresResult) throws(PostgresError) {
    schemaVersion = try result.required(0, "schema_version")
    oldestWriter = try result.required(0, "oldest_writer")
    clusterID = try result.required(0, "cluster_id")
    layout = try result.required(0, "layout")
    atMs = try result.required(0, "at_ms")
  }
}
