/// A stop, and how much of it lies in a range that was asked for.
package struct StopPart: Sendable, Hashable {
  package var stop: Stop
  /// Planned time of the stop inside the range, milliseconds, more than 0.
  package var insideMs: Int64

  package init(_ stop: Stop, insideMs: Int64) { (self.stop, self.insideMs) = (stop, insideMs) }
}
