/// The states of an alert after ISA-18.2. This version publishes the first three: there is no command to
/// acknowledge yet, so an alert that clears is `normal` again.
public enum AlertState: String, Sendable, CaseIterable, Comparable {
  case normal
  /// The condition holds, the on-delay runs; nobody is paged.
  case pending
  case unackActive = "unack_active"

  private var rank: Int {
    switch self {
    case .normal: 0
    case .pending: 1
    case .unackActive: 2
    }
  }

  public static func < (left: AlertState, right: AlertState) -> Bool { left.rank < right.rank }
}
