/// How long a condition must hold before the alarm is raised, and how long it must be over before the alarm
/// clears.
public struct OnDelayTiming: Sendable, Hashable {
  /// The active duration must exceed this; 0 raises with the first bad sample.
  public let onDelayMs: Int64
  /// What a gap between two samples adds to the active duration at most.
  public let gapCreditMs: Int64
  /// How long the samples must be good: a plain difference of event times.
  public let clearDelayMs: Int64
}
