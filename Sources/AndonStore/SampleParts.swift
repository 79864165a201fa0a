package import AndonCore

/// The parts of a list in order of time, those in memory before the stored ones. One part is in memory at a time.
package struct SampleParts {
  /// Its events at or after `fromOffset` are those that come next.
  package struct Part {
    package var bucketMs: Int64
    package var list: SampleList
    package var fromOffset: UInt32
  }

  private let transaction: StoreTransaction
  private let stream: EventStream
  private let fromMs: Int64
  private let toMs: Int64
  private let newer: [SamplePiece]
  /// Buckets whose rows are read, in order.
  private let scanned: [Int64]
  private var nextMs: Int64
  private var place: Int
  private var stored: (fromMs: Int64, list: SampleList?)?

  /// - Parameters:
  ///   - toMs: parts that begin later are left out.
  ///   - newer: parts that are newer than the stored ones, which the ingest loop has, in order; nil for a reader without
  ///     them, which scans the rows of open buckets.
  package init(
    _ stream: EventStream, fromMs: Int64, toMs: Int64 = .max, newer: [SamplePiece]?,
    _ transaction: StoreTransaction
  ) throws {
    (self.transaction, self.stream, self.fromMs, self.toMs) = (transaction, stream, fromMs, toMs)
    scanned = newer == nil ? try transaction.pendingWrites().scanned.sorted() : []
    self.newer = newer ?? []
    let firstMs = try transaction.firstPart(stream, atMs: fromMs)
    nextMs = firstMs
    place = self.newer.lowerBound { $0.endMs <= firstMs }
    stored = try transaction.part(stream, fromMs: firstMs, toMs: toMs)
  }

  package mutating func next() throws -> Part? {
    if let part = stored, part.fromMs < nextMs {
      stored = try transaction.part(stream, fromMs: nextMs, toMs: toMs)
    }
    while place < newer.count, newer[place].endMs <= nextMs { place += 1 }
    let inMemory = place < newer.count ? newer[place] : nil
    let scannedMs = scanned.first { $0 + SummaryBucket.lengthMs > nextMs }
    let firstMs = [inMemory?.fromMs, scannedMs, stored?.fromMs].compactMap(\.self).min()
    guard let firstMs, firstMs < toMs else { return nil }
    let bucketMs = SummaryBucket.start(of: firstMs)
    let list: SampleList
    if let inMemory, inMemory.fromMs == firstMs {
      (list, nextMs) = (inMemory.list, inMemory.endMs)
    } else if scannedMs != firstMs, let sound = stored?.list {
      (list, nextMs) = (sound, firstMs + 1)
    } else {
      // Open, or a part is damaged: what follows in the bucket comes from the rows, too.
      list = try transaction.scannedSamples(stream, bucketMs: bucketMs)
      nextMs = bucketMs + SummaryBucket.lengthMs
    }
    return Part(bucketMs: bucketMs, list: list, fromOffset: UInt32(max(fromMs, firstMs) - bucketMs))
  }
}
