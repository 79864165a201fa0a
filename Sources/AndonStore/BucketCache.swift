import AndonCore

/// What was read of buckets, so that the next read of the same process need not read it again.
struct BucketCache: Sendable {
  /// By bucket and worker.
  var summaries: [Int64: [Int32: TimelineSummary]] = [:]
  /// The workstations with an event, by bucket.
  var stations: [Int64: Set<Int32>] = [:]

  /// When somebody works in the whole of a bucket, by bucket and workstation.
  var work: [Int64: [String: [Range<Int64>]]] = [:]

  /// What was known of a worker before an instant.
  struct State: Sendable {
    var beforeMs: Int64
    /// The last state that was set; empty where there is none.
    var summary: TimelineSummary
  }

  /// By worker, as of the newest instant that was asked for.
  var states: [Int32: State] = [:]

  /// Forgets the buckets from this one on, because their events changed.
  mutating func forget(from bucketMs: Int64) {
    work = work.filter { $0.key < bucketMs }
    summaries = summaries.filter { $0.key < bucketMs }
    stations = stations.filter { $0.key < bucketMs }
    states = states.filter { $0.value.beforeMs <= bucketMs }
  }

  /// Forgets what no read needs any more.
  mutating func trim(summariesBefore ms: Int64, stationsBefore stationsMs: Int64) {
    summaries = summaries.filter { $0.key >= ms }
    stations = stations.filter { $0.key >= stationsMs }
    work = work.filter { $0.key >= ms }
    states = states.filter { $0.value.beforeMs >= ms }
  }
}
