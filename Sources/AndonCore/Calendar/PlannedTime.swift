/// Planned time: inside a shift, outside its breaks. Sorted, disjoint spans.
public struct PlannedTime: Sendable, Hashable {
  public let spans: [Range<Int64>]
  /// The planned time before each span.
  private let sums: [Int64]

  /// Spans may be in any order and overlap: what two shifts plan is planned once.
  public init(_ spans: [Range<Int64>]) {
    self.spans = IntervalUnion.of(spans.filter { !$0.isEmpty })
    var sum: Int64 = 0
    sums = self.spans.map { span in
      defer { sum += span.upperBound - span.lowerBound }
      return sum
    }
  }

  /// How much of a range is planned, milliseconds. O(log spans).
  public func durationMs(in range: Range<Int64>) -> Int64 {
    durationMs(until: range.upperBound) - durationMs(until: range.lowerBound)
  }

  /// How much is planned before an instant, milliseconds. O(log spans).
  func durationMs(until ms: Int64) -> Int64 {
    let next = spans.lowerBound { $0.lowerBound < ms }
    guard next > 0 else { return 0 }
    return sums[next - 1] + min(ms, spans[next - 1].upperBound) - spans[next - 1].lowerBound
  }

  /// The latest instant from which so much is planned until `ms`, but not before `earliestMs`. O(log spans).
  func start(of durationMs: Int64, before ms: Int64, notBefore earliestMs: Int64) -> Int64 {
    let sum = self.durationMs(until: ms) - durationMs
    guard sum > self.durationMs(until: earliestMs) else { return earliestMs }
    let place = sums.lowerBound { $0 <= sum } - 1
    return spans[place].lowerBound + sum - sums[place]
  }

  /// The part inside a range.
  func clipped(to range: Range<Int64>) -> PlannedTime {
    PlannedTime(spans.map { $0.clamped(to: range) })
  }
}
