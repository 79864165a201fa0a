/// What a target can be set for.
public enum TargetScope: String, Sendable, CaseIterable, Comparable {
  case workstation, line, site

  public static func < (left: TargetScope, right: TargetScope) -> Bool { left.rawValue < right.rawValue }
}
