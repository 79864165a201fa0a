/// One step of a drift episode, caused by a sample.
public struct DriftTransition: Sendable, Hashable {
  public enum Kind: Sendable, Hashable {
    /// The mean fell below the limit; the on-delay runs.
    case pending
    /// The active duration exceeded the on-delay. With an on-delay of 0 no `pending` comes before it.
    case raised
    /// The condition ended before the on-delay was over.
    case withdrawn
    /// The alarm ended.
    case cleared
  }

  public let kind: Kind
  /// When the episode began; together with the key it identifies the episode. Milliseconds of event time.
  public let sinceMs: Int64
  /// The time of the sample that caused the step.
  public let atMs: Int64

  public init(kind: Kind, sinceMs: Int64, atMs: Int64) {
    self.kind = kind
    self.sinceMs = sinceMs
    self.atMs = atMs
  }
}
