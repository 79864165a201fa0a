/// The result of an audit: summaries compared with the stored events.
package struct AuditReport: Sendable {
  package struct Mismatch: Sendable, Hashable {
    package var worker: String
    package var bucketMs: Int64
  }

  /// (worker, day) pairs that were compared.
  package var pairs = 0
  /// Buckets that were compared.
  package var buckets = 0
  /// Buckets that still have to be recomputed with the configured time-out; until then figures are read from
  /// their events.
  package var stale = 0
  package var mismatches: [Mismatch] = []
}
