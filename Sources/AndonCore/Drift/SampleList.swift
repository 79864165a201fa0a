/// The events of one camera and model version in one bucket, in the order of the drift rules: their times and
/// confidences.
///
/// Stored it takes about four bytes an event, in memory twelve.
package struct SampleList: Sendable, Equatable {
  package struct Entry: BucketEntry {
    /// Milliseconds since the bucket's start.
    package var offset: UInt32
    /// In millionths; nil for an event without one, which is no sample of the rules.
    package var confidencePpm: Int32?
    /// It passed the confidence gate when it was stored.
    package var isAccepted: Bool

    package init(offset: UInt32, confidencePpm: Int32?, isAccepted: Bool = true) {
      (self.offset, self.confidencePpm, self.isAccepted) = (offset, confidencePpm, isAccepted)
    }

    /// As it is stored: 0 without a confidence.
    var code: Int64 { confidencePpm.map { 1 + Int64($0) * 2 + (isAccepted ? 1 : 0) } ?? 0 }
  }

  private var list = BucketEntries<Entry>()

  package init() {}

  /// - Parameter entries: in order.
  package init(_ entries: [Entry]) { list = BucketEntries(entries) }

  package var lastOffset: UInt32? { list.lastOffset }

  package var entries: [Entry] { list.all }

  /// Appends an event that is not older than all others.
  package mutating func append(_ entry: Entry) { list.append(entry) }

  /// Inserts an event where no other has its time; returns whether that is so.
  package mutating func insert(_ entry: Entry) -> Bool { list.insert(entry) }

  /// Replaces the events of one time, which may be none.
  package mutating func replace(at offset: UInt32, with entries: [Entry]) {
    list.replace(at: offset, with: entries)
  }

  /// The entries at or after `offset` in order, in pieces that are not copied.
  package func slices(from offset: UInt32) -> [ArraySlice<Entry>] {
    let first = list.chunks.lowerBound { ($0.last?.offset ?? 0) < offset }
    return list.chunks[first...].enumerated().map { place, chunk in
      place == 0 ? chunk[chunk.lowerBound { $0.offset < offset }...] : chunk[...]
    }
  }

  /// Visits the entries at or after `offset` in order, until the body returns false. Returns whether it never did.
  package func visit(from offset: UInt32, _ body: (Entry) throws -> Bool) rethrows -> Bool {
    try list.visit(from: offset, body)
  }

  /// The list in parts of about a hundred events, for the store: one part while it is not longer. Events of one time
  /// stay together.
  package var parts: [SampleList] {
    guard list.count > Self.longestPart else { return [self] }
    let all = list.all
    let count = (all.count + Self.partLength - 1) / Self.partLength
    var parts: [SampleList] = []
    var start = 0
    for part in 1...count where start < all.count {
      var end = max(start + 1, all.count * part / count)
      while end < all.count, all[end].offset == all[end - 1].offset { end += 1 }
      parts.append(SampleList(Array(all[start..<end])))
      start = end
    }
    return parts
  }

  /// A part of this length has about 450 bytes, the longest one 650: nine or six of them fill a page of the file.
  private static let partLength = 96
  private static let longestPart = 144

  package var firstOffset: UInt32? { list.chunks.first?.first?.offset }

  /// The bytes for the store. Equal lists give equal bytes.
  package func encoded() -> [UInt8] {
    var writer = VarintWriter(capacity: 5 * list.count)
    var last: UInt32 = 0
    for chunk in list.chunks {
      for entry in chunk {
        writer.append(Int64(entry.offset - last))
        writer.append(entry.code)
        last = entry.offset
      }
    }
    return writer.bytes
  }

  /// Reads what `encoded` wrote; nil for anything else.
  package init?(encoded bytes: Span<UInt8>) {
    var reader = VarintReader()
    var entries: [Entry] = []
    entries.reserveCapacity(bytes.count / 4)
    var last: Int64 = 0
    while !reader.isAtEnd(bytes) {
      guard let step = reader.amount(bytes), let code = reader.integer(bytes), 0...2_000_002 ~= code,
        last + step < SummaryBucket.lengthMs
      else { return nil }
      last += step
      entries.append(
        code == 0
          ? Entry(offset: UInt32(last), confidencePpm: nil)
          : Entry(offset: UInt32(last), confidencePpm: Int32((code - 1) / 2), isAccepted: code % 2 == 0))
    }
    list = BucketEntries(entries)
  }
}
