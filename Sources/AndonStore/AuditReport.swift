/// What a self-audit of summaries against events found.
package struct AuditReport: Sendable {
  package struct Mismatch: Sendable, Hashable {
    package var worker: String
    package var bucketMs: Int64
  }

  /// (worker, day) pairs looked at.
  package var pairs = 0
  /// Quarters of an hour compared.
  package var buckets = 0
  /// Quarters of an hour that wait to be folded with the configured time-out: read from events meanwhile.
  package var stale = 0
  package var mismatches: [Mismatch] = []
}
