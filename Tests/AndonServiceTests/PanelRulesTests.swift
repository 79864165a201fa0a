import Foundation
import TestSupport
import Testing

@testable import AndonRuntime

/// Checks everything that a bridge publishes against the rules of the panels that read it.
@Suite(.ownThread) struct PanelRulesTests {
  /// A day on which a bridge publishes every kind of topic: two sites, states and products of several
  /// workers, late and invalid events, a camera that drifts and one that goes offline. Reads until every kind
  /// of topic was seen twice.
  @Test func everythingPublishedSuitsThePanels() async throws {
    let broker = try Broker()
    let bridge = try TestBridge(
      broker, more: "topics: {scalar_tags: true}\ndrift: {on_delay: 0, window: 20}",
      sites: ["plant-a", "plant-b"])
    defer { try? FileManager.default.removeItem(at: bridge.folder) }
    let panel = try await TestClient(broker)
    try await panel.subscribe("andon/v1/#")
    try await bridge.runReady { _ in
      let cameras = try await TestClient(broker)
      for round in 0..<2 {
        for site in ["plant-a", "plant-b"] { try await publish(cameras, site, round: round) }
        try await panel.received(within: .seconds(120)) { received in
          Self.kinds.allSatisfy { kind in
            received.count { Self.kind($0.topic) == kind } >= (kind.hasPrefix("_bridge") ? 1 : round + 1)
          }
        }
      }
    }
    var rules = PanelRules()
    let published = panel.received.filter { !Self.isOfCameras($0.topic) }
    for message in published { rules.take(topic: message.topic, payload: message.payload) }
    rules.finish()
    #expect(rules.violations == [])
    #expect(published.count > 50)
    try await sameForBothVersions(broker)
  }

  private static let kinds: Set = [
    "kpi", "tag", "alert", "alert_summary", "meta", "reject", "_bridge/availability", "_bridge/status",
  ]

  private static func kind(_ topic: String) -> String {
    let levels = topic.split(separator: "/").map(String.init)
    guard levels.count > 3 else { return "" }
    if levels[2] == "_bridge" { return "_bridge/\(levels[levels.count - 1])" }
    return levels[3] == "camera" ? levels[levels.count - 1] : levels[3]
  }

  private static func isOfCameras(_ topic: String) -> Bool {
    ["event", "status"].contains(kind(topic)) && topic.contains("/camera/")
  }

  private func publish(_ cameras: TestClient, _ site: String, round: Int) async throws {
    let nowMs = WallClock.system.nowMs
    let states = ["working", "idle", "absent", "working"]
    var events: [String] = []
    for index in 0..<80 {
      let atMs = nowMs - Int64(80 - index) * 30_000 + Int64(round)
      events.append(
        TestSite.event(
          atMs, states[index % 4], worker: "W\(index % 3)", confidence: index % 7 == 0 ? "1" : "0.9",
          more: #","model_version":"yolov8-1.2.\#(round)""#))
      if index % 5 == 0 {
        events.append(
          #"{"timestamp":\#(atMs + 7),"worker_id":"W1","workstation_id":"S1","event_type":"product_count","count":2}"#
        )
      }
    }
    try await cameras.publish(
      "[" + events.joined(separator: ",") + "]", to: "andon/v1/\(site)/camera/cam-01/event")
    let low = (0..<40).map {
      TestSite.event(
        nowMs - Int64(40 - $0) * 1000 - Int64(round), worker: "W9", confidence: round == 0 ? "0.6" : "0.99")
    }
    try await cameras.publish(
      "[" + low.joined(separator: ",") + "]", to: "andon/v1/\(site)/camera/cam-02/event")
    for bad in ["{", TestSite.event(nowMs, confidence: "95"), TestSite.event(nowMs + 3_600_000)] {
      try await cameras.publish(bad, to: "andon/v1/\(site)/camera/cam-0\(round + 3)/event")
    }
    try await cameras.publish(
      round == 0 ? "online" : "offline", to: "andon/v1/\(site)/camera/cam-01/status", retain: true)
  }

  /// A reader over MQTT 3.1.1 receives the same retained messages as one over MQTT 5: no information is in
  /// properties.
  private func sameForBothVersions(_ broker: Broker) async throws {
    let reader = try await TestClient(broker)
    try await reader.subscribe("andon/v1/#")
    // The bridge has stopped, so the retained messages are stable. A message of the test ends the list.
    let writer = try await TestClient(broker)
    try await writer.publish("1", to: "andon/v1/end", retain: true)
    let new = try await reader.received { $0.contains { $0.topic == "andon/v1/end" } }
    let newer = Set(new.map { "\($0.topic) \($0.text)" })
    let older = try Command.readAsPanel(broker, filter: "andon/v1/#", count: newer.count)
    #expect(Set(older) == newer)
    #expect(newer.count > 20)
  }

  /// The rules detect the violations that they are for.
  @Test(arguments: [
    ("andon/v1/plant-a/kpi/site/x/hour", #"{"a":{"b":1}}"#, "FUXA"),
    ("andon/v1/plant-a/kpi/site/x/hour", #"{"utilization_pct":83}"#, "Ignition"),
    ("andon/v1/plant-a/kpi/site/x/hour", #"{"units":2147483648}"#, "WinCC OA"),
    ("andon/v1/plant-a/kpi/site/x/hour", #"{"a":null}"#, "a is null"),
    ("andon/v1/plant-a/kpi/site/x.y/hour", #"{"a":1}"#, "tag's name"),
    ("andon/v1/plant-a/kpi/site/x/hour", "83.30", "not a JSON object"),
    ("andon/v1/plant-a/tag/site/x/hour/units", "NaN", "units is NaN"),
    ("andon/v1/plant-a/kpi/site/x/hour", #"{"state":7}"#, "Grafana"),
    ("andon/v1/plant-a/kpi/site/x/hour/more", #"{"a":1}"#, "is a leaf"),
  ])
  func theRulesFindWhatTheyAreFor(topic: String, payload: String, finding: String) {
    var rules = PanelRules()
    rules.take(
      topic: "andon/v1/plant-a/kpi/site/x/hour", payload: Array(#"{"state":"idle","ts_ms":2147483648}"#.utf8))
    rules.finish()
    #expect(rules.violations == [])
    rules.take(topic: topic, payload: Array(payload.utf8))
    rules.finish()
    #expect(rules.violations.count == 1 && rules.violations[0].contains(finding), "\(rules.violations)")
  }
}
