/// What a workstation does. The first that holds counts.
public enum StationState: String, Sendable, CaseIterable {
  /// At least one worker works here.
  case working
  /// At least one worker is here, and none works.
  case idle
  /// No worker is here, as far as is known.
  case vacant
  /// Nothing says who is here: no event came yet, or the last worker who was here gave no sign of life for the state
  /// time-out and was not seen since.
  case noData = "no_data"
}
