/// What a person changed in the targets by command. From its instant on it counts more than the configuration and than
/// what was said before it.
public struct TargetChange: Sendable, Hashable {
  public var subject: TargetSubject
  public var fromMs: Int64
  /// The first instant at which it no longer holds; `.max` for none.
  public var untilMs: Int64
  /// Nil: as configured again.
  public var rate: TargetRate?
  public var labels: TargetLabels

  public init(
    _ subject: TargetSubject, fromMs: Int64, untilMs: Int64 = .max, rate: TargetRate?,
    labels: TargetLabels = TargetLabels()
  ) {
    self.subject = subject
    (self.fromMs, self.untilMs, self.rate, self.labels) = (fromMs, max(fromMs, untilMs), rate, labels)
  }
}
