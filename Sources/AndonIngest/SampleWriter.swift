import AndonCore
import AndonStore

/// Keeps the lists of cameras' events, which the drift rules are applied to again when a sample comes late, equal to
/// the stored events.
///
/// The list of a camera and model version for its newest bucket is in memory; it is written when the bucket is over.
/// Memory: eight bytes an event of the open buckets.
struct SampleWriter: Sendable {
  struct Place: Hashable, Sendable {
    var stream: EventStream
    var bucketMs: Int64
  }

  private var lists: [Place: SampleList] = [:]
  private var changed: Set<Place> = []
  private var newest: [EventStream: Int64] = [:]
  private let gatePpm: Int32

  init(gatePpm: Int32) { self.gatePpm = gatePpm }

  /// Buckets whose stored lists do not have all of their events.
  var openBuckets: Set<Int64> { Set(changed.lazy.map(\.bucketMs)) }

  /// Adds events of this transaction.
  ///
  /// - Parameters:
  ///   - samples: sorted.
  ///   - others: the times of events without a confidence.
  mutating func add(
    _ samples: [DriftSample], others: [Int64], _ stream: EventStream, in transaction: StoreTransaction
  ) throws {
    var others = others.sorted()[...]
    var samples = samples[...]
    while let ms = [samples.first?.timestampMs, others.first].compactMap(\.self).min() {
      let offset = UInt32(ms - SummaryBucket.start(of: ms))
      var entries: [SampleList.Entry] = []
      while let sample = samples.first, sample.timestampMs == ms {
        entries.append(
          SampleList.Entry(
            offset: offset, confidencePpm: sample.confidencePpm, isAccepted: sample.confidencePpm >= gatePpm))
        samples.removeFirst()
      }
      while others.first == ms {
        entries.append(SampleList.Entry(offset: offset, confidencePpm: nil))
        others.removeFirst()
      }
      try add(entries, atMs: ms, stream, in: transaction)
    }
  }

  private mutating func add(
    _ entries: [SampleList.Entry], atMs ms: Int64, _ stream: EventStream, in transaction: StoreTransaction
  ) throws {
    let place = Place(stream: stream, bucketMs: SummaryBucket.start(of: ms))
    let offset = UInt32(ms - place.bucketMs)
    // Out of the dictionary while it changes: a shared list would be copied.
    var list =
      try lists.removeValue(forKey: place) ?? transaction.storedSamples(stream, bucketMs: place.bucketMs)
      ?? transaction.scannedSamples(stream, bucketMs: place.bucketMs)
    if list.lastOffset.map({ $0 < offset }) ?? true {
      for entry in entries { list.append(entry) }
    } else {
      // The order of events of one time is that of the rows.
      list.replace(at: offset, with: try transaction.samples(stream, atMs: ms))
    }
    lists[place] = list
    changed.insert(place)
    newest[stream] = max(newest[stream] ?? .min, place.bucketMs)
  }

  /// The lists of a camera and model version that are newer than the stored ones, by bucket.
  func lists(of stream: EventStream) -> [Int64: SampleList] {
    var own: [Int64: SampleList] = [:]
    for place in changed where place.stream == stream { own[place.bucketMs] = lists[place] }
    return own
  }

  /// Writes the lists of buckets that are over.
  ///
  /// - Parameter wanted: other buckets are forgotten: they were deleted.
  mutating func flush(
    in transaction: StoreTransaction, _ plan: FlushPlan, of wanted: Set<Int64>? = nil
  ) throws {
    if let wanted {
      for place in changed where !wanted.contains(place.bucketMs) {
        lists[place] = nil
        changed.remove(place)
      }
    }
    for place in changed {
      let isOver = newest[place.stream].map { place.bucketMs < $0 } ?? true
      guard plan.closesAll || isOver || place.bucketMs < plan.closedBeforeMs else { continue }
      if let list = lists[place] { try transaction.save(list, place.stream, bucketMs: place.bucketMs) }
      changed.remove(place)
      if isOver { lists[place] = nil }
    }
  }

  /// Reads every list again before its next event. Call it when everything is written.
  mutating func reload() {
    lists.removeAll()
    newest.removeAll()
  }
}
