package import AndonCore

/// How a site's log is shipped to the central database.
package struct SiteCentralStatus: Sendable, Equatable {
  /// What became of the last attempt.
  package enum State: String, Sendable, CaseIterable {
    /// The database is away, or was not asked about the site yet.
    case waiting
    case shipping
    /// Another bridge took the site.
    case fenced
    /// The file belongs to another central database.
    case foreign
    /// The site's file cannot be read or written.
    case failed
  }

  package var state = State.waiting
  /// Which other bridge holds the site.
  package var heldBy: String?
  package var error: String?
  /// Since when this bridge has known of the oldest commit that the database has not acknowledged; nil: it has all.
  package var behindSinceMs: Int64?
  /// What waits in the file, and at most how much may.
  package var backlogBytes: Int64 = 0
  package var backlogLimitBytes: Int64 = 0
  /// Ranges that are read from the tables instead of the log.
  package var backfills = 0
  /// Rows that the server refused since the start.
  package var refusedRows: Int64 = 0
  /// Under which number this bridge holds the site there; nil: it does not, or does not know yet.
  package var epoch: Int64?
  /// When the server was last seen to know less than it had acknowledged.
  package var regressedMs: Int64?

  package init() {}

  /// Seconds.
  package func lag(nowMs: Int64) -> Double { behindSinceMs.map { Double(max(0, nowMs - $0)) / 1000 } ?? 0 }

  package static let payload = PayloadTable<SiteCentralStatus>(
    "How the site's log is shipped to the central database.",
    [
      .required("state", .word("What became of the last attempt")) { $0.state },
      .optional("held_by", .text("Which other bridge holds the site")) { $0.heldBy },
      .optional(
        "epoch", .count("Under which number this bridge holds the site: it grows with each take-over")
      ) {
        $0.epoch
      },
      .optional("error", .text("Why its file cannot be shipped")) { $0.error },
      .optional("behind_since_ms", .instant("Since when the oldest commit waits that is not there")) {
        $0.behindSinceMs
      },
      .required("backlog_bytes", .count("What waits in the file")) { $0.backlogBytes },
      .required("backlog_limit_bytes", .count("At most so much waits; more is read from the tables later")) {
        $0.backlogLimitBytes
      },
      .required("backfills", .count("Ranges that are read from the tables")) { $0.backfills },
      .required("refused_rows", .count("Rows that the server refused since the start")) { $0.refusedRows },
      .optional("regressed_ms", .instant("When the server last knew less than it had acknowledged")) {
        $0.regressedMs
      },
    ])
}
