/// How long a run of bad samples must last before it is an alert, and a run of good ones before it is over.
public struct OnDelayTiming: Sendable, Hashable {
  /// The cover must exceed this; 0 raises with the first bad sample.
  public let onDelayMs: Int64
  /// What a gap between two samples adds to the cover at most.
  public let gapCreditMs: Int64
  /// How long all must be well; plain event time.
  public let clearDelayMs: Int64
}
