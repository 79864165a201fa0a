import AndonCore
import AndonStore

/// Keeps the lists of cameras' events, which the drift rules are applied to again when a sample comes late, equal to
/// the stored events.
///
/// The list of a camera and model version for its newest bucket is in memory; it is written when the bucket is over.
/// Memory: twelve bytes an event of the open buckets.
struct SampleWriter: Sendable {
  /// The lists of one camera and model version, by bucket.
  private struct Lists: Sendable {
    var lists: [Int64: SampleList] = [:]
    /// Buckets whose stored list does not have all events.
    var changed: Set<Int64> = []
    var newestMs = Int64.min
  }

  private var streams: [EventStream: Lists] = [:]
  private let gatePpm: Int32

  init(gatePpm: Int32) { self.gatePpm = gatePpm }

  /// Buckets whose stored lists do not have all of their events.
  private(set) var openBuckets: Set<Int64> = []

  /// Adds events of this transaction.
  ///
  /// - Parameters:
  ///   - samples: sorted.
  ///   - others: the times of events without a confidence.
  mutating func add(
    _ samples: [DriftSample], others: [Int64], _ stream: EventStream, in transaction: StoreTransaction
  ) throws {
    // Out of the dictionaries while they change: a shared list would be copied.
    var own = streams.removeValue(forKey: stream) ?? Lists()
    var samples = samples[...]
    var others = others.sorted()[...]
    while let ms = [samples.first?.timestampMs, others.first].compactMap(\.self).min() {
      let bucketMs = SummaryBucket.start(of: ms)
      let endMs = bucketMs + SummaryBucket.lengthMs
      var list =
        try own.lists.removeValue(forKey: bucketMs) ?? transaction.storedSamples(stream, bucketMs: bucketMs)
        ?? transaction.scannedSamples(stream, bucketMs: bucketMs)
      let sampleEnd = samples.firstIndex { $0.timestampMs >= endMs } ?? samples.endIndex
      let otherEnd = others.firstIndex { $0 >= endMs } ?? others.endIndex
      try add(samples[..<sampleEnd], others[..<otherEnd], bucketMs, to: &list) {
        try transaction.samples(stream, atMs: $0)
      }
      samples = samples[sampleEnd...]
      others = others[otherEnd...]
      own.lists[bucketMs] = list
      own.changed.insert(bucketMs)
      openBuckets.insert(bucketMs)
      own.newestMs = max(own.newestMs, bucketMs)
    }
    streams[stream] = own
  }

  /// Adds the events of one bucket to its list.
  ///
  /// - Parameter stored: the events of one time, of the rows.
  private func add(
    _ samples: ArraySlice<DriftSample>, _ others: ArraySlice<Int64>, _ bucketMs: Int64,
    to list: inout SampleList, stored: (Int64) throws -> [SampleList.Entry]
  ) throws {
    var (sample, other) = (samples.startIndex, others.startIndex)
    while sample < samples.endIndex || other < others.endIndex {
      let ms = min(
        sample < samples.endIndex ? samples[sample].timestampMs : .max,
        other < others.endIndex ? others[other] : .max)
      let offset = UInt32(ms - bucketMs)
      let isInOrder = list.lastOffset.map { $0 < offset } ?? true
      var (late, lateCount): (SampleList.Entry?, Int) = (nil, 0)
      while sample < samples.endIndex, samples[sample].timestampMs == ms {
        let ppm = samples[sample].confidencePpm
        let entry = SampleList.Entry(offset: offset, confidencePpm: ppm, isAccepted: ppm >= gatePpm)
        if isInOrder { list.append(entry) } else { (late, lateCount) = (entry, lateCount + 1) }
        sample += 1
      }
      while other < others.endIndex, others[other] == ms {
        let entry = SampleList.Entry(offset: offset, confidencePpm: nil)
        if isInOrder { list.append(entry) } else { (late, lateCount) = (entry, lateCount + 1) }
        other += 1
      }
      if let late, lateCount > 1 || !list.insert(late) {
        // The order of events of one time is that of the rows.
        list.replace(at: offset, with: try stored(ms))
      }
    }
  }

  /// The lists of a camera and model version that are newer than the stored ones, by bucket.
  func lists(of stream: EventStream) -> [Int64: SampleList] {
    guard let own = streams[stream] else { return [:] }
    return own.lists.filter { own.changed.contains($0.key) }
  }

  /// Writes the lists of buckets that are over.
  ///
  /// - Parameter wanted: other buckets are forgotten: they were deleted.
  mutating func flush(
    in transaction: StoreTransaction, _ plan: FlushPlan, of wanted: Set<Int64>? = nil
  ) throws {
    for (stream, lists) in streams where !lists.changed.isEmpty {
      var own = lists
      for bucketMs in lists.changed {
        if let wanted, !wanted.contains(bucketMs) {
          own.lists[bucketMs] = nil
          own.changed.remove(bucketMs)
          continue
        }
        let isOver = bucketMs < own.newestMs
        guard plan.closesAll || isOver || bucketMs < plan.closedBeforeMs else { continue }
        if let list = own.lists[bucketMs] { try transaction.save(list, stream, bucketMs: bucketMs) }
        own.changed.remove(bucketMs)
        // It is read again should an event come to it.
        if isOver || !plan.closesAll { own.lists[bucketMs] = nil }
      }
      streams[stream] = own.lists.isEmpty ? nil : own
    }
    openBuckets = streams.values.reduce(into: []) { $0.formUnion($1.changed) }
  }

  /// Reads every list again before its next event. Call it when everything is written.
  mutating func reload() {
    streams.removeAll()
    openBuckets.removeAll()
  }
}
