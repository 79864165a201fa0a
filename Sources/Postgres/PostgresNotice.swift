/// What the server said beside the result of a statement.
public struct PostgresNotice: Sendable, Equatable {
  /// `WARNING`, `NOTICE`, `INFO`, `LOG` or `DEBUG`, always in English.
  public var severity: String
  /// Five characters; `01000` is a plain warning.
  public var sqlState: String
  /// One line, at most 400 characters.
  public var message: String

  public init(severity: String, sqlState: String, message: String) {
    self.severity = severity
    self.sqlState = sqlState
    self.message = message
  }

  /// A warning: after a commit it says that the commit may not be on the standby.
  public var isWarning: Bool { severity == "WARNING" }
}
