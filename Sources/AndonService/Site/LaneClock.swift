/// One lane's view of the machine's clock, over all its connections: one reading for all that a turn decides by it.
struct LaneClock: Sendable {
  private var watch: ClockWatch?
  private(set) var trust = ClockTrust()
  private var isCompared = false

  /// From where to where the clock stepped since the last look.
  ///
  /// - Throws: `ImplausibleClock`: nothing may be judged, written or acknowledged by that clock.
  mutating func look(wallMs: Int64, monotonicMs: Int64) throws -> (fromMs: Int64, toMs: Int64)? {
    guard wallMs >= ClockWatch.earliestPlausibleMs else { throw ImplausibleClock(nowMs: wallMs) }
    guard watch != nil else {
      watch = ClockWatch(wallMs: wallMs, monotonicMs: monotonicMs)
      return nil
    }
    return watch?.step(wallMs: wallMs, monotonicMs: monotonicMs)
  }

  /// The file's last commit, once in a process's life: a clock that is a day or more ahead of it may have stepped
  /// while the bridge was down, or the bridge was down that long. The cameras tell which.
  mutating func compare(committedAtMs: Int64, nowMs: Int64, monotonicMs: Int64) {
    guard !isCompared else { return }
    isCompared = true
    guard nowMs - committedAtMs >= ClockTrust.unprovenAfterMs, trust.state == .trusted else { return }
    trust.start(monotonicMs: monotonicMs)
  }

  mutating func doubt(_ step: (fromMs: Int64, toMs: Int64), monotonicMs: Int64) {
    trust.doubt("the clock stepped by \((step.toMs - step.fromMs) / 1000) s", monotonicMs: monotonicMs)
  }

  mutating func hear(_ witnesses: ClockWitnesses, monotonicMs: Int64) -> ClockTrust.Change? {
    trust.hear(witnesses, monotonicMs: monotonicMs)
  }

  mutating func pass(monotonicMs: Int64) -> ClockTrust.Change? { trust.pass(monotonicMs: monotonicMs) }
}
