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

  /// The answer of `andon quarantine`.
  package static let payload = PayloadTable<QuarantineReport>(
    "What became of rows of the quarantine.", payloadFields(taken: "Rows taken out of the quarantine"))

  /// The fields of the report in the payloads. `taken` is the help of the field of that name.
  package static func payloadFields(taken: String) -> [PayloadField<QuarantineReport>] {
    [
      .required("taken", .count(taken)) { $0.taken },
      .required("kept", .count("Rows that cannot be replayed and stay")) { $0.kept },
      .required("received", .count("Events that went through the pipeline again")) { $0.received },
    ] + ItemOutcome.Kind.countFields.of { $0.outcomes } + [
      .required("last_id", .count("The last row looked at; 0 for none")) { $0.lastID },
      .required("has_more", .flag("More rows match: ask again with after_id")) { $0.hasMore },
    ]
  }
}
