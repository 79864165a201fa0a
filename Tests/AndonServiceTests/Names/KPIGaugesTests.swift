import Mosquitto
import TestSupport
import Testing

@testable import AndonCore
@testable import AndonIngest
@testable import AndonPublish
@testable import AndonStatus

/// The figures of production in `/metrics`.
@Suite(.ownThread) struct KPIGaugesTests {
  private func record(
    _ scope: KPIScope = .workstation, _ id: String = "S1", units: Int64 = 5, site: String = "p",
    endMs: Int64 = 100
  ) -> KPIRecord {
    KPIRecord(
      siteID: site, scope: scope, id: id, window: Window(kind: .hour, startMs: 0, endMs: endMs), nowMs: 0,
      values: [.init(metric: .utilization, scaled: 8325), .init(metric: .units, scaled: units)],
      quality: .good)
  }

  private func texts(_ samples: [KPIGauges.Sample]) -> [String] {
    samples.map { "\($0.labels.map { "\($0.0)=\($0.1)" }.joined(separator: ",")) \($0.value)" }
  }

  @Test func theNewestFiguresAreShownWhileTheirWindowIsOpen() {
    let gauges = KPIGauges()
    gauges.set(record())
    gauges.set(record(units: 6))
    gauges.set(record(.line, "l1"))
    #expect(
      texts(gauges.samples(.units, of: ["p"], nowMs: 50)) == [
        "site=p,scope=line,id=l1,window=hour 5.0", "site=p,scope=workstation,id=S1,window=hour 6.0",
      ])
    #expect(gauges.samples(.utilization, of: ["p"], nowMs: 50).map(\.value) == [83.25, 83.25])
    #expect(gauges.samples(.coverage, of: ["p"], nowMs: 50).isEmpty)
    #expect(gauges.qualities(of: ["p"], nowMs: 50).map(\.value) == [192, 192])
    // The window is over, or the caller may not see the site.
    #expect(gauges.samples(.units, of: ["p"], nowMs: 100).isEmpty)
    #expect(gauges.samples(.units, of: ["q"], nowMs: 50).isEmpty)
    gauges.remove(site: "p", .line, "l1", .hour)
    #expect(gauges.samples(.units, of: ["p"], nowMs: 50).count == 1)
    gauges.begin(site: "p")
    #expect(gauges.samples(.units, of: ["p"], nowMs: 50).isEmpty)
  }

  @Test func workersAreNeverShown() {
    let gauges = KPIGauges()
    gauges.set(record(.worker, "W1"))
    #expect(gauges.samples(.units, of: ["p"], nowMs: 50).isEmpty)
    #expect(gauges.leftOut(of: ["p"]).allSatisfy { $0.value == 0 })
  }

  @Test func thereAreAtMostAThousandASite() {
    let gauges = KPIGauges()
    for number in 0..<1100 { gauges.set(record(id(number))) }
    gauges.set(record(.workstation, "S7", units: 77))
    let samples = gauges.samples(.units, of: ["p"], nowMs: 50)
    #expect(samples.count == KPIGauges.recordLimit)
    #expect(samples.contains { $0.value == 77 }, "those that are shown go on")
    #expect(gauges.leftOut(of: ["p"]).map(\.value) == [100])
    gauges.set(record(site: "q"))
    gauges.keep(only: ["q"])
    #expect(gauges.leftOut(of: ["p", "q"]).map(\.value) == [0])
  }

  private func id(_ number: Int) -> (KPIScope, String) { (.workstation, "S\(number)") }
  private func record(_ key: (KPIScope, String)) -> KPIRecord { record(key.0, key.1) }

  /// The gauges equal the retained topics, and leave with them.
  @Test func theCycleSetsThem() throws {
    let test = try TestSite(", workers: {W1: {name: Anna}}")
    test.add(TestSite.event(TestSite.nowMs - 60_000))
    _ = try test.turn.commitAdded()
    let gauges = KPIGauges()
    let cycle = KPIPublishCycle(
      site: test.site, topics: TopicNames(root: "r"), scalarTags: false,
      publishQueue: PublishQueue(wakeup: try Wakeup()), gauges: gauges)
    try cycle.publish(test.store, nowMs: TestSite.nowMs)
    let samples = texts(gauges.samples(.utilization, of: ["plant-a"], nowMs: TestSite.nowMs))
    #expect(samples.contains("site=plant-a,scope=workstation,id=S1,window=hour 100.0"), "\(samples)")
    #expect(samples.contains { $0.hasPrefix("site=plant-a,scope=site,id=plant-a") })
    #expect(!samples.contains { $0.contains("worker,") })
  }

  /// Figures of too few workers are withheld here as on the topics.
  @Test func withheldFiguresAreNotShown() throws {
    let test = try TestSite(", privacy: {min_group: 2}")
    test.add(TestSite.event(TestSite.nowMs - 60_000))
    _ = try test.turn.commitAdded()
    let gauges = KPIGauges()
    let cycle = KPIPublishCycle(
      site: test.site, topics: TopicNames(root: "r"), scalarTags: false,
      publishQueue: PublishQueue(wakeup: try Wakeup()), gauges: gauges)
    try cycle.publish(test.store, nowMs: TestSite.nowMs)
    #expect(gauges.samples(.utilization, of: ["plant-a"], nowMs: TestSite.nowMs).isEmpty)
  }
}
