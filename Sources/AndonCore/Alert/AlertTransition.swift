/// One row of the journal: what happened to an alert, and how it stands after that.
public struct AlertTransition: Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable, CaseIterable, Codable {
    /// The condition holds, the on-delay runs.
    case pending
    /// It no longer did before the on-delay was over.
    case withdrawn
    case raised
    /// Raised again within 24 h of its clearing: the same occurrence. It calls when it was away for longer than
    /// `alerts.reannounce_after`; a shorter return is chatter.
    case reopened
    case cleared
    case acknowledged
    case shelved
    case unshelved
    /// Still unacknowledged.
    case renotify
    /// A site alert took it in.
    case attached
    /// Data that came late tell of an episode of the past.
    case historical
    /// Late data moved its times.
    case amended
    /// Late data undid it.
    case retracted
    /// A person's word on whether it was right.
    case confirmed
    case falseAlarm = "false_alarm"
  }

  public var kind: Kind
  public var key: AlertKey
  public var fromState: AlertState
  /// How the alert stands after it.
  public var life: AlarmStateMachine
  /// Nil for the occurrence of `life`; else the one of the past that this is about.
  public var past: Episode?
  /// Somebody should be called.
  public var page: Bool
  /// When it happened: event time for what samples caused, the clock for the rest.
  public var atMs: Int64
  /// The clock when it was noted.
  public var nowMs: Int64
  public var by: String?
  public var comment: String?
}
