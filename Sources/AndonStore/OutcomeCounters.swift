/// How often each outcome happened. `received = stored + lowConfidence + duplicate + rejected`, always.
package struct OutcomeCounters: Sendable, Hashable {
  package var received: Int64 = 0
  package var stored: Int64 = 0
  package var lowConfidence: Int64 = 0
  package var duplicate: Int64 = 0
  package var rejected: Int64 = 0
  /// Duplicates that differed from the stored row in something beside the identity; also in `duplicate`.
  package var conflict: Int64 = 0
  /// Messages that are no events: empty payloads, retained deliveries. Not in `received`.
  package var ignored: Int64 = 0
  /// Quarantine rows that made room for newer ones.
  package var quarantineDropped: Int64 = 0
  /// Quarantine rows that were put through the pipeline again; what came of them is counted once more above.
  package var quarantineReplayed: Int64 = 0
  /// Quarantine rows that a person deleted.
  package var quarantinePurged: Int64 = 0

  package init() {}

  /// Name in the store, on `/status` and in the import's report, with the place of its value.
  package static var names: [(name: String, path: WritableKeyPath<OutcomeCounters, Int64>)] {
    [
      ("received", \.received), ("stored", \.stored), ("low_confidence", \.lowConfidence),
      ("duplicate", \.duplicate), ("rejected", \.rejected), ("conflict", \.conflict), ("ignored", \.ignored),
      ("quarantine_dropped", \.quarantineDropped), ("quarantine_replayed", \.quarantineReplayed),
      ("quarantine_purged", \.quarantinePurged),
    ]
  }

  /// The ledger balances: every received event ended in exactly one outcome.
  package var isBalanced: Bool { received == stored + lowConfidence + duplicate + rejected }

  package static func += (left: inout OutcomeCounters, right: OutcomeCounters) {
    for (_, path) in names { left[keyPath: path] += right[keyPath: path] }
  }
}
