/// The rule `site_model`: so many cameras on one model version raise within two hours that the model is the
/// likely cause, not the cameras. One alarm for the site; the cameras' alarms are attached to it.
///
/// Call `apply` whenever an episode of the version changed: the rule remembers only whether it is raised.
public struct SiteModelRule: Sendable, Hashable {
  public private(set) var raised: (sinceMs: Int64, atMs: Int64)?
  public static let spanMs: Int64 = 2 * 3_600_000

  public init() {}

  /// Continues an alarm that was raised when the bridge stopped.
  public init(sinceMs: Int64, raisedMs: Int64) { raised = (sinceMs, raisedMs) }

  /// 30 % of the cameras, at least three.
  public static func threshold(cameras: Int) -> Int { max(3, (cameras * 3 + 9) / 10) }

  /// Judges the open episodes of the version by the times they were raised, in any order. O(n log n).
  /// - Parameter clearedMs: when the last of them ended, for the transition's time.
  public mutating func apply(openRaises: [Int64], cameras: Int, clearedMs: Int64) -> DriftTransition? {
    if let raised {
      guard openRaises.isEmpty else { return nil }
      self.raised = nil
      return DriftTransition(kind: .cleared, sinceMs: raised.sinceMs, atMs: clearedMs)
    }
    let times = openRaises.sorted()
    let threshold = Self.threshold(cameras: cameras)
    guard times.count >= threshold else { return nil }
    for last in (threshold - 1)..<times.count
    where times[last] - times[last - threshold + 1] <= Self.spanMs {
      let transition = DriftTransition(
        kind: .raised, sinceMs: times[last - threshold + 1], atMs: times[last])
      raised = (transition.sinceMs, transition.atMs)
      return transition
    }
    return nil
  }

  public static func == (left: SiteModelRule, right: SiteModelRule) -> Bool {
    left.raised?.sinceMs == right.raised?.sinceMs && left.raised?.atMs == right.raised?.atMs
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(raised?.sinceMs) }
}
