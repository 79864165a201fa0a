/// The rules `group_offline` and `group_silent`: so many cameras of a group are away at once that what they share is the
/// likely cause. One alarm for the group; the cameras' alarms are attached to it.
public enum GroupRule {
  /// A group with its live cameras: in service, and heard of lately.
  public struct Group: Sendable, Hashable {
    public var id: String
    public var live: Set<String>

    public init(id: String, live: Set<String>) {
      self.id = id
      self.live = live
    }

    /// How many must be away: 30 %, at least three.
    public var threshold: Int { max(GroupRule.least, (live.count * 3 + 9) / 10) }

    /// Whether so many can be away at all.
    public var isLarge: Bool { live.count >= GroupRule.least }
  }

  /// The groups that explain why these cameras are away, and which of them each explains: the one that explains most,
  /// the smallest of several; then what explains the others. O(groups² · cameras).
  public static func explain(
    _ away: Set<String>, by groups: [Group]
  ) -> [(group: Group, cameras: Set<String>)] {
    var rest = away
    var found: [(group: Group, cameras: Set<String>)] = []
    while true {
      let candidates = groups.map { (group: $0, cameras: $0.live.intersection(rest)) }
        .filter { $0.cameras.count >= $0.group.threshold }
      let best = candidates.min { left, right in
        (-left.cameras.count, left.group.live.count, left.group.id)
          < (-right.cameras.count, right.group.live.count, right.group.id)
      }
      guard let best else { return found }
      found.append(best)
      rest.subtract(best.cameras)
    }
  }

  private static let least = 3
}
