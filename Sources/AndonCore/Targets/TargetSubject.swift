/// The workstation, line or site that a target is set for.
public struct TargetSubject: Sendable, Hashable, Comparable {
  public var scope: TargetScope
  public var id: String

  public init(_ scope: TargetScope, _ id: String) { (self.scope, self.id) = (scope, id) }

  public static func < (left: TargetSubject, right: TargetSubject) -> Bool {
    (left.scope, left.id) < (right.scope, right.id)
  }
}
