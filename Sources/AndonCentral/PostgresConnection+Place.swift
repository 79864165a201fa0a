import Postgres

extension PostgresConnection {
  /// Refuses a server whose commits are on one machine only.
  func checkStandby(at place: String) throws(CentralError) {
    let waits = try run(at: place) { connection throws(PostgresError) in
      try connection.execute(
        """
        SELECT current_setting('synchronous_standby_names') <> ''
          AND current_setting('synchronous_commit') NOT IN ('off', 'local') AS waits
        """
      ).required(0, "waits", as: Bool.self)
    }
    if !waits { throw .noStandby(place: place) }
  }

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
