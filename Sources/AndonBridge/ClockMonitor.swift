import AndonIngest
import AndonRuntime
import AndonStore
import Synchronization

/// Watches the machine's clock for one ingest loop, over all its connections: steps, and whether the cameras'
/// events bear it out. What it finds goes to the caller's `report`, before anything that may throw.
final class ClockMonitor: Sendable {
  struct Reading {
    let nowMs: Int64
    /// From where to where the clock stepped before this reading.
    let step: (fromMs: Int64, toMs: Int64)?
  }

  enum Finding {
    /// What is wrong with the clock, in words; nil when nothing is.
    case warning(String?)
    /// The clock became trusted or doubted; the warning says what is wrong with it now.
    case changed(ClockTrust.Change, warning: String?)
    /// A step was recorded in the file.
    case gaps([GapRow])
  }

  private let wall: WallClock
  private let monotonic: MonotonicClock
  private let clock = Mutex(IngestClock())

  init(wall: WallClock, monotonic: MonotonicClock) {
    self.wall = wall
    self.monotonic = monotonic
  }

  /// - Throws: `ImplausibleClock`: nothing may be judged, written or acknowledged by that clock.
  func read() throws -> Reading {
    let (nowMs, monotonicMs) = (wall.nowMs, monotonic.nowMs)
    return Reading(
      nowMs: nowMs, step: try clock.withLock { try $0.check(wallMs: nowMs, monotonicMs: monotonicMs) })
  }

  /// To be called before a batch is judged: a step is recorded first, so that no event is refused because of
  /// it. Returns the reading to judge by.
  func judge(_ pipeline: inout IngestPipeline, report: (Finding) -> Void) throws -> Int64 {
    let reading = try read()
    if let step = reading.step { try record(step, &pipeline, report) }
    let monotonicMs = monotonic.nowMs
    publish(clock.withLock { $0.pass(monotonicMs: monotonicMs) }, report)
    pipeline.clockState = clock.withLock { $0.trust.state }
    return reading.nowMs
  }

  /// Compares a reading with the last commit of the file that was just opened.
  func compare(
    _ reading: Reading, with store: SiteStore?, _ pipeline: inout IngestPipeline, report: (Finding) -> Void
  ) throws {
    if let step = reading.step { try record(step, &pipeline, report) }
    let nowMs = reading.nowMs
    if let committedAtMs = pipeline.engine.progress.committedAtMs {
      if nowMs < committedAtMs - ClockStepDetector.toleranceMs {
        try record((committedAtMs, nowMs), &pipeline, report)
      } else {
        let steppedAtMs = try store?.lastClockStepMs()
        let monotonicMs = monotonic.nowMs
        clock.withLock {
          $0.compare(
            committedAtMs: committedAtMs, steppedAtMs: steppedAtMs, nowMs: nowMs, monotonicMs: monotonicMs)
        }
      }
    }
    pipeline.clockState = clock.withLock { $0.trust.state }
  }

  /// Applies what the events of a batch say of the clock.
  func apply(_ evidence: ClockEvidence, report: (Finding) -> Void) {
    let monotonicMs = monotonic.nowMs
    publish(clock.withLock { $0.apply(evidence, monotonicMs: monotonicMs) }, report)
  }

  private func record(
    _ step: (fromMs: Int64, toMs: Int64), _ pipeline: inout IngestPipeline, _ report: (Finding) -> Void
  ) throws {
    let monotonicMs = monotonic.nowMs
    let words = clock.withLock { clock in
      clock.doubt(step, monotonicMs: monotonicMs)
      return clock.trust.words
    }
    report(.warning(words))
    report(.gaps(try pipeline.recordClockStep(fromMs: step.fromMs, toMs: step.toMs)))
  }

  private func publish(_ change: ClockTrust.Change?, _ report: (Finding) -> Void) {
    guard let change else { return }
    report(.changed(change, warning: clock.withLock { $0.trust.words }))
  }
}
