/// A stop, and how much of it lies in a range that was asked for.
package struct StopPart: Sendable, Hashable {
  package var stop: Stop
  /// Planned time of the stop inside the range, milliseconds, more than 0.
  package var insideMs: Int64
  /// Its reason; nil while it has none.
  package var given: GivenReason?

  package init(_ stop: Stop, insideMs: Int64, given: GivenReason? = nil) {
    (self.stop, self.insideMs, self.given) = (stop, insideMs, given)
  }

  /// Whether it has this reason; `none`: whether it has no reason.
  package func hasReason(_ id: String) -> Bool { given?.reasonID ?? StopReason.none == id }
}
