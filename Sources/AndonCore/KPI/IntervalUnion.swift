/// Unions of time spans: an overlap counts once.
enum IntervalUnion {
  /// The union of the spans, sorted and disjoint. O(n log n).
  static func of(_ spans: [Range<Int64>]) -> [Range<Int64>] {
    if spans.count == 1 { return spans }
    var union: [Range<Int64>] = []
    for span in spans.sorted(by: { $0.lowerBound < $1.lowerBound }) where !span.isEmpty {
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

  /// How long a span overlaps a list of sorted, disjoint spans. O(n).
  static func overlapMs(_ span: Range<Int64>, _ spans: [Range<Int64>]) -> Int64 {
    var total: Int64 = 0
    for other in spans {
      let (from, to) = (max(span.lowerBound, other.lowerBound), min(span.upperBound, other.upperBound))
      if from < to { total += to - from }
    }
    return total
  }

  /// How long two lists of sorted, disjoint spans overlap. O(n + m).
  static func overlapMs(_ left: [Range<Int64>], _ right: [Range<Int64>]) -> Int64 {
    var total: Int64 = 0
    var (i, j) = (0, 0)
    while i < left.count, j < right.count {
      let from = max(left[i].lowerBound, right[j].lowerBound)
      let to = min(left[i].upperBound, right[j].upperBound)
      if from < to { total += to - from }
      if left[i].upperBound < right[j].upperBound { i += 1 } else { j += 1 }
    }
    return total
  }
}
