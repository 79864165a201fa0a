/// The on-delay and clear delay of a condition, advanced sample by sample.
///
/// ```
///                         bad                       active > on-delay
/// insufficient → normal ───────────→ pending ──────────────────────→ active
///                  ↑  ←───────────────┘ no longer bad                  │
///                  └───────────────────────────────────────────────────┘
///                      good for the clear delay
/// ```
/// The active duration of an episode is the sum of the gaps between samples that were both bad, each at most
/// the gap credit: a night without samples does not prove an hour of bad data. The clear delay, however, is
/// the plain difference of event times since the samples became good, and starts over when they are not:
/// after a quiet night one more good sample may clear. O(1) a sample, a few words of memory, no clock.
struct OnDelay: Sendable, Hashable {
  private(set) var state: OnDelayState = .insufficientData
  /// The active duration of the open episode, milliseconds; 0 without one.
  private(set) var activeMs: Int64 = 0
  /// Since when the samples have been good, while active.
  private(set) var recoveringSinceMs: Int64?

  init() {}

  /// A state from a checkpoint; the reader of the checkpoint checks that it is possible.
  init(state: OnDelayState, activeMs: Int64, recoveringSinceMs: Int64?) {
    self.state = state
    self.activeMs = activeMs
    self.recoveringSinceMs = recoveringSinceMs
  }

  /// Applies a verdict. `wasBad` is the verdict before it, `gapMs` the time since. Bad and good exclude each
  /// other; between the two nothing begins and nothing ends.
  mutating func apply(
    wasBad: Bool, isBad: Bool, isWell: Bool, atMs: Int64, gapMs: Int64, timing: OnDelayTiming
  ) -> DriftTransition? {
    switch state {
    case .insufficientData, .normal:
      state = .normal
      guard isBad else { return nil }
      state = .pending(sinceMs: atMs)
      return raiseIfDue(sinceMs: atMs, atMs: atMs, timing)
        ?? DriftTransition(kind: .pending, sinceMs: atMs, atMs: atMs)
    case .pending(let sinceMs):
      guard isBad else { return end(.withdrawn, sinceMs: sinceMs, atMs: atMs) }
      activeMs += min(gapMs, timing.gapCreditMs)
      return raiseIfDue(sinceMs: sinceMs, atMs: atMs, timing)
    case .active(let sinceMs, _):
      if wasBad, isBad { activeMs += min(gapMs, timing.gapCreditMs) }
      guard isWell else {
        recoveringSinceMs = nil
        return nil
      }
      let recoveredMs = recoveringSinceMs ?? atMs
      recoveringSinceMs = recoveredMs
      guard atMs - recoveredMs >= timing.clearDelayMs else { return nil }
      return end(.cleared, sinceMs: sinceMs, atMs: atMs)
    }
  }

  /// There is no verdict any more. A pending condition is withdrawn; an active alarm stays until samples
  /// clear it.
  mutating func loseVerdict(atMs: Int64) -> DriftTransition? {
    switch state {
    case .insufficientData, .active: return nil
    case .normal:
      state = .insufficientData
      return nil
    case .pending(let sinceMs):
      let transition = end(.withdrawn, sinceMs: sinceMs, atMs: atMs)
      state = .insufficientData
      return transition
    }
  }

  static func isDue(activeMs: Int64, _ timing: OnDelayTiming) -> Bool {
    activeMs > timing.onDelayMs || timing.onDelayMs == 0
  }

  private mutating func raiseIfDue(sinceMs: Int64, atMs: Int64, _ timing: OnDelayTiming) -> DriftTransition? {
    guard Self.isDue(activeMs: activeMs, timing) else { return nil }
    state = .active(sinceMs: sinceMs, raisedMs: atMs)
    return DriftTransition(kind: .raised, sinceMs: sinceMs, atMs: atMs)
  }

  private mutating func end(_ kind: DriftTransition.Kind, sinceMs: Int64, atMs: Int64) -> DriftTransition {
    state = .normal
    activeMs = 0
    recoveringSinceMs = nil
    return DriftTransition(kind: kind, sinceMs: sinceMs, atMs: atMs)
  }
}

extension OnDelay {
  func encode(into writer: inout ByteWriter) {
    switch state {
    case .insufficientData: writer.append([0, 0, 0])
    case .normal: writer.append([1, 0, 0])
    case .pending(let since): writer.append([2, since, 0])
    case .active(let since, let raised): writer.append([3, since, raised])
    }
    writer.append([activeMs, recoveringSinceMs == nil ? 0 : 1, recoveringSinceMs ?? 0])
  }

  /// Reads what `encode` wrote; nil for anything else.
  init?(_ reader: inout ByteReader) {
    guard let kind = reader.integer(), let since = reader.integer(), let raised = reader.integer(),
      let active = reader.integer(), let isRecovering = reader.flag(), let recovering = reader.integer(),
      isRecovering || recovering == 0,
      [since, raised, recovering].allSatisfy(ConfidenceLowRule.times.contains),
      (0...ConfidenceLowRule.times.upperBound).contains(active)
    else { return nil }
    let state: OnDelayState
    switch (kind, since, raised) {
    case (0, 0, 0): state = .insufficientData
    case (1, 0, 0): state = .normal
    case (2, _, 0): state = .pending(sinceMs: since)
    case (3, _, _): state = .active(sinceMs: since, raisedMs: raised)
    default: return nil
    }
    self.init(state: state, activeMs: active, recoveringSinceMs: isRecovering ? recovering : nil)
  }
}
