/// How large tables are divided by time; chosen once, when the schema is made.
package enum CentralLayout: String, Sendable, CaseIterable {
  /// Partitions of PostgreSQL itself.
  case native
  /// TimescaleDB's chunks. Not run by Andon's own tests.
  case timescale
}
