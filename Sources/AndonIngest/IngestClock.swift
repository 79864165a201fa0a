/// One ingest loop's view of the machine's clock, kept over reconnects. Each pass of the loop uses one
/// reading.
package struct IngestClock: Sendable {
  private var watch: ClockStepDetector?
  package private(set) var trust = ClockTrust()
  private var isCompared = false

  package init(watch: ClockStepDetector? = nil, trust: ClockTrust = ClockTrust(), isCompared: Bool = false) {
    self.watch = watch
    self.trust = trust
    self.isCompared = isCompared
  }

  /// The time before and after a clock step since the last call; nil without a step.
  ///
  /// - Throws: `ImplausibleClock`: nothing may be judged, written or acknowledged by that clock.
  package mutating func check(wallMs: Int64, monotonicMs: Int64) throws -> (fromMs: Int64, toMs: Int64)? {
    guard wallMs >= ClockStepDetector.earliestPlausibleMs else { throw ImplausibleClock(nowMs: wallMs) }
    guard watch != nil else {
      watch = ClockStepDetector(wallMs: wallMs, monotonicMs: monotonicMs)
      return nil
    }
    return watch?.step(wallMs: wallMs, monotonicMs: monotonicMs)
  }

  /// Compares the clock with the file's last commit, once in a process's life. A clock that is a day or more
  /// ahead may have stepped while the bridge was down, or the bridge was down that long. The cameras' events
  /// decide.
  ///
  /// The same holds for a clock that stepped within the last day: the last commit was made by the same clock.
  package mutating func compare(committedAtMs: Int64, steppedAtMs: Int64?, nowMs: Int64, monotonicMs: Int64) {
    guard !isCompared else { return }
    isCompared = true
    let isLongAgo = nowMs - committedAtMs >= ClockTrust.unprovenAfterMs
    let hasStepped = steppedAtMs.map { abs(nowMs - $0) < ClockTrust.unprovenAfterMs } ?? false
    guard isLongAgo || hasStepped, trust.state == .trusted else { return }
    trust.start(monotonicMs: monotonicMs)
  }

  package mutating func doubt(_ step: (fromMs: Int64, toMs: Int64), monotonicMs: Int64) {
    trust.doubt("the clock stepped by \((step.toMs - step.fromMs) / 1000) s", monotonicMs: monotonicMs)
  }

  package mutating func apply(_ evidence: ClockEvidence, monotonicMs: Int64) -> ClockTrust.Change? {
    trust.apply(evidence, monotonicMs: monotonicMs)
  }

  package mutating func pass(monotonicMs: Int64) -> ClockTrust.Change? {
    trust.pass(monotonicMs: monotonicMs)
  }
}
