/// Whether the primary host application is online, as its STATE messages say (Sparkplug 3.0, 5.4 and 5.5).
public struct SparkplugPrimaryHost: Sendable, Hashable {
  /// What to do after a message.
  public enum Verdict: Sendable, Hashable {
    /// It is older than one that came before.
    case ignore
    case online
    case offline
  }

  public private(set) var isOnline = false
  private var timestampMs: Int64?

  public init() {}

  /// Takes a STATE message; an older one than the last is of a session that is over.
  public mutating func take(online: Bool, timestampMs: Int64) -> Verdict {
    if let last = self.timestampMs, timestampMs < last { return .ignore }
    self.timestampMs = timestampMs
    isOnline = online
    return online ? .online : .offline
  }

  /// A new connection: the broker will say again how things are. The last timestamp stays in force.
  public mutating func disconnected() { isOnline = false }
}
