import TestSupport
import Testing

@testable import AndonCore
@testable import AndonOverview

/// The fleet in memory: states, bounds, sessions.
@Suite struct FleetTests {
  private typealias Sample = FleetSample

  @Test func aTileHasTheFiguresOfTheShiftAndTheNames() throws {
    var fleet = Sample.fleet()
    fleet.apply(Sample.kpi("plant-a", window: "day", units: 700))
    fleet.apply(Sample.kpi("plant-a", units: 90, target: 85))
    fleet.apply(Sample.name("plant-a", "Werk Ä"))
    let tileNow = fleet.tile("plant-a")
    let tile = try #require(tileNow)
    #expect(tile.name == "Werk Ä" && tile.timeZone == "UTC" && tile.broker == "north" && tile.state == .ok)
    #expect(tile.figures?.utilization == 8325 && tile.figures?.units == 90 && tile.figures?.gapUnits == 5)
    #expect(tile.dashboard == "https://north.example/#/plant-a")
    // When the shift is over, the day speaks.
    let laterNow = fleet.tile("plant-a", nowMs: Sample.nowMs + 3_600_000)
    let later = try #require(laterNow)
    #expect(later.figures?.window == .day && later.figures?.units == 700)
  }

  @Test func statesFromBestToWorst() {
    var fleet = Sample.fleet()
    func late(_ seconds: Int64) -> Int64 { Sample.nowMs + seconds * 1000 }
    fleet.apply(Sample.kpi("plant-a"))
    #expect(fleet.state("plant-a") == "ok/none")
    fleet.apply(Sample.kpi("plant-a", units: 80, target: 85))
    #expect(fleet.state("plant-a") == "behind/target")
    fleet.apply(Sample.kpi("plant-a", quality: 64))
    #expect(fleet.state("plant-a") == "incomplete/coverage")
    fleet.apply(Sample.kpi("plant-a", quality: 0))
    #expect(fleet.state("plant-a") == "incomplete/noData")
    fleet.apply(Sample.alert("plant-a", severity: 500))
    #expect(fleet.state("plant-a") == "alert/alerts")
    #expect(fleet.state("plant-a", nowMs: late(61)) == "stale/old")
    fleet.apply(Sample.kpi("plant-a", quality: 500))
    #expect(fleet.state("plant-a") == "stale/old")
    fleet.apply(Sample.alert("plant-a", "cam-02", severity: 700))
    #expect(fleet.state("plant-a") == "critical/alerts")
    #expect(fleet.state("plant-a", nowMs: late(301)) == "offline/silent")
    fleet.apply(Sample.heartbeat("b1", ["plant-a"], held: ["plant-a": "disk full"]))
    #expect(fleet.state("plant-a") == "offline/held" && fleet.tile("plant-a")?.detail == "disk full")
    fleet.apply(Sample.availability("b1", "offline"))
    #expect(fleet.state("plant-a") == "offline/bridge")
    fleet.disconnected(broker: 0, trouble: "gone", nowMs: Sample.nowMs)
    #expect(fleet.state("plant-a") == "offline/broker" && fleet.tile("plant-a")?.detail == "gone")
  }

  @Test func anAcknowledgedAlertDoesNotCall() {
    var fleet = Sample.fleet()
    fleet.apply(Sample.kpi("plant-a"))
    fleet.apply(Sample.alert("plant-a", state: "acked_active", severity: 900))
    #expect(fleet.state("plant-a") == "ok/none" && fleet.tile("plant-a")?.active == 1)
    for state in ["normal", "pending", "shelved"] {
      fleet.apply(Sample.alert("plant-a", severity: 900))
      #expect(fleet.state("plant-a") == "critical/alerts")
      fleet.apply(Sample.alert("plant-a", state: state, severity: 900))
      #expect(fleet.state("plant-a") == "ok/none", "\(state)")
    }
  }

  /// A site of which only the bridge's heartbeat speaks is not fine.
  @Test func aSiteWithoutFiguresIsOffline() {
    var fleet = Sample.fleet()
    fleet.apply(Sample.heartbeat("b1", ["plant-a", "plant-b"]))
    #expect(fleet.state("plant-a") == "offline/noFigures" && fleet.sites.count == 2)
    // The bridge serves it no more, and nothing else is known of it.
    fleet.apply(Sample.heartbeat("b1", ["plant-b"]))
    #expect(fleet.tile("plant-a") == nil && fleet.sites.count == 1)
  }

  /// The summary counts alerts that did not come: people must see that the list is not whole.
  @Test func fault268_missingAlertsShow() throws {
    var fleet = Sample.fleet()
    fleet.apply(Sample.kpi("plant-a"))
    fleet.apply(Sample.summary("plant-a", active: 2, unacked: 0))
    fleet.apply(Sample.alert("plant-a", state: "acked_active"))
    #expect(fleet.state("plant-a") == "ok/none", "what the broker keeps is still coming")
    fleet.complete(broker: 0)
    #expect(fleet.state("plant-a") == "incomplete/alertsMissing")
    let tileNow = fleet.tile("plant-a")
    let tile = try #require(tileNow)
    #expect(tile.active == 2 && tile.alertsMissing == 1)
    fleet.apply(Sample.alert("plant-a", "cam-02", state: "acked_active"))
    #expect(fleet.state("plant-a") == "ok/none")
  }

  @Test func theSameIdAtTwoBrokersIsTwoSites() {
    var fleet = Sample.fleet()
    fleet.apply(Sample.kpi("plant-a"))
    fleet.apply(Sample.kpi("plant-a", quality: 64), broker: 1)
    #expect(fleet.state("plant-a") == "ok/none" && fleet.state("plant-a", broker: 1) == "incomplete/coverage")
    fleet.disconnected(broker: 1, trouble: "gone", nowMs: Sample.nowMs)
    #expect(fleet.state("plant-a") == "ok/none" && fleet.state("plant-a", broker: 1) == "offline/broker")
  }

  /// A retained value is as old as it says; one that comes now is of now, also from a bridge whose clock is wrong.
  @Test func fault260_aRetainedValueIsNotFresh() {
    var fleet = Sample.fleet()
    let old = Sample.nowMs - 3_600_000
    fleet.apply(Sample.kpi("plant-a", atMs: old), isRetained: true)
    #expect(fleet.state("plant-a") == "offline/silent")
    fleet.apply(Sample.kpi("plant-a", atMs: old))
    #expect(fleet.state("plant-a") == "ok/none")
    fleet.apply(Sample.kpi("plant-b", atMs: Sample.nowMs + 9_000_000), isRetained: true)
    #expect(fleet.state("plant-b", nowMs: Sample.nowMs + 61_000) == "stale/old")
  }

  // MARK: Sessions

  /// What was cleared at the broker while the overview was away has no message: it is not brought again.
  @Test func fault261_whatTheNextConnectionDoesNotBringIsGone() {
    var fleet = Sample.fleet()
    let kept = [
      Sample.kpi("plant-a"), Sample.summary("plant-a", active: 0, unacked: 0), Sample.name("plant-a", "A"),
    ]
    for message in kept + [Sample.alert("plant-a", severity: 900), Sample.kpi("plant-b")] {
      fleet.apply(message)
    }
    fleet.apply(Sample.kpi("plant-b"), broker: 1)
    fleet.complete(broker: 0)
    fleet.disconnected(broker: 0, trouble: "gone", nowMs: Sample.nowMs)
    _ = fleet.update(nowMs: Sample.nowMs)
    fleet.connected(broker: 0, nowMs: Sample.nowMs)
    for message in kept { fleet.apply(message, isRetained: true) }
    #expect(
      fleet.state("plant-a") == "critical/alerts" && fleet.state("plant-b") == "ok/none", "not known yet")
    fleet.settle()
    let change = fleet.update(nowMs: Sample.nowMs)
    #expect(change.gone.map(\.key) == [FleetKey(broker: 0, site: "plant-b")])
    #expect(
      change.alerts.count == 1
        && String(decoding: change.alerts[0].json, as: UTF8.self).contains(#""open":false"#))
    #expect(fleet.state("plant-a") == "ok/none" && fleet.sites[FleetKey(broker: 1, site: "plant-b")] != nil)
  }

  @Test func clearedTopicsTakeTheirSiteAway() {
    var fleet = Sample.fleet()
    let messages = [
      Sample.kpi("plant-a"), Sample.alert("plant-a"), Sample.summary("plant-a", active: 1, unacked: 1),
      Sample.name("plant-a", "A"),
    ]
    for message in messages { fleet.apply(message) }
    let before = fleet.bytes
    #expect(before > 0)
    for message in messages { #expect(fleet.apply((message.0, "")) == .taken) }
    #expect(fleet.sites.isEmpty && fleet.bytes == 0)
  }

  // MARK: Bounds

  @Test func fault262_boundsHoldAndAreCounted() {
    var fleet = Sample.fleet { limits in (limits.sites, limits.alerts) = (3, 2) }
    for index in 0..<5 { fleet.apply(Sample.kpi("plant-\(index)")) }
    #expect(fleet.sites.count == 3 && fleet.counters[.overLimit] == 2)
    for index in 0..<4 { fleet.apply(Sample.alert("plant-0", "cam-\(index)")) }
    #expect(fleet.openAlerts(limit: 100) { _, _ in true }.count == 2 && fleet.counters[.overLimit] == 4)
    fleet.apply(Sample.summary("plant-0", active: 4, unacked: 4))
    #expect(fleet.tile("plant-0")?.alertsMissing == 2)
    // A known alert changes although there is no room for another.
    #expect(fleet.apply(Sample.alert("plant-0", "cam-0", state: "normal")) == .taken)
    #expect(fleet.apply(Sample.alert("plant-0", "cam-3")) == .taken)
    #expect(fleet.counters.total == 12)
  }

  @Test func fault262_bytesAreBounded() {
    var fleet = Sample.fleet { $0.bytes = 100_000 }
    let long = String(repeating: "x", count: 399)
    for index in 0..<200 {
      for camera in 0..<20 {
        let (topic, text) = Sample.alert("plant-\(index)", "cam-\(camera)")
        fleet.apply((topic, text.replacing("Low.", with: long)))
      }
    }
    #expect(fleet.bytes < 100_000 + 5000 && fleet.counters[.overLimit] > 0)
    #expect(fleet.counters.total == 4000)
    let counted = fleet.sites.values.reduce(0) { $0 + $1.site.bytes + Fleet.siteBytes }
    #expect(counted == fleet.bytes)
  }

  /// Bridges and the sites that they claim are counted, too.
  @Test func fault262_claimsAreBounded() {
    var fleet = Sample.fleet { $0.bytes = 100_000 }
    let ids = (0..<20).map { "plant-\($0)" }
    for id in ids { fleet.apply(Sample.kpi(id)) }
    let before = fleet.bytes
    fleet.apply(Sample.heartbeat("b-0", ids, held: ["plant-1": "disk full"]))
    #expect(fleet.bytes > before + 20 * 100)
    for index in 1..<200 { fleet.apply(Sample.heartbeat("b-\(index)", ids)) }
    #expect(fleet.bytes < 100_000 + 10_000 && fleet.counters[.overLimit] > 100)
    let claims = fleet.bridges.values.reduce(0) { $0 + $1.bytes + $1.claims.count * FleetBridge.claimBytes }
    #expect(fleet.bytes == before + claims)
    for index in 0..<200 { fleet.apply((Sample.heartbeat("b-\(index)", []).0, "")) }
    #expect(fleet.bytes == before && fleet.bridges.isEmpty)
    #expect(fleet.sites.values.allSatisfy { $0.site.bridges.isEmpty })
  }

  // MARK: Hostile input

  @Test(arguments: [
    "", "{", "[]", "null", "{}", #"{"timestamp_ms":1}"#,
    #"{"timestamp_ms":"1","window_start_ms":1,"window_end_ms":2}"#,
    #"{"timestamp_ms":1e400,"window_start_ms":1,"window_end_ms":2}"#,
    #"{"timestamp_ms":1,"window_start_ms":2,"window_end_ms":2}"#,
    #"{"timestamp_ms":1,"window_start_ms":1,"window_end_ms":2,"units":9223372036854775807}"#,
    #"{"timestamp_ms":-9223372036854775808,"window_start_ms":1,"window_end_ms":2}"#,
    #"{"timestamp_ms":1,"window_start_ms":1,"window_end_ms":2,"site_id":"plant-b"}"#,
    #"{"timestamp_ms":1,"window_start_ms":1,"window_end_ms":2,"utilization_pct":"83"}"#, "\u{0}",
    "{\"a\":\"\\ud800\"}",
  ])
  func fault263_unreadableFiguresAreCounted(_ text: String) {
    var fleet = Sample.fleet()
    let outcome = fleet.apply(("andon/v1/plant-a/kpi/site/plant-a/shift", text))
    // An empty payload clears the topic of a site that is not known: nothing to do.
    #expect(outcome == (text.isEmpty ? .taken : .unreadable) && fleet.sites.isEmpty)
  }

  @Test(arguments: [
    ("andon/v1/plant a/kpi/site/plant-a/shift", FleetOutcome.unreadable),
    ("andon/v1/../alert_summary", .unreadable),
    ("andon/v1/plant-a/kpi/site/plant-a/week", .ignored), ("andon/v1/plant-a/kpi/site/x/day", .unreadable),
    ("andon/v1/plant-a/kpi/worker/w/day", .ignored),
    ("other/plant-a/alert_summary", .ignored), ("andon/v1", .ignored), ("andon/v1/plant-a", .ignored),
    ("andon/v1/_bridge/b1/availability", .unreadable), ("andon/v1/_bridge/b 1/status", .unreadable),
    ("andon/v1/_bridge/b1/other", .ignored), ("andon/v1/plant-a/alert/drift/cam", .unreadable),
    ("andon/v1/plant-a/meta/kpi", .ignored),
  ])
  func fault263_topicsThatCannotBe(_ topic: String, _ outcome: FleetOutcome) {
    var fleet = Sample.fleet()
    #expect(fleet.apply((topic, #"{"a":1}"#)) == outcome && fleet.sites.isEmpty)
  }

  @Test func fault263_anAlertOfAnotherSiteIsRefused() {
    var fleet = Sample.fleet()
    let (_, text) = Sample.alert("plant-b")
    #expect(
      fleet.apply(("andon/v1/plant-a/alert/drift/cam-01", text.replacing(#""site_id":"plant-b","#, with: "")))
        == .unreadable)
  }

  /// Two topics with one id could hide each other: commands name an alert by its id.
  @Test func fault263_anAlertOfAnotherTopicIsRefused() {
    var fleet = Sample.fleet()
    fleet.apply(Sample.kpi("plant-a"))
    let (topic, text) = Sample.alert("plant-a")
    #expect(fleet.apply((topic.replacing("cam-01", with: "cam-02"), text)) == .unreadable)
    #expect(fleet.apply((topic.replacing("drift", with: "stop"), text)) == .unreadable)
    #expect(fleet.apply((topic, text)) == .taken)
  }

  /// Another id's topic cannot take the figures of the site away.
  @Test func fault263_anEmptyPayloadOfAnotherIdTakesNothingAway() {
    var fleet = Sample.fleet()
    fleet.apply(Sample.kpi("plant-a"))
    #expect(fleet.apply(("andon/v1/plant-a/kpi/site/x/shift", "")) == .unreadable)
    #expect(fleet.state("plant-a") == "ok/none")
  }

  @Test func fault263_longPayloadsAreRefused() {
    var fleet = Sample.fleet()
    let (topic, text) = Sample.kpi("plant-a", more: #""x":"\#(String(repeating: "x", count: 70_000))","#)
    #expect(fleet.apply((topic, text)) == .tooLarge && fleet.sites.isEmpty)
  }

  /// Links from payloads are what a browser may follow; texts have no control characters.
  @Test func textsAreHarmless() throws {
    var fleet = Sample.fleet()
    let (topic, text) = Sample.alert("plant-a")
    fleet.apply((topic, text.replacing(#""Low.""#, with: #""a\u0007b\nc","link":"javascript:alert(1)""#)))
    let alert = try #require(fleet.openAlerts(limit: 1) { _, _ in true }.views.first).alert
    #expect(alert.open.message == "abc" && alert.open.link == nil)
  }

  // MARK: What clients are told

  @Test func figuresAreToldSeldomAndStatesAtOnce() {
    var fleet = Sample.fleet { $0.figuresEveryMs = 5000 }
    func told(_ ms: Int64) -> Int { fleet.update(nowMs: Sample.nowMs + ms).sites.count }
    fleet.apply(Sample.kpi("plant-a", units: 1))
    #expect(told(0) == 1)
    fleet.apply(Sample.kpi("plant-a", units: 2), nowMs: Sample.nowMs + 1000)
    #expect(told(1000) == 0)
    fleet.apply(Sample.alert("plant-a"))
    #expect(told(1500) == 1, "an alert is told at once")
    fleet.apply(Sample.kpi("plant-a", units: 3), nowMs: Sample.nowMs + 2000)
    #expect(told(6000) == 0 && told(6500) == 1 && told(12_000) == 0)
    #expect(told(62_001) == 1, "nothing came: it is stale")
  }

  @Test func manyTilesComeInParts() {
    var fleet = Sample.fleet()
    for index in 0..<25 { fleet.apply(Sample.kpi("plant-\(index)")) }
    #expect((0..<4).map { _ in fleet.update(nowMs: Sample.nowMs, limit: 10).sites.count } == [10, 10, 5, 0])
  }

  /// More sites change than one update takes: none waits for ever, and a state does not wait for figures.
  @Test func everySiteHasItsTurnAndStatesComeFirst() {
    var fleet = Sample.fleet()
    let ids = (0..<30).map { "plant-\($0)" }
    for id in ids { fleet.apply(Sample.kpi(id)) }
    _ = fleet.update(nowMs: Sample.nowMs)
    var told: [String: Int] = [:]
    for round in 1...6 {
      for id in ids { fleet.apply(Sample.kpi(id, units: round)) }
      for site in fleet.update(nowMs: Sample.nowMs, limit: 10).sites { told[site.key.site, default: 0] += 1 }
    }
    #expect(told.count == 30 && told.values.allSatisfy { $0 == 2 }, "\(told)")
    for id in ids {
      var other = fleet
      other.apply(Sample.kpi(id, quality: 64))
      #expect(other.update(nowMs: Sample.nowMs, limit: 1).sites.map(\.key.site) == [id])
    }
    // States that never rest leave a share for figures.
    told = [:]
    for round in 0..<10 {
      for (index, id) in ids.enumerated() {
        fleet.apply(
          index < 20
            ? Sample.kpi(id, quality: round % 2 == 0 ? 64 : 192) : Sample.kpi(id, units: 100 + round))
      }
      for site in fleet.update(nowMs: Sample.nowMs, limit: 8).sites { told[site.key.site, default: 0] += 1 }
    }
    #expect(ids[20...].allSatisfy { told[$0] != nil }, "\(told)")
  }
}
