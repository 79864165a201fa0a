/// One ingestLoop's view of the machine's clock, over all its connections: one reading for all that a turn decides by it.
package struct IngestClock: Sendable {
  private var watch: ClockStepDetector?
  package private(set) var trust = ClockTrust()
  private var isCompared = false

  package init(watch: ClockStepDetector? = nil, trust: ClockTrust = ClockTrust(), isCompared: Bool = false) {
    self.watch = watch
    self.trust = trust
    self.isCompared = isCompared
  }

  /// From where to where the clock stepped since the last look.
  ///
  /// - Throws: `ImplausibleClock`: nothing may be judged, written or acknowledged by that clock.
  package mutating func look(wallMs: Int64, monotonicMs: Int64) throws -> (fromMs: Int64, toMs: Int64)? {
    guard wallMs >= ClockStepDetector.earliestPlausibleMs else { throw ImplausibleClock(nowMs: wallMs) }
    guard watch != nil else {
      watch = ClockStepDetector(wallMs: wallMs, monotonicMs: monotonicMs)
      return nil
    }
    return watch?.step(wallMs: wallMs, monotonicMs: monotonicMs)
  }

  /// The file's last commit, once in a process's life: a clock that is a day or more ahead of it may have stepped
  /// while the bridge was down, or the bridge was down that long. The cameras tell which.
  ///
  /// So may a clock that stepped within a day before: the last commit was made by the same clock then.
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

  package mutating func hear(_ evidence: ClockEvidence, monotonicMs: Int64) -> ClockTrust.Change? {
    trust.hear(evidence, monotonicMs: monotonicMs)
  }

  package mutating func pass(monotonicMs: Int64) -> ClockTrust.Change? {
    trust.pass(monotonicMs: monotonicMs)
  }
}
