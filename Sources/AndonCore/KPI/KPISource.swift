/// Where figures come from that are not computed from events.
public enum KPISource: String, Sendable, CaseIterable {
  /// From the final records of a window whose events are deleted.
  case final
}
