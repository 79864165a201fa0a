/// The events of one camera and model version in one bucket, in the order of the drift rules: their times and
/// confidences.
///
/// Stored it takes about four bytes an event. In memory it is a list of chunks, so that a copy that gets one more
/// event copies one chunk.
package struct SampleList: Sendable, Equatable {
  package struct Entry: Sendable, Equatable {
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

  private var chunks: [[Entry]] = []
  private static let chunkLength = 256

  package init() {}

  package var lastOffset: UInt32? { chunks.last?.last?.offset }

  package var entries: [Entry] { chunks.flatMap(\.self) }

  /// Appends an event that is newer than all others. O(1), and a copied chunk when the list is shared.
  package mutating func append(_ entry: Entry) {
    if chunks.last.map({ $0.count >= Self.chunkLength }) ?? true { chunks.append([]) }
    chunks[chunks.count - 1].append(entry)
  }

  /// Replaces the events of one time, which may be none. O(chunks + a chunk).
  package mutating func replace(at offset: UInt32, with entries: [Entry]) {
    // From the first chunk that has this time or a later one up to the last that has it: mostly it is one.
    let first = chunks.lowerBound { ($0.last?.offset ?? 0) < offset }
    var end = first
    while end < chunks.count, chunks[end].first.map({ $0.offset <= offset }) ?? false { end += 1 }
    var all = Array(chunks[first..<end].joined())
    all.replaceSubrange(
      all.lowerBound { $0.offset < offset }..<all.lowerBound { $0.offset <= offset }, with: entries)
    chunks.replaceSubrange(first..<end, with: Self.chunks(all))
  }

  /// - Parameter entries: in order.
  package init(_ entries: [Entry]) { chunks = Self.chunks(entries) }

  private static func chunks(_ entries: [Entry]) -> [[Entry]] {
    guard entries.count > 2 * chunkLength else { return entries.isEmpty ? [] : [entries] }
    return stride(from: 0, to: entries.count, by: chunkLength).map {
      Array(entries[$0..<min(entries.count, $0 + chunkLength)])
    }
  }

  /// Visits the entries at or after `offset` in order, until the body returns false. Returns whether it never did.
  package func visit(from offset: UInt32, _ body: (Entry) throws -> Bool) rethrows -> Bool {
    for chunk in chunks[chunks.lowerBound { ($0.last?.offset ?? 0) < offset }...] {
      for entry in chunk where entry.offset >= offset {
        guard try body(entry) else { return false }
      }
    }
    return true
  }

  package static func == (left: SampleList, right: SampleList) -> Bool { left.entries == right.entries }

  /// The bytes for the store. Equal lists give equal bytes.
  package func encoded() -> [UInt8] {
    var writer = VarintWriter()
    var last: UInt32 = 0
    for chunk in chunks {
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
    var last: Int64 = 0
    var chunk: [Entry] = []
    while !reader.isAtEnd(bytes) {
      guard let step = reader.amount(bytes), let code = reader.integer(bytes), 0...2_000_002 ~= code,
        last + step < SummaryBucket.lengthMs
      else { return nil }
      last += step
      if chunk.isEmpty { chunk.reserveCapacity(Self.chunkLength) }
      chunk.append(
        code == 0
          ? Entry(offset: UInt32(last), confidencePpm: nil)
          : Entry(offset: UInt32(last), confidencePpm: Int32((code - 1) / 2), isAccepted: code % 2 == 0))
      if chunk.count == Self.chunkLength {
        chunks.append(chunk)
        chunk = []
      }
    }
    if !chunk.isEmpty { chunks.append(chunk) }
  }
}
