import Postgres

extension PostgresConnection {
  /// Runs statements; an error says at which server it happened.
  ///
  /// - Parameter rollsBack: after an error an open transaction is taken back, as it would keep its locks.
  func run<Result>(
    at place: String, rollsBack: Bool = false, _ body: (PostgresConnection) throws(PostgresError) -> Result
  ) throws(CentralError) -> Result {
    do {
      return try body(self)
    } catch {
      if rollsBack, isOpen { _ = try? executeScript("ROLLBACK", timeoutMs: 5000) }
      throw CentralAdministration.words(error, place: place)
    }
  }
}
