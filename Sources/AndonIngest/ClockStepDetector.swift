/// Notices when the wall clock jumps against the monotonic one.
package struct ClockStepDetector: Sendable {
  private var wallMs: Int64
  private var monotonicMs: Int64
  /// What is no step: readings lie apart, and a clock that is slewed gains at most 500 ppm.
  package static let toleranceMs: Int64 = 2000
  /// No bridge of this program ran before 2025: a clock that says so was never set.
  package static let earliestPlausibleMs: Int64 = 1_735_689_600_000

  package init(wallMs: Int64, monotonicMs: Int64) {
    self.wallMs = wallMs
    self.monotonicMs = monotonicMs
  }

  /// From where to where the clock stepped since the last call; nil when it ran on.
  package mutating func step(wallMs: Int64, monotonicMs: Int64) -> (fromMs: Int64, toMs: Int64)? {
    let expected = self.wallMs + (monotonicMs - self.monotonicMs)
    self.wallMs = wallMs
    self.monotonicMs = monotonicMs
    return abs(wallMs - expected) > Self.toleranceMs ? (expected, wallMs) : nil
  }
}

/// The machine's clock cannot be right: events would be judged by it, so the site waits.
struct ImplausibleClock: Error, CustomStringConvertible {
  let nowMs: Int64

  var description: String {
    "the machine's clock says \(nowMs) ms since 1970, which cannot be; set it, the site goes on by itself"
  }
}
