/// What a workstation did during a stop.
public enum StopKind: String, Sendable, CaseIterable {
  case idle
  case vacant
  case noData = "no_data"
  /// More than one of the others.
  case mixed

  init?(_ state: StationState) {
    switch state {
    case .working: return nil
    case .idle: self = .idle
    case .vacant: self = .vacant
    case .noData: self = .noData
    }
  }
}
