import Postgres

extension PostgresConnection {
  /// Connects; an error says at which server it happened.
  ///
  /// - Parameter needsStandby: a server whose commits are on one machine only is refused.
  static func open(
    _ settings: PostgresSettings, timeoutMs: Int64 = 10_000, interrupt: PostgresInterrupt? = nil,
    needsStandby: Bool = false
  ) throws(CentralError) -> PostgresConnection {
    let connection: PostgresConnection
    do {
      connection = try PostgresConnection(settings, timeoutMs: timeoutMs, interrupt: interrupt)
    } catch {
      throw .postgres(error, place: settings.place)
    }
    guard needsStandby else { return connection }
    do {
      try connection.checkStandby(at: settings.place)
    } catch {
      connection.close()
      throw error
    }
    return connection
  }

  private func checkStandby(at place: String) throws(CentralError) {
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
