/// Whether the primary host application is online, according to its STATE messages (Sparkplug 3.0, 5.4 and
/// 5.5).
public struct SparkplugPrimaryHost: Sendable, Hashable {
  /// What follows from a STATE message.
  public enum Verdict: Sendable, Hashable {
    /// The message is older than an earlier one.
    case ignore
    case online
    case offline
  }

  public private(set) var isOnline = false
  private var timestampMs: Int64?

  public init() {}

  /// Applies a STATE message; one older than the last belongs to an ended session.
  public mutating func update(online: Bool, timestampMs: Int64) -> Verdict {
    if let last = self.timestampMs, timestampMs < last { return .ignore }
    self.timestampMs = timestampMs
    isOnline = online
    return online ? .online : .offline
  }

  /// After a reconnect the broker sends the state again. The last timestamp stays in force.
  public mutating func disconnected() { isOnline = false }
}
