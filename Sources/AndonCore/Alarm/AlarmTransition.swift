/// One journal row: what happened to an alarm, and its state after that.
public struct AlarmTransition: Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable, CaseIterable, Codable {
    /// The condition holds and the on-delay runs.
    case pending
    /// The condition ended before the on-delay was over.
    case withdrawn
    case raised
    /// Raised again within 24 h of its clear: the same occurrence. Pages if the alarm was clear for longer
    /// than `alerts.reannounce_after`; a sooner return is chatter.
    case reopened
    case cleared
    case acknowledged
    case shelved
    case unshelved
    /// Still unacknowledged; pages again.
    case renotify
    /// Attached to the alarm of a cause that it shares with others.
    case attached
    /// That alarm is over and this one is not: it pages unless it is acknowledged.
    case detached
    /// Late data revealed a past episode.
    case historical
    /// Late data moved its times.
    case amended
    /// Late data removed it.
    case retracted
    /// A person judged the occurrence.
    case confirmed
    case falseAlarm = "false_alarm"
  }

  public var kind: Kind
  public var key: AlarmKey
  public var fromState: AlarmState
  /// The state after the transition.
  public var machine: AlarmStateMachine
  /// The past episode that the row is about; nil when it is about the occurrence of `machine`.
  public var past: Episode?
  /// Whether a person should be called.
  public var page: Bool
  /// When it happened: event time for what samples caused, clock time for the rest.
  public var atMs: Int64
  /// The clock's time when it was recorded.
  public var nowMs: Int64
  /// The person, as the command said.
  public var by: String?
  /// Whether that name was proved by a login or a token.
  public var isByVerified = false
  public var comment: String?
}
