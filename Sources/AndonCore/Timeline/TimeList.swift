/// The times of one source's events in one bucket, in order, each once: where to find its rows.
///
/// About two bytes a time when stored.
package struct TimeList: Sendable, Equatable {
  /// Milliseconds since the bucket's start.
  package private(set) var offsets: [UInt32] = []

  package init() {}

  /// O(1) in order, otherwise O(n).
  package mutating func insert(_ offset: UInt32) {
    guard let last = offsets.last, last >= offset else {
      offsets.append(offset)
      return
    }
    let place = offsets.lowerBound { $0 < offset }
    if offsets[place] != offset { offsets.insert(offset, at: place) }
  }

  /// The times of a part of the bucket.
  package func within(_ range: Range<Int64>) -> TimeList {
    var part = TimeList()
    part.offsets = offsets.filter { range.contains(Int64($0)) }
    return part
  }

  /// The bytes for the store. Equal lists give equal bytes.
  package func encoded() -> [UInt8] {
    var writer = VarintWriter()
    var last: UInt32 = 0
    for offset in offsets {
      writer.append(Int64(offset - last))
      last = offset
    }
    return writer.bytes
  }

  /// Reads what `encoded` wrote; nil for anything else.
  package init?(encoded bytes: Span<UInt8>) {
    var reader = VarintReader()
    var last: Int64 = 0
    while !reader.isAtEnd(bytes) {
      guard let step = reader.amount(bytes), step > 0 || offsets.isEmpty, last + step < SummaryBucket.lengthMs
      else { return nil }
      last += step
      offsets.append(UInt32(last))
    }
  }
}
