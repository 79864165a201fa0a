package import AndonConfiguration
import Postgres

/// What the overview reads of the central database, through the views that `andon_reader` may read. It connects when it
/// is asked, and again after an error. For one thread at a time.
package final class CentralReader {
  /// Of a connection, and of a statement.
  private static let timeoutMs: Int64 = 4000
  private let settings: PostgresSettings
  private let interrupt: PostgresInterrupt
  private var connection: PostgresConnection?

  /// Ends what any reader of it waits for, from any thread.
  package struct Interrupt: Sendable {
    let interrupt: PostgresInterrupt

    package init() throws { interrupt = try PostgresInterrupt() }

    package func signal() { interrupt.signal() }
  }

  /// - Throws: for a URL or a password file that cannot be used; never for the database.
  package init(_ central: CentralSettings, interrupt: Interrupt) throws {
    settings = try central.server(applicationName: "andon overview")
    self.interrupt = interrupt.interrupt
  }

  private static let statement = """
    SELECT window_kind, start_ms, end_ms, NULLIF(shift_id, '') AS shift_id, quality::bigint AS quality,
      (utilization_pct * 100)::bigint AS utilization, units, target_units
    FROM andon.kpi_site
    WHERE site_id = $1 AND start_ms >= $2 AND NOT withheld AND window_kind IN ('day', 'shift')
    ORDER BY start_ms LIMIT 500
    """

  /// The closed days and shifts of a site that began at `fromMs` or later, oldest first.
  package func spans(of site: String, fromMs: Int64) throws(CentralError) -> [CentralSpan] {
    do throws(PostgresError) {
      let open = try opened()
      let result = try open.execute(Self.statement, [.init(site), .init(fromMs)], timeoutMs: Self.timeoutMs)
      return try result.map { row throws(PostgresError) in
        CentralSpan(
          kind: try result.required(row, "window_kind"), startMs: try result.required(row, "start_ms"),
          endMs: try result.required(row, "end_ms"), shiftID: try result.value(row, "shift_id"),
          quality: try result.required(row, "quality"), utilization: try result.value(row, "utilization"),
          units: try result.value(row, "units"), targetUnits: try result.value(row, "target_units"))
      }
    } catch {
      close()
      throw CentralAdministration.words(error, place: settings.place)
    }
  }

  package func close() {
    connection?.close()
    connection = nil
  }

  private func opened() throws(PostgresError) -> PostgresConnection {
    if let connection, connection.isOpen { return connection }
    let fresh = try PostgresConnection(settings, timeoutMs: Self.timeoutMs, interrupt: interrupt)
    connection = fresh
    return fresh
  }
}
