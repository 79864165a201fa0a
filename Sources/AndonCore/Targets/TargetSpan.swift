/// A target that holds from one instant to another.
public struct TargetSpan: Sendable, Hashable {
  /// `.min` for one that has held always.
  public var startMs: Int64
  /// `.max` for one without end.
  public var endMs: Int64
  public var rate: TargetRate
  public var labels: TargetLabels

  public init(startMs: Int64, endMs: Int64, rate: TargetRate, labels: TargetLabels = TargetLabels()) {
    (self.startMs, self.endMs, self.rate, self.labels) = (startMs, endMs, rate, labels)
  }

  var range: Range<Int64> { startMs..<endMs }
}
