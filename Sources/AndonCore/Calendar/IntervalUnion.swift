/// Unions of time spans: an overlap counts once.
enum IntervalUnion {
  /// The union of the spans, sorted and disjoint. O(n log n), O(n) when they come in order.
  static func of(_ spans: [Range<Int64>]) -> [Range<Int64>] {
    if spans.count == 1 { return spans }
    var union: [Range<Int64>] = []
    let isInOrder = spans.indices.dropFirst().allSatisfy { spans[$0 - 1].lowerBound <= spans[$0].lowerBound }
    for span in isInOrder ? spans : spans.sorted(by: { $0.lowerBound < $1.lowerBound }) where !span.isEmpty {
      if let last = union.last, span.lowerBound <= last.upperBound {
        union[union.count - 1] = last.lowerBound..<max(last.upperBound, span.upperBound)
      } else {
        union.append(span)
      }
    }
    return union
  }

  static func durationMs(_ spans: [Range<Int64>]) -> Int64 {
    spans.reduce(0) { $0 + $1.upperBound - $1.lowerBound }
  }
}
