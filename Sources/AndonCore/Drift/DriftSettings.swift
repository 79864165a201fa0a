/// The limits of the rule `confidence_low`. Confidences in millionths, times in milliseconds of event time.
public struct DriftSettings: Sendable, Hashable {
  /// How many samples the rolling mean covers.
  public let window: Int
  public let limitPpm: Int32
  public let clearLimitPpm: Int32
  /// The active duration must exceed this before the alarm is raised; 0 raises with the first low mean.
  public let onDelayMs: Int64
  /// What a gap between two samples adds to the active duration at most.
  public let gapCreditMs: Int64
  /// How long the mean must stay at or above the clear limit.
  public let clearDelayMs: Int64

  /// The window must be positive, the times not negative and the clear limit not below the limit. The reader
  /// of the configuration refuses anything else first.
  public init(
    window: Int = 100, limitPpm: Int32 = 750_000, clearLimitPpm: Int32 = 780_000,
    onDelayMs: Int64 = 3_600_000, gapCreditMs: Int64 = 600_000, clearDelayMs: Int64 = 1_800_000
  ) {
    precondition(window > 0, "a mean needs a sample")
    precondition(clearLimitPpm >= limitPpm, "an alert that clears must not be low")
    precondition(min(onDelayMs, gapCreditMs, clearDelayMs) >= 0, "a length of time is not negative")
    self.window = window
    self.limitPpm = limitPpm
    self.clearLimitPpm = clearLimitPpm
    self.onDelayMs = onDelayMs
    self.gapCreditMs = gapCreditMs
    self.clearDelayMs = clearDelayMs
  }

  /// The three delays for `OnDelay`.
  public var timing: OnDelayTiming {
    OnDelayTiming(onDelayMs: onDelayMs, gapCreditMs: gapCreditMs, clearDelayMs: clearDelayMs)
  }

  /// The values that a stored state depends on.
  var fingerprint: [Int64] {
    [Int64(window), Int64(limitPpm), Int64(clearLimitPpm), onDelayMs, gapCreditMs, clearDelayMs]
  }
}
