import Testing

@testable import AndonOverview

@Suite struct SiteRepairTests {
  private static let all = (0..<150).map { index in "plant-\(String(1000 + index))" }

  /// A broker that answers each question at once; the sites that it was asked for, by the time.
  private static func run(
    _ repair: inout SiteRepair, untilMs: Int64, open: (Int64) -> [String]
  ) -> [(atMs: Int64, sites: [String])] {
    var asked: [(atMs: Int64, sites: [String])] = []
    var packet: Int32 = 0
    for nowMs in stride(from: Int64(0), to: untilMs, by: 500) {
      guard let step = repair.step(nowMs: nowMs, done: { _ in }, open: { open(nowMs) }) else { continue }
      guard !step.new.isEmpty else { continue }
      let sites = step.new.filter { $0.hasSuffix("/alert_summary") }
        .map { String($0.dropFirst(9).dropLast(14)) }
      asked.append((nowMs, sites))
      packet += 1
      repair.sent(packetID: packet)
      repair.subscribed(packetID: packet, nowMs: nowMs)
    }
    return asked
  }

  @Test func itAsksForAFewSitesAtATimeAndWaitsForTheAnswer() throws {
    var repair = SiteRepair(root: "andon/v1")
    var done: [String] = []
    var open = Self.all
    func step(_ nowMs: Int64) -> SiteRepair.Step? {
      repair.step(
        nowMs: nowMs,
        done: { sites in
          done += sites
          open.removeAll(where: sites.contains)
        }, open: { open })
    }
    let firstStep = step(1000)
    let first = try #require(firstStep)
    #expect(first.old.isEmpty && first.new.count == 4 * SiteRepair.sitesAtOnce)
    #expect(first.new.first == "andon/v1/plant-1000/alert_summary")
    #expect(first.new.contains("andon/v1/plant-1000/alert/+/+"))
    #expect(first.new.contains("andon/v1/plant-1000/kpi/site/plant-1000/+"))
    // Long names must not push the others out of the queue.
    #expect(first.new.suffix(SiteRepair.sitesAtOnce).allSatisfy { $0.hasSuffix("/meta/site") })
    repair.sent(packetID: 7)
    // What came before the broker's word is of the subscription before.
    repair.retainedCame(nowMs: 60_000)
    repair.subscribed(packetID: 6, nowMs: 60_000)
    #expect(step(70_000) == nil)
    repair.subscribed(packetID: 7, nowMs: 70_000)
    repair.retainedCame(nowMs: 70_400)
    #expect(step(70_800) == nil && done.isEmpty)
    let secondStep = step(70_900)
    let second = try #require(secondStep)
    #expect(second.old == first.new && done.count == SiteRepair.sitesAtOnce)
    #expect(second.new.first == "andon/v1/plant-1064/alert_summary")
    repair.sent(packetID: 8)
    repair.subscribed(packetID: 8, nowMs: 71_000)
    let third = step(71_500)
    #expect(third?.new.count == 4 * (150 - 2 * SiteRepair.sitesAtOnce))
    repair.sent(packetID: 9)
    repair.subscribed(packetID: 9, nowMs: 71_600)
    // Nothing is missing any more: no subscription is left.
    let last = step(72_100)
    #expect(last?.old == third?.new && last?.new.isEmpty == true && done.count == 150)
    #expect(step(72_200) == nil && step(90_000) == nil)
  }

  /// A site that never heals costs little, for ever.
  @Test func fault268_whatStaysMissingIsAskedForEverMoreSeldom() {
    var repair = SiteRepair(root: "andon/v1")
    let asked = Self.run(&repair, untilMs: 24 * 3_600_000) { _ in ["plant-a"] }
    #expect((20...40).contains(asked.count), "\(asked.count)")
    #expect(asked.prefix(4).map(\.atMs) == [0, 2000, 6000, 14_000])
    let last = asked.suffix(2).map(\.atMs)
    #expect((3_600_000...3_606_000).contains(last[1] - last[0]))
  }

  /// Sites that never heal do not keep others from their turn.
  @Test func newSitesComeFirst() {
    var repair = SiteRepair(root: "andon/v1")
    let asked = Self.run(&repair, untilMs: 60_000) { nowMs in
      nowMs < 20_000 ? Array(Self.all.prefix(100)) : Array(Self.all.prefix(100)) + ["plant-new"]
    }
    let first = asked.first { $0.sites.contains("plant-new") }
    #expect(first.map { $0.atMs < 30_000 } == true && first?.sites.first == "plant-new")
  }
}
