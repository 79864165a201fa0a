/// One thing that maintenance did.
package struct CentralAction: Sendable, Equatable {
  /// `partition` made, `dropped` (a partition), `events`, `worker_figures` (deleted for their age), `erasing`, `erased`.
  package var name: String
  /// The partition, or the site.
  package var subject: String
  /// Rows or partitions.
  package var amount: Int64
}
