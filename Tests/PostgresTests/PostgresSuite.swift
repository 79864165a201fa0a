import Foundation
import Postgres
import TestSupport

/// The shared server, and connections to it.
enum PostgresSuite {
  static func connect(
    _ database: String = "postgres", interrupt: PostgresInterrupt? = nil
  ) throws -> PostgresConnection {
    let settings = try PostgresSettings(url: try PostgresServer.shared.get().url(database))
    return try PostgresConnection(settings, interrupt: interrupt)
  }

  /// The error that the body throws; nil when it throws none.
  static func failure(_ body: () throws(PostgresError) -> Void) -> PostgresError? {
    do throws(PostgresError) {
      try body()
      return nil
    } catch {
      return error
    }
  }
}
