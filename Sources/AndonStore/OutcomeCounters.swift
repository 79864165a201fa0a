package import AndonCore

/// How often each outcome occurred. `received = stored + lowConfidence + duplicate + rejected`, always.
package struct OutcomeCounters: Sendable, Hashable {
  package var received: Int64 = 0
  package var stored: Int64 = 0
  package var lowConfidence: Int64 = 0
  package var duplicate: Int64 = 0
  package var rejected: Int64 = 0
  /// Duplicates that differ from the stored row outside the identity; also counted in `duplicate`.
  package var conflict: Int64 = 0
  /// Messages that contain no event: empty payloads, retained deliveries. Not in `received`.
  package var ignored: Int64 = 0
  /// Quarantine rows that were deleted for newer ones, or because of their age.
  package var quarantineDropped: Int64 = 0
  /// Quarantine rows that were replayed; the outcomes of the replay are counted above once more.
  package var quarantineReplayed: Int64 = 0
  /// Quarantine rows that a person deleted.
  package var quarantinePurged: Int64 = 0

  package init() {}

  /// The names in the store, in `/status` and in the report of an import, each with its key path.
  package static var names: [(name: String, path: any WritableKeyPath<OutcomeCounters, Int64> & Sendable)] {
    [
      ("received", \.received), ("stored", \.stored), ("low_confidence", \.lowConfidence),
      ("duplicate", \.duplicate), ("rejected", \.rejected), ("conflict", \.conflict), ("ignored", \.ignored),
      ("quarantine_dropped", \.quarantineDropped), ("quarantine_replayed", \.quarantineReplayed),
      ("quarantine_purged", \.quarantinePurged),
    ]
  }

  /// Every received event has exactly one outcome.
  package var isBalanced: Bool { received == stored + lowConfidence + duplicate + rejected }

  package static func += (left: inout OutcomeCounters, right: OutcomeCounters) {
    for (_, path) in names { left[keyPath: path] += right[keyPath: path] }
  }
}

extension OutcomeCounters {
  /// The counters in the payloads.
  package static let payloadFields: [PayloadField<OutcomeCounters>] = names.map { name, path in
    .required(name, .count("Events since the site's file was made")) { $0[keyPath: path] }
  }
}
