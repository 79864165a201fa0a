/// A prepared statement; it lives as long as its connection, and needs a session of its own: not for a pooler that shares
/// sessions between transactions.
public struct PostgresStatement: Sendable {
  let name: String
  /// The connection that knows it.
  let connection: ObjectIdentifier
}
