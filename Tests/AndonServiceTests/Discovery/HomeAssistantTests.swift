import AndonCore
import Foundation
import Mosquitto
import TestSupport
import Testing

@testable import AndonConfiguration
@testable import AndonPublish

/// Home Assistant finds the site, its lines, workstations and cameras by itself.
@Suite(.ownThread) struct HomeAssistantTests {
  private static let settings =
    #", shifts: [{id: early, start: "06:00", end: "14:00"}], workstations: {S1: {name: "Press \"1\""}, S2: {}, S7: {}}, "#
    + #"areas: [{id: hall, name: Hall 1, lines: [{id: l1, name: Line 1, workstations: [S1, S2], cameras: [cam-01]}]}]"#
  private let nowMs = TestSite.nowMs

  private func optional(_ folder: URL? = nil, prefix: String? = "homeassistant") -> OptionalTopics {
    var optional = OptionalTopics()
    (optional.discoveryPrefix, optional.bridgeID) = (prefix, "bridge-01")
    optional.dataDirectory = folder?.path(percentEncoded: false)
    return optional
  }

  @Test func messagesFollowThePublishedRules() throws {
    let site = try PublishedSite(Self.settings, optional: optional())
    try site.add(nowMs - 60_000)
    try site.publish(atMs: nowMs)
    let messages = site.retained.filter { $0.key.hasPrefix("homeassistant/") }
    #expect(
      messages.keys.sorted()
        == ["camera-cam-01", "line-l1", "site-plant-a", "workstation-S1", "workstation-S2", "workstation-S7"]
        .map { "homeassistant/device/r_plant-a/\($0)/config" })
    var rules = HomeAssistantRules()
    for (topic, payload) in messages {
      rules.check(topic: topic, payload: Array(payload.utf8), prefix: "homeassistant")
      #expect(payload.contains(#""availability_topic":"r/_bridge/bridge-01/availability""#))
    }
    #expect(rules.faults.isEmpty, "\(rules.faults)")
    #expect(Set(rules.uniqueIDs).count == rules.uniqueIDs.count && rules.uniqueIDs.count > 50)
    #expect(Set(rules.identifiers).count == 6 && Set(rules.vias).isSubset(of: Set(rules.identifiers)))
    // What the entities read is what is published.
    for (topic, members) in rules.members where site.retained[topic] != nil {
      let known = Set(site.object(String(topic.dropFirst(10))).keys)
      let absent = members.subtracting(known)
      #expect(
        absent.isSubset(of: [
          "units_per_hour", "throughput_per_hour", "availability_pct", "utilization_pct",
        ]), "\(topic): \(absent)")
    }
    #expect(rules.members["r/plant-a/kpi/line/l1/shift"]?.contains("availability_pct") == true)
    #expect(
      site.retained["homeassistant/device/r_plant-a/workstation-S1/config"]?.contains(#"Press \"1\""#) == true
    )
  }

  @Test func withoutTheSettingNothingIsDescribed() throws {
    let site = try PublishedSite(Self.settings, optional: optional(prefix: nil))
    try site.publish(atMs: nowMs)
    #expect(!site.retained.keys.contains { !$0.hasPrefix("r/") })
  }

  @Test func withoutShiftsThereAreNoFiguresOfShifts() throws {
    let site = try PublishedSite(
      ", areas: [{id: a, lines: [{id: l, workstations: [S1]}]}]", optional: optional())
    try site.publish(atMs: nowMs)
    let line = try #require(site.retained["homeassistant/device/r_plant-a/line-l/config"])
    #expect(line.contains("hour_units") && !line.contains("shift") && !line.contains("availability_pct"))
  }

  /// Also when it left while the bridge was stopped: the list of what was published is kept.
  @Test(arguments: [false, true]) func whatLeavesTheConfigurationIsEmptied(isRestarted: Bool) throws {
    let folder = try TemporaryFolder.make("lasting")
    defer { try? FileManager.default.removeItem(at: folder) }
    let site = try PublishedSite(Self.settings, optional: optional(folder))
    try site.publish(atMs: nowMs)
    #expect(site.retained.keys.count { $0.hasPrefix("homeassistant/") } == 6)
    let less = ", areas: [{id: hall, lines: [{id: l1, workstations: [S1]}]}]"
    try site.reload(less, optional: optional(folder), withNewQueue: isRestarted)
    try site.publish(atMs: nowMs + 1000)
    let left = site.retained.keys.filter { $0.hasPrefix("homeassistant/") }.map {
      $0.split(separator: "/")[3]
    }
    #expect(left.sorted() == ["line-l1", "site-plant-a", "workstation-S1"])
    // The list no longer has what is empty at the broker.
    let list = LastingTopics.read(OptionalTopics.file(dataDirectory: folder.path, site: "plant-a"))
    #expect(list.filter { $0.hasPrefix("homeassistant/") }.count == 3)
    // Switched off: nothing is left.
    try site.reload(less, optional: optional(folder, prefix: nil), withNewQueue: true)
    try site.publish(atMs: nowMs + 2000)
    #expect(!site.retained.keys.contains { $0.hasPrefix("homeassistant/") })
  }

  // MARK: The start of Home Assistant

  private func host() -> DiscoveryHost { DiscoveryHost(homeAssistant: "homeassistant") }

  private func harness(_ broker: PublishBroker) throws -> PublishHarness {
    let harness = try PublishHarness(broker, host: host())
    for topic in ["homeassistant/device/n/line-l/config", "r/plant-a/kpi/line/l/hour"] {
      harness.publishQueue.set(Publication(topic: topic, payload: [49], retain: true))
    }
    try harness.runUntilIdle(limit: 20)
    return harness
  }

  @Test func devicesAreSentAgainWhenHomeAssistantHasStarted() throws {
    let broker = PublishBroker()
    let harness = try harness(broker)
    #expect(broker.subscriptions == ["homeassistant/status"])
    func sent(after topic: String, _ word: String) throws -> [String] {
      let before = broker.received.count
      broker.deliveries = [.init(topic: topic, payload: Array(word.utf8))]
      for _ in 0..<60 { try harness.turn() }
      return broker.received[before...].map(\.topic)
    }
    #expect(try sent(after: "homeassistant/status", "online") == ["homeassistant/device/n/line-l/config"])
    #expect(try sent(after: "homeassistant/status", "offline").isEmpty)
    #expect(try sent(after: "homeassistant/other", "online").isEmpty)
    #expect(try sent(after: "homeassistant/status", "onlinE").isEmpty)
    // After a lost connection it listens again.
    harness.lose()
    try harness.runUntilIdle(limit: 200)
    #expect(broker.subscriptions.count == 2)
    #expect(try sent(after: "homeassistant/status", "online") == ["homeassistant/device/n/line-l/config"])
  }

  @Test func aStatusThatIsRepeatedIsAnsweredEveryFiveSecondsAtMost() throws {
    let broker = PublishBroker()
    let harness = try harness(broker)
    let before = broker.received.count
    // Ten seconds, ten messages in each.
    for _ in 0..<100 {
      broker.deliveries = [.init(topic: "homeassistant/status", payload: Array("online".utf8))]
      try harness.turn()
    }
    #expect((2...3).contains(broker.received.count - before))
  }

  @Test func aRefusedSubscriptionDoesNotStopTheFigures() throws {
    let broker = PublishBroker()
    broker.grants = 0x87
    _ = try harness(broker)
    #expect(broker.retained["r/plant-a/kpi/line/l/hour"] == [49] && broker.connections == 1)
  }

  /// A broker that ends the connection because of the filter must not keep figures from being published.
  @Test func aBrokerThatEndsTheConnectionIsNotAskedForEver() throws {
    let broker = PublishBroker()
    broker.endsAtSubscribe = true
    let harness = try PublishHarness(broker, host: host())
    harness.publishQueue.set(Publication(topic: "r/plant-a/kpi/line/l/hour", payload: [49], retain: true))
    try harness.runUntilIdle(limit: 2000)
    #expect(broker.subscriptions.count == 2 && broker.retained["r/plant-a/kpi/line/l/hour"] == [49])
  }
}
