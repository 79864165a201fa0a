/// The states in the life of an alert, after ISA-18.2. That its data are `stale` is a flag, not a state.
///
/// Rules alone lead to the first three; the others need a person.
public enum AlertState: String, Sendable, Hashable, CaseIterable, Comparable {
  case normal
  /// The condition holds, the on-delay runs; nobody is paged.
  case pending
  case unackActive = "unack_active"
  case ackedActive = "acked_active"
  /// Returned to normal before anybody acknowledged it.
  case rtnUnack = "rtn_unack"
  case shelved

  /// The condition holds and the alert was raised.
  public var isActive: Bool { self == .unackActive || self == .ackedActive }

  /// Somebody ought to look.
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

  public static func < (left: AlertState, right: AlertState) -> Bool { left.rank < right.rank }
}
