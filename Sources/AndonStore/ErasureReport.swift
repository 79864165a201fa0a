package import AndonCore

/// What an erasure found of a worker and took away.
package struct ErasureReport: Sendable, Hashable {
  /// Events that stayed, without the worker.
  package var events: Int64 = 0
  /// Those of them whose own id contained the worker's, and have a random one now.
  package var eventIDs: Int64 = 0
  package var quarantineRows: Int64 = 0
  /// Windows of which the worker's final record was taken.
  package var finalRecords: Int64 = 0
  /// Marks of published final records, counter readings, answers to commands.
  package var otherRows: Int64 = 0
  /// Rows of the access log that name the worker; they stay, without the id.
  package var accessRows: Int64 = 0
  /// Names of who decided that equalled the id.
  package var decisions: Int64 = 0
  package var isTrial = false

  package init() {}

  package var foundSomething: Bool {
    events + finalRecords + quarantineRows + otherRows + accessRows + decisions > 0
  }

  package static let payloadFields: [PayloadField<ErasureReport>] = [
    .required("events", .count("Events that stay without the worker")) { $0.events },
    .required("event_ids", .count("Of these, events whose own id named the worker")) { $0.eventIDs },
    .required("final_records", .count("Final records of closed windows that were deleted")) {
      $0.finalRecords
    },
    .required("quarantine_rows", .count("Rejected events that were deleted")) { $0.quarantineRows },
    .required("other_rows", .count("Counter readings, marks of final records and answers that were deleted"))
    {
      $0.otherRows
    },
    .required("access_rows", .count("Rows of the access log that stay without the worker")) { $0.accessRows },
    .required("decisions", .count("Names of who decided that were the worker's id")) { $0.decisions },
    .required("dry_run", .flag("Nothing was changed")) { $0.isTrial },
  ]
}
