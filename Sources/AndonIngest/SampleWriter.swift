import AndonCore
import AndonStore

/// Keeps the lists of cameras' events, which the drift rules are applied to again when a sample comes late, equal to
/// the stored events.
///
/// The list of a camera and model version for its newest bucket is in memory; it is written when the bucket is over.
/// Of other buckets only the parts that late events belong to are read, and written with the next flush.
/// Memory: twelve bytes an event of the open buckets.
struct SampleWriter: Sendable {
  /// What is not written of one camera and model version.
  private struct Stream: Sendable {
    /// In order; they do not overlap.
    var pieces: [SamplePiece] = []
    var newestMs = Int64.min

    /// The place of the piece that has this time; nil when there is none.
    func place(of ms: Int64) -> Int? {
      // Mostly it is the last one.
      if let last = pieces.last, last.contains(ms) { return pieces.count - 1 }
      let place = pieces.lowerBound { $0.endMs <= ms }
      return place < pieces.count && pieces[place].contains(ms) ? place : nil
    }

    /// Adds a piece; a whole one replaces the others of its bucket.
    mutating func add(_ piece: SamplePiece) {
      if piece.isWhole { pieces.removeAll { piece.contains($0.fromMs) } }
      pieces.insert(piece, at: pieces.lowerBound { $0.fromMs < piece.fromMs })
    }
  }

  private var streams: [EventStream: Stream] = [:]
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
    // Out of the dictionary while it changes: a shared list would be copied.
    var own = streams.removeValue(forKey: stream) ?? Stream()
    var samples = samples[...]
    var others = others.sorted()[...]
    while let ms = [samples.first?.timestampMs, others.first].compactMap(\.self).min() {
      if own.place(of: ms) == nil { own.add(try transaction.samplePiece(stream, atMs: ms)) }
      guard let place = own.place(of: ms) else { preconditionFailure("a piece of this time was added") }
      let (bucketMs, endMs) = (own.pieces[place].bucketMs, own.pieces[place].endMs)
      let sampleEnd = samples.firstIndex { $0.timestampMs >= endMs } ?? samples.endIndex
      let otherEnd = others.firstIndex { $0 >= endMs } ?? others.endIndex
      try add(samples[..<sampleEnd], others[..<otherEnd], bucketMs, to: &own.pieces[place].list) {
        try transaction.samples(stream, atMs: $0)
      }
      samples = samples[sampleEnd...]
      others = others[otherEnd...]
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

  /// The parts of a list that are newer than the stored ones, in order.
  func pieces(of stream: EventStream) -> [SamplePiece] { streams[stream]?.pieces ?? [] }

  /// Writes the lists of buckets that are over.
  ///
  /// - Parameter wanted: other buckets are forgotten: they were deleted.
  mutating func flush(
    in transaction: StoreTransaction, _ plan: FlushPlan, of wanted: Set<Int64>? = nil
  ) throws {
    openBuckets.removeAll()
    for (stream, own) in streams {
      var left = own
      left.pieces.removeAll()
      for piece in own.pieces {
        if let wanted, !wanted.contains(piece.bucketMs) { continue }
        let isOver = piece.bucketMs < own.newestMs || piece.bucketMs < plan.closedBeforeMs
        if plan.closesAll || isOver {
          try transaction.save(piece, stream)
        } else {
          left.pieces.append(piece)
          openBuckets.insert(piece.bucketMs)
        }
      }
      guard left.pieces.count < own.pieces.count else { continue }
      streams[stream] = left.pieces.isEmpty ? nil : left
    }
  }

  /// Reads every list again before its next event. Call it when everything is written.
  mutating func reload() {
    streams.removeAll()
    openBuckets.removeAll()
  }
}
