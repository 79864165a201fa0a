/// Why a connection or a statement failed.
public struct PostgresError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What to do about it, from the SQLSTATE.
  public enum Kind: Sendable, Equatable, CaseIterable {
    /// No server, or the connection was lost or given up: connect again.
    case connection
    /// The server could not do it now (serialization, locks, memory, disk, shutdown): the same statement again later.
    case again
    /// The server refuses these values (SQLSTATE classes 21, 22, 23): again changes nothing.
    case data
    /// Wrong user, password or database, or a right that is missing: a person must change it.
    case permission
    /// What the statement names does not exist, or it is no valid statement (class 42): the schema is not the expected one.
    case schema
    /// The values or the settings of the caller are not usable, or an answer was not what was expected.
    case usage
    /// All else.
    case unknown
  }

  public var kind: Kind
  /// Five characters (PostgreSQL, appendix A); empty when the server said nothing.
  public var sqlState: String
  /// One line, at most 400 characters, without a password.
  public var message: String
  /// The server's detail; empty without one. It may contain values of the statement.
  public var detail: String
  /// The constraint that was violated; empty without one.
  public var constraint: String
  /// Whether the statement may have been committed nevertheless: no answer arrived, or the server ended the session.
  public var isOutcomeUnknown: Bool

  public init(
    _ kind: Kind, _ message: String, sqlState: String = "", detail: String = "", constraint: String = "",
    isOutcomeUnknown: Bool = false
  ) {
    self.kind = kind
    self.message = message
    self.sqlState = sqlState
    self.detail = detail
    self.constraint = constraint
    self.isOutcomeUnknown = isOutcomeUnknown
  }

  public var description: String { sqlState.isEmpty ? message : "\(message) (SQLSTATE \(sqlState))" }

  /// The kind of an SQLSTATE.
  static func kind(ofSQLState state: String) -> Kind {
    switch state {
    // No right to do it; no such database.
    case "42501", "3D000": return .permission
    // A lock that is not free; also a role that is still logged in, and a sequence that is not ready.
    case "55P03", "55006", "55000": return .again
    // A statement's and a lock's time-out of the server, or a cancel.
    case "57014": return .again
    default: break
    }
    switch state.prefix(2) {
    case "08": return .connection
    // 25006: a standby, which will be promoted or replaced.
    case "25": return state == "25006" ? .again : .unknown
    case "40", "53", "57", "58": return .again
    case "21", "22", "23": return .data
    case "28": return .permission
    case "3F", "42", "0A": return .schema
    default: return .unknown
    }
  }
}
