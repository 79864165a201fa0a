import Testing

@testable import AndonOverview

@Suite struct SiteRepairTests {
  private static let all = (0..<250).map { index in "plant-\(String(1000 + index))" }

  private static func after(_ last: String, _ limit: Int) -> [String] {
    Array(all.filter { $0 > last }.prefix(limit))
  }

  @Test func itAsksForAFewSitesAtATimeAndLeavesNoSubscription() throws {
    var repair = SiteRepair(root: "andon/v1")
    let firstStep = repair.step(nowMs: 1000, sites: Self.after)
    let first = try #require(firstStep)
    #expect(first.old.isEmpty && first.new.count == 300)
    #expect(
      first.new.prefix(3) == [
        "andon/v1/plant-1000/alert_summary", "andon/v1/plant-1000/alert/+/+", "andon/v1/plant-1000/meta/site",
      ])
    let early = repair.step(nowMs: 1999, sites: Self.after)
    #expect(early == nil)
    let secondStep = repair.step(nowMs: 2000, sites: Self.after)
    let second = try #require(secondStep)
    #expect(second.old == first.new && second.new.first == "andon/v1/plant-1100/alert_summary")
    let thirdStep = repair.step(nowMs: 3000, sites: Self.after)
    let third = try #require(thirdStep)
    #expect(third.new.count == 150)
    // From the beginning again; by then nothing is missing.
    let lastStep = repair.step(nowMs: 4000) { last, _ in
      #expect(last.isEmpty)
      return []
    }
    let last = try #require(lastStep)
    #expect(last.old == third.new && last.new.isEmpty)
    let idle = repair.step(nowMs: 33_999) { _, _ in
      Issue.record("too early")
      return []
    }
    #expect(idle == nil)
    let calm = repair.step(nowMs: 34_000) { _, _ in [] }
    #expect(calm == nil)
  }
}
