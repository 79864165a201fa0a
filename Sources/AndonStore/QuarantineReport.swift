package import AndonCore

/// The committed result of a quarantine command.
package struct QuarantineReport: Sendable, Hashable {
  /// Rows that left the quarantine. An event that was rejected again has a new row.
  package var taken = 0
  /// Rows that cannot be replayed and stay: cut off at 64 KiB, or older than `ingest.max_age` by now.
  package var kept = 0
  /// Outcomes of the events that were judged again.
  package var outcomes: [ItemOutcome.Kind: Int] = [:]
  /// The id of the last row that was examined; 0 when there was none.
  package var lastID: Int64 = 0
  /// More rows match.
  package var hasMore = false

  package init() {}

  package var received: Int { outcomes.values.reduce(0, +) }

  package mutating func add(_ other: QuarantineReport) {
    taken += other.taken
    kept += other.kept
    outcomes.merge(other.outcomes, uniquingKeysWith: +)
    lastID = max(lastID, other.lastID)
    hasMore = other.hasMore
  }

  package func append(to writer: inout JSONWriter) {
    writer.field("taken", taken)
    writer.field("kept", kept)
    writer.field("received", received)
    for kind in ItemOutcome.Kind.allCases { writer.field(kind.rawValue, outcomes[kind] ?? 0) }
    writer.field("last_id", lastID)
    writer.field("has_more", hasMore)
  }
}
