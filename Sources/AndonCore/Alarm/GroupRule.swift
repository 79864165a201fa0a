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
  ///
  /// - Parameter groups: the first is the site; of groups of one size it comes last, because the others say more.
  public static func explain(
    _ away: Set<String>, by groups: [Group]
  ) -> [(group: Group, cameras: Set<String>)] {
    var rest = away
    var found: [(group: Group, cameras: Set<String>)] = []
    while true {
      let candidates = groups.enumerated()
        .map { (place: $0 > 0 ? $0 : groups.count, group: $1, cameras: $1.live.intersection(rest)) }
        .filter { $0.cameras.count >= $0.group.threshold }
      let best = candidates.min { left, right in
        (-left.cameras.count, left.group.live.count, left.place)
          < (-right.cameras.count, right.group.live.count, right.place)
      }
      guard let best else { return found }
      found.append((best.group, best.cameras))
      rest.subtract(best.cameras)
    }
  }

  private static let least = 3
}
