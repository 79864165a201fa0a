/// The state of an on-delay. Times are milliseconds of event time.
public enum OnDelayState: Sendable, Hashable {
  /// Too few samples for a verdict.
  case insufficientData
  case normal
  /// Bad since `sinceMs`; the on-delay runs.
  case pending(sinceMs: Int64)
  /// Bad since `sinceMs`, raised at `raisedMs`.
  case active(sinceMs: Int64, raisedMs: Int64)

  public var isActive: Bool { if case .active = self { true } else { false } }
}
