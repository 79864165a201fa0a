/// Detects steps of the wall clock by comparing it with the monotonic clock.
package struct ClockStepDetector: Sendable {
  private var wallMs: Int64
  private var monotonicMs: Int64
  /// Smaller differences are no step: the two readings are apart in time, and a slewed clock gains up to 500
  /// ppm.
  package static let toleranceMs: Int64 = 2000
  /// Andon did not exist before 2025: a clock that says so was never set.
  package static let earliestPlausibleMs: Int64 = 1_735_689_600_000

  package init(wallMs: Int64, monotonicMs: Int64) {
    self.wallMs = wallMs
    self.monotonicMs = monotonicMs
  }

  /// The time before and after a step since the last call; nil without a step.
  package mutating func step(wallMs: Int64, monotonicMs: Int64) -> (fromMs: Int64, toMs: Int64)? {
    let expected = self.wallMs + (monotonicMs - self.monotonicMs)
    self.wallMs = wallMs
    self.monotonicMs = monotonicMs
    return abs(wallMs - expected) > Self.toleranceMs ? (expected, wallMs) : nil
  }
}

/// The machine's clock cannot be right. Events would be judged by it, so the site waits.
struct ImplausibleClock: Error, CustomStringConvertible {
  let nowMs: Int64

  var description: String {
    "the machine's clock says \(nowMs) ms since 1970, which cannot be; set it, the site goes on by itself"
  }
}
