import AndonCore
import Testing

@Suite struct GroupRuleTests {
  private func group(_ id: String, _ cameras: Range<Int>) -> GroupRule.Group {
    GroupRule.Group(id: id, live: Set(cameras.map { "cam-\($0)" }))
  }

  private func explained(_ away: Range<Int>, _ groups: [GroupRule.Group]) -> [String] {
    GroupRule.explain(Set(away.map { "cam-\($0)" }), by: groups).map(\.group.id)
  }

  @Test func aGroupNeedsThreeAndAThird() {
    #expect(group("g", 0..<4).threshold == 3)
    #expect(group("g", 0..<24).threshold == 8)
    #expect(explained(0..<2, [group("site", 0..<3)]).isEmpty)
    #expect(explained(0..<7, [group("site", 0..<24)]).isEmpty)
    #expect(explained(0..<8, [group("site", 0..<24)]) == ["site"])
  }

  @Test func theSmallestGroupThatExplainsAllWins() {
    let groups = [group("site", 0..<24), group("line-1", 0..<12), group("switch-3", 0..<8)]
    #expect(explained(0..<8, groups) == ["switch-3"])
    #expect(explained(0..<12, groups) == ["line-1"])
    #expect(explained(0..<24, groups) == ["site"])
  }

  /// A switch that all cameras of a small site share says more than the site.
  @Test func ofGroupsOfOneSizeTheSiteComesLast() {
    #expect(explained(0..<3, [group("a-site", 0..<3), group("switch-3", 0..<3)]) == ["switch-3"])
  }

  @Test func twoCausesAreTwoGroups() {
    let groups = [group("site", 0..<100), group("switch-1", 0..<5), group("switch-2", 50..<56)]
    let away = Set((0..<5).map { "cam-\($0)" } + (50..<54).map { "cam-\($0)" })
    #expect(GroupRule.explain(away, by: groups).map(\.group.id) == ["switch-1", "switch-2"])
  }
}
