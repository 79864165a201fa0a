/// The states of an alarm after ISA-18.2. `stale` is a flag of its own, not a state.
///
/// Rules alone lead to the first three; the others need a person.
public enum AlarmState: String, Sendable, Hashable, CaseIterable, Comparable {
  case normal
  /// The condition holds and the on-delay runs; there is no page yet.
  case pending
  case unackActive = "unack_active"
  case ackedActive = "acked_active"
  /// Returned to normal, unacknowledged.
  case rtnUnack = "rtn_unack"
  case shelved

  /// The condition holds and the alarm was raised.
  public var isActive: Bool { self == .unackActive || self == .ackedActive }

  /// Waits for an acknowledgement.
  public var isUnacked: Bool { self == .unackActive || self == .rtnUnack }

  /// From good to bad.
  private var rank: Int {
    switch self {
    case .normal: 0
    case .shelved: 1
    case .pending: 2
    case .rtnUnack: 3
    case .ackedActive: 4
    case .unackActive: 5
    }
  }

  public static func < (left: AlarmState, right: AlarmState) -> Bool { left.rank < right.rank }
}
