/// The limits of the rule `confidence_low`. Confidences in millionths, times in milliseconds of event time.
public struct DriftSettings: Sendable, Hashable {
  /// How many samples the rolling mean takes.
  public var window: Int
  public var limitPpm: Int32
  public var clearLimitPpm: Int32
  /// The cover of a low run must exceed this before it is an alert.
  public var onDelayMs: Int64
  /// What a gap between two samples adds to the cover at most.
  public var gapCreditMs: Int64
  /// How long the mean must stay at or above the clear limit.
  public var clearDelayMs: Int64

  public init(
    window: Int = 100, limitPpm: Int32 = 750_000, clearLimitPpm: Int32 = 780_000,
    onDelayMs: Int64 = 3_600_000,
    gapCreditMs: Int64 = 600_000, clearDelayMs: Int64 = 1_800_000
  ) {
    precondition(window > 0, "a mean needs a sample")
    self.window = window
    self.limitPpm = limitPpm
    self.clearLimitPpm = clearLimitPpm
    self.onDelayMs = onDelayMs
    self.gapCreditMs = gapCreditMs
    self.clearDelayMs = clearDelayMs
  }
}
