/// Counts the stops of a workstation in a window from its spans of work, which come in order of time.
///
/// Whether a pause is a stop or a micro-stop follows from the whole pause, also from what of it lies before and after
/// the window: begin with work from before it, and give what comes after it, as far as the pause at its end reaches. A
/// copy is a checkpoint. O(log spans) for a span of work and O(1) memory beside the shifts.
package struct StopCounter: Sendable {
  /// In order of time, disjoint.
  private let shifts: [StopShift]
  private let window: Range<Int64>
  private let minMs: Int64
  /// The first shift that is not over.
  private var place = 0
  /// Everything before this is counted.
  private var accountedMs = Int64.min
  /// The planned time of the pause that is not over: all of it, and inside the window.
  private var pauseMs: Int64 = 0
  private var insideMs: Int64 = 0
  private var counted = StopTotals()

  /// - Parameter shifts: those in which the workstation takes part, in order of time, disjoint; at least all that overlap
  ///   the window.
  package init(_ shifts: [StopShift], window: Range<Int64>, minMs: Int64) {
    (self.shifts, self.window, self.minMs) = (shifts, window, minMs)
  }

  /// Adds a span of work: not empty, and not before what was added already.
  package mutating func add(work span: Range<Int64>) {
    pause(until: span.lowerBound)
    endPause()
    accountedMs = max(accountedMs, span.upperBound)
  }

  /// What is counted when no work follows from the last span on until `nowMs`.
  package func totals(atMs nowMs: Int64) -> StopTotals {
    var last = self
    last.pause(until: nowMs)
    last.endPause()
    return last.counted
  }

  /// How much longer the pause must last after `nowMs`, in planned time, before it is a stop: until then what comes after
  /// `nowMs` may change the class of a part inside the window. 0 when nothing can.
  package func undecidedMs(atMs nowMs: Int64) -> Int64 {
    var last = self
    last.pause(until: nowMs)
    return last.insideMs > 0 ? max(0, minMs + 1 - last.pauseMs) : 0
  }

  private mutating func pause(until ms: Int64) {
    while place < shifts.count, accountedMs < ms {
      let shift = shifts[place]
      let part = max(accountedMs, shift.startMs)..<max(accountedMs, shift.startMs, min(ms, shift.endMs))
      pauseMs += shift.planned.durationMs(in: part)
      let inside = part.clamped(to: window)
      if !inside.isEmpty { insideMs += shift.planned.durationMs(in: inside) }
      guard shift.endMs <= ms else { break }
      endPause()
      place += 1
    }
    accountedMs = max(accountedMs, ms)
  }

  private mutating func endPause() {
    counted.add(insideMs: insideMs, isMicro: pauseMs <= minMs)
    (pauseMs, insideMs) = (0, 0)
  }
}
