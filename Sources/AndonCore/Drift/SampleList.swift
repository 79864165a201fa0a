/// The events of one camera and model version in one bucket, in the order of the drift rules: their times and
/// confidences.
///
/// Stored it takes about four bytes an event. In memory it is a list of chunks, so that a copy that gets one more
/// event copies one chunk.
package struct SampleList: Sendable, Hashable {
  package struct Entry: Sendable, Hashable {
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

  package var isEmpty: Bool { chunks.isEmpty }

  package var lastOffset: UInt32? { chunks.last?.last?.offset }

  package var entries: [Entry] { chunks.flatMap(\.self) }

  /// Appends an event that is newer than all others. O(1), and a copied chunk when the list is shared.
  package mutating func append(_ entry: Entry) {
    if chunks.last.map({ $0.count >= Self.chunkLength }) ?? true { chunks.append([]) }
    chunks[chunks.count - 1].append(entry)
  }

  /// Replaces the events of one time, which may be none. O(n).
  package mutating func replace(at offset: UInt32, with entries: [Entry]) {
    var all = self.entries
    let from = all.lowerBound { $0.offset < offset }
    let to = all.lowerBound { $0.offset <= offset }
    all.replaceSubrange(from..<to, with: entries)
    self = SampleList(all)
  }

  /// - Parameter entries: in order.
  package init(_ entries: [Entry]) {
    for start in stride(from: 0, to: entries.count, by: Self.chunkLength) {
      chunks.append(Array(entries[start..<min(entries.count, start + Self.chunkLength)]))
    }
  }

  package static func == (left: SampleList, right: SampleList) -> Bool { left.entries == right.entries }

  package func hash(into hasher: inout Hasher) { hasher.combine(entries) }

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
    while !reader.isAtEnd(bytes) {
      guard let step = reader.amount(bytes), let code = reader.integer(bytes), code <= 2_000_002,
        last + step < SummaryBucket.lengthMs
      else { return nil }
      last += step
      append(
        code == 0
          ? Entry(offset: UInt32(last), confidencePpm: nil)
          : Entry(offset: UInt32(last), confidencePpm: Int32((code - 1) / 2), isAccepted: code % 2 == 0))
    }
  }
}
