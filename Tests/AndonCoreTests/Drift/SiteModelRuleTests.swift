import AndonCore
import Testing

@Suite struct SiteModelRuleTests {
  private let hour: Int64 = 3_600_000

  @Test(arguments: [(1, 3), (9, 3), (10, 3), (11, 4), (20, 6), (100, 30)])
  func theThresholdIsThreeOrThirtyPercent(cameras: Int, expected: Int) {
    #expect(SiteModelRule.threshold(cameras: cameras) == expected)
  }

  @Test func threeWithinTwoHoursRaise() {
    var rule = SiteModelRule()
    #expect(rule.apply(openRaises: [0, hour], cameras: 6, clearedMs: 0) == nil)
    #expect(rule.apply(openRaises: [0, hour, 2 * hour + 1], cameras: 6, clearedMs: 0) == nil)
    let transition = rule.apply(openRaises: [2 * hour, 0, hour], cameras: 6, clearedMs: 0)
    #expect(transition == DriftTransition(kind: .raised, sinceMs: 0, atMs: 2 * hour))
  }

  @Test func itClearsWhenAllDid() {
    var rule = SiteModelRule()
    _ = rule.apply(openRaises: [0, 1, 2], cameras: 6, clearedMs: 0)
    #expect(rule.apply(openRaises: [1], cameras: 6, clearedMs: 5) == nil)
    #expect(
      rule.apply(openRaises: [], cameras: 6, clearedMs: 9)
        == DriftTransition(kind: .cleared, sinceMs: 0, atMs: 9))
    #expect(rule.raised == nil)
  }

  @Test func ofManyCamerasThreeAreNotEnough() {
    var rule = SiteModelRule()
    #expect(rule.apply(openRaises: [0, 1, 2], cameras: 11, clearedMs: 0) == nil)
    #expect(rule.apply(openRaises: [0, 1, 2, 3], cameras: 11, clearedMs: 0)?.kind == .raised)
  }
}
