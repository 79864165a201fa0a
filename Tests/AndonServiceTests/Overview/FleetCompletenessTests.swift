import Testing

@testable import AndonOverview

/// What is known to be missing, and what is known to be gone.
@Suite struct FleetCompletenessTests {
  private typealias Sample = FleetSample

  private static let ids = (0..<30).map { "plant-\($0)" }

  /// A summary counts two model versions of a camera twice; their topic shows the worse one.
  @Test func fault268_aSummaryThatCountsMoreThanThereAreTopicsIsNotBelievedForEver() {
    var fleet = Sample.fleet()
    fleet.apply(Sample.kpi("plant-a"))
    fleet.apply(Sample.summary("plant-a", active: 2, unacked: 0))
    fleet.apply(Sample.alert("plant-a", state: "acked_active"))
    fleet.complete(broker: 0)
    #expect(fleet.state("plant-a") == "incomplete/alertsMissing")
    for _ in 0..<Fleet.askings {
      #expect(fleet.sitesToAsk(broker: 0) == ["plant-a"])
      #expect(fleet.tile("plant-a")?.alertsMissing == 1)
      fleet.asked(broker: 0, sites: ["plant-a"])
    }
    #expect(fleet.state("plant-a") == "ok/none" && fleet.tile("plant-a")?.alertsMissing == 0)
    // The next connection may have dropped something again.
    fleet.connected(broker: 0, nowMs: Sample.nowMs)
    fleet.complete(broker: 0)
    #expect(fleet.state("plant-a") == "incomplete/alertsMissing")
  }

  @Test func fault268_anOldBridgeHasNoSummary() {
    var fleet = Sample.fleet()
    fleet.apply(Sample.kpi("plant-a"))
    fleet.complete(broker: 0)
    #expect(fleet.state("plant-a") == "incomplete/alertsMissing")
    fleet.settle()
    #expect(fleet.state("plant-a") == "ok/none")
  }

  /// There is no room for more: asking again brings nothing, and the alerts are still missing.
  @Test func fault268_aSiteAtItsBoundIsNotAskedFor() {
    var fleet = Sample.fleet { $0.alerts = 1 }
    fleet.apply(Sample.kpi("plant-a"))
    fleet.apply(Sample.summary("plant-a", active: 2, unacked: 0))
    for camera in ["cam-01", "cam-02"] { fleet.apply(Sample.alert("plant-a", camera, state: "acked_active")) }
    fleet.complete(broker: 0)
    #expect(fleet.sitesToAsk(broker: 0).isEmpty)
    #expect(fleet.state("plant-a") == "incomplete/alertsMissing")
    fleet.settle()
    #expect(fleet.tile("plant-a")?.alertsMissing == 1)
  }

  @Test func fault268_anAlertThatComesAgainIsNotToldAgain() {
    var fleet = Sample.fleet()
    fleet.apply(Sample.kpi("plant-a"))
    fleet.apply(Sample.alert("plant-a"))
    #expect(fleet.update(nowMs: Sample.nowMs).alerts.count == 1)
    fleet.apply(Sample.alert("plant-a"), isRetained: true)
    let change = fleet.update(nowMs: Sample.nowMs)
    #expect(change.isEmpty)
    fleet.apply(Sample.alert("plant-a", severity: 501))
    #expect(fleet.update(nowMs: Sample.nowMs).alerts.count == 1)
  }

  /// A connection that brought `count` of the sites.
  private func reconnected(_ count: Int) -> Fleet {
    var fleet = Sample.fleet()
    let bridge = Sample.availability("b1", "online")
    for message in [bridge, Sample.heartbeat("b1", ["plant-0"])] { fleet.apply(message) }
    for id in Self.ids { fleet.apply(Sample.kpi(id)) }
    fleet.settle()
    fleet.connected(broker: 0, nowMs: Sample.nowMs)
    for id in Self.ids.prefix(count) { fleet.apply(Sample.kpi(id), isRetained: true) }
    fleet.complete(broker: 0)
    return fleet
  }

  /// Silence is no proof: nothing is taken away before it was asked for again.
  @Test func fault261_whatDidNotComeIsAskedForBeforeItIsGone() {
    var fleet = reconnected(25)
    #expect(fleet.sites.count == 30)
    #expect(Set(fleet.sitesToAsk(broker: 0)).isSuperset(of: Self.ids[25...]))
    // One of them only came late.
    fleet.apply(Sample.kpi("plant-29"), isRetained: true)
    for count in 1...Fleet.askings {
      fleet.asked(broker: 0, sites: fleet.sitesToAsk(broker: 0))
      #expect(fleet.sites.count == (count < Fleet.askings ? 30 : 26))
    }
    #expect(fleet.sites[FleetKey(broker: 0, site: "plant-29")] != nil && fleet.bridges.isEmpty)
  }

  @Test func fault261_aConnectionThatBringsFarFewerIsDoubted() {
    var fleet = reconnected(5)
    for _ in 0..<Fleet.doubtfulAskings {
      #expect(fleet.sites.count == 30 && fleet.bridges.count == 1)
      fleet.asked(broker: 0, sites: fleet.sitesToAsk(broker: 0))
    }
    #expect(fleet.sites.count == 5 && fleet.bridges.isEmpty)
    #expect(fleet.sites.keys.allSatisfy { Self.ids.prefix(5).contains($0.site) })
  }
}
