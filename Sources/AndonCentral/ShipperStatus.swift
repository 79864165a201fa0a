/// How shipping to the central database goes: for status, metrics and alerts.
package struct ShipperStatus: Sendable, Equatable {
  package struct Site: Sendable, Equatable {
    package enum State: String, Sendable, CaseIterable {
      /// Not connected yet, or the server was not asked about the site yet.
      case waiting
      case shipping
      /// Another bridge holds the site.
      case fenced
      /// The file belongs to another central database.
      case foreign
      /// The file is not of the history that the database has: it must be restored (`andon store restore`).
      case stale
    }

    package var state = State.waiting
    /// Who holds the site, if it is another bridge that said its name.
    package var heldBy: String?
    /// Under which epoch this bridge ships it; nil: it does not.
    package var epoch: Int64?
    /// Why its file cannot be read or written; nil while it can.
    package var trouble: String?
    /// Rows that the server refused. Each is a gap with the cause `central_lost`.
    package var refusedRows: Int64 = 0
    /// The server knew less than it had acknowledged: it went back to an older state.
    package var regressedAtMs: Int64?
    /// Since when the oldest commit waits that is not acknowledged, as far as this shipper saw; nil: none does.
    package var behindSinceMs: Int64?
    package var backlogBytes: Int64 = 0
    package var backlogLimitBytes: Int64 = 0
    /// Ranges that are read from the tables.
    package var backfills = 0
    /// Why what is read from the tables cannot be read; nil while it can.
    package var backfillTrouble: String?

    /// What to do with a stale file; nil for others.
    package var staleness: String? {
      state == .stale
        ? "the file is not of the history that the database has; restore it with andon store restore" : nil
    }
  }

  package var isConnected = false
  /// What is wrong, in words; nil while it works.
  package var trouble: String?
  /// Statements whose answer was not certain.
  package var unknownOutcomes: Int64 = 0
  package var shippedRows: Int64 = 0
  /// Why the server's last maintenance did not come to its end.
  package var maintenanceTrouble: String?
  package var sites: [String: Site] = [:]

  package init() {}
}
