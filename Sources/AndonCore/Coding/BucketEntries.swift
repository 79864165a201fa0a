/// An entry of a list of one bucket.
protocol BucketEntry: Sendable, Equatable {
  /// Milliseconds since the bucket's start.
  var offset: UInt32 { get }
}

/// Entries in order of time, in chunks: a copy that gets one more entry copies one chunk.
struct BucketEntries<Entry: BucketEntry>: Sendable, Equatable {
  private(set) var chunks: [[Entry]] = []
  private static var chunkLength: Int { 128 }

  init() {}

  /// - Parameter entries: in order.
  init(_ entries: [Entry]) { chunks = Self.chunks(entries) }

  var all: [Entry] { chunks.flatMap(\.self) }
  var isEmpty: Bool { chunks.isEmpty }
  var count: Int { chunks.reduce(0) { $0 + $1.count } }
  var lastOffset: UInt32? { chunks.last?.last?.offset }

  /// Appends an entry that is not older than all others. O(1), and a copied chunk when the list is shared.
  mutating func append(_ entry: Entry) {
    if chunks.last.map({ $0.count >= Self.chunkLength }) ?? true {
      chunks.append([])
      chunks[chunks.count - 1].reserveCapacity(chunks.count == 1 ? 0 : Self.chunkLength)
    }
    chunks[chunks.count - 1].append(entry)
  }

  /// Inserts an entry where no other has its time; returns whether that is so. O(chunks + a chunk).
  mutating func insert(_ entry: Entry) -> Bool {
    let chunk = place(of: entry.offset)
    guard chunk < chunks.count else {
      append(entry)
      return true
    }
    let place = chunks[chunk].lowerBound { $0.offset < entry.offset }
    guard chunks[chunk][place].offset != entry.offset else { return false }
    chunks[chunk].insert(entry, at: place)
    if chunks[chunk].count > 2 * Self.chunkLength {
      let whole = chunks[chunk]
      chunks.replaceSubrange(chunk...chunk, with: Self.chunks(whole))
    }
    return true
  }

  /// Replaces the entries of one time, which may be none. O(chunks + a chunk).
  mutating func replace(at offset: UInt32, with entries: [Entry]) {
    // From the first chunk that has this time or a later one up to the last that has it: mostly it is one.
    let first = place(of: offset)
    var end = first
    while end < chunks.count, chunks[end].first.map({ $0.offset <= offset }) ?? false { end += 1 }
    var all = Array(chunks[first..<end].joined())
    all.replaceSubrange(
      all.lowerBound { $0.offset < offset }..<all.lowerBound { $0.offset <= offset }, with: entries)
    chunks.replaceSubrange(first..<end, with: Self.chunks(all))
  }

  /// Visits the entries at or after `offset` in order, until the body returns false. Returns whether it never did.
  func visit(from offset: UInt32, _ body: (Entry) throws -> Bool) rethrows -> Bool {
    for chunk in chunks[place(of: offset)...] {
      for entry in chunk where entry.offset >= offset {
        guard try body(entry) else { return false }
      }
    }
    return true
  }

  /// The first chunk with this time or a later one.
  private func place(of offset: UInt32) -> Int { chunks.lowerBound { ($0.last?.offset ?? 0) < offset } }

  private static func chunks(_ entries: [Entry]) -> [[Entry]] {
    guard entries.count > 2 * chunkLength else { return entries.isEmpty ? [] : [entries] }
    return stride(from: 0, to: entries.count, by: chunkLength).map {
      Array(entries[$0..<min(entries.count, $0 + chunkLength)])
    }
  }

  static func == (left: Self, right: Self) -> Bool { left.all == right.all }
}
