/// Which alerts a route gets, and when. An empty set or list matches everything.
public struct NotifyMatch: Sendable, Hashable {
  public var classes: Set<String> = []
  public var priorities: Set<String> = []
  public var sites: Set<String> = []
  public var lines: Set<String> = []
  public var times: [NotifyTime] = []

  public init() {}

  public func matches(_ subject: NotifySubject, day: Weekday, minute: Int) -> Bool {
    func isIn(_ value: String?, _ set: Set<String>) -> Bool {
      set.isEmpty || value.map(set.contains) == true
    }
    return isIn(subject.alertClass, classes) && isIn(subject.priority, priorities)
      && isIn(subject.siteID, sites) && isIn(subject.line, lines)
      && (times.isEmpty || times.contains { $0.contains(day, minute: minute) })
  }
}
