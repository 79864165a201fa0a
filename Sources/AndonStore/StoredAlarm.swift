package import AndonCore

/// One alarm as of its last transition.
package struct StoredAlarm: Sendable {
  package var alertID: String
  package var machine: AlarmStateMachine
  package var state: AlarmState { machine.state }
}

/// One journal row.
package struct AlarmJournalRow: Sendable, Hashable {
  package var sequence: Int64
  package var alertID: String
  package var occurrenceID: String
  package var revision: Int64
  /// `raised`, `cleared`, `acknowledged`, …: `AlarmTransition.Kind`.
  package var event: String
  package var page: Bool
  /// When it happened and when it was recorded; epoch milliseconds.
  package var atMs: Int64
  package var notedMs: Int64
  /// The flat object as published on `alert_event`.
  package var json: String
  /// How many transitions the row stands for: 1, or more where an alarm chattered; it shows the last of them.
  package var count: Int64
}

/// A publication that waits for the broker.
package struct OutboxRow: Sendable, Hashable {
  package var sequence: Int64
  package var topic: String
  package var schema: String
  package var payload: [UInt8]
  package var expirySeconds: Int64
}

/// A person's verdict on an occurrence.
package struct GroundTruth: Sendable, Hashable {
  package var occurrenceID: String
  package var alertID: String
  /// `confirmed` or `false_alarm`.
  package var verdict: String
  package var by: String
  package var comment: String
  package var atMs: Int64
}
