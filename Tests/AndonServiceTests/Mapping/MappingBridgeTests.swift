import AndonCore
import Foundation
import Logging
import Mosquitto
import TestSupport
import Testing

@testable import AndonCheck
@testable import AndonRuntime
@testable import AndonStatus
@testable import AndonStore

/// The whole program at a real broker, with cameras of other makes.
@Suite(.ownThread) struct MappingBridgeTests {
  private static let mappings = """
    mappings:
      - {profile: frigate-events, site: plant-a}
      - {profile: frigate-classification, site: plant-a}
      - {profile: onvif-ej, site: plant-a}
    """

  private func start(_ bridge: TestBridge) throws -> AndonProcess {
    try AndonProcess(["run", "--config", try bridge.writeFile()], folder: bridge.folder)
  }

  private func counters(_ bridge: TestBridge) -> OutcomeCounters {
    (try? bridge.reading().counters()) ?? OutcomeCounters()
  }

  /// Waits until all subscriptions of the session are granted.
  private func waitForSubscriptions(_ broker: Broker) throws {
    try waitUntil("the subscriptions", seconds: 120) { broker.log.contains("frigate/events (QoS 1)") }
  }

  /// Killed between batches while counters grow and persons move: every message has one outcome, every unit
  /// counts once.
  @Test func killedAgainAndAgainNothingIsLostOrDoubled() throws {
    let broker = try Broker(.init(isPersistent: true))
    let bridge = try TestBridge(broker, more: Self.mappings)
    var process = try start(bridge)
    try waitForSubscriptions(broker)
    let camera = try SyncClient(broker)
    let startMs = WallClock.system.nowMs - 1_000_000
    var total: Int64 = 1000
    var expected = 0
    var readings = 0
    for round in 1...4 {
      var messages: [Publication] = []
      for number in 0..<400 {
        let atMs = startMs + Int64(readings) * 500
        // In each round the counter is switched off once.
        if number == 170 { total = 0 }
        let made = Int64(number % 4)
        total += made
        // Counting begins at the first reading; after a restart of the counter the whole reading counts.
        if readings > 0 { expected += Int(made) }
        readings += 1
        messages.append(
          Publication(
            topic: MappedSite.onvifTopic, payload: Array(MappedSite.counter(total, atMs: atMs).utf8)))
        messages.append(
          Publication(
            topic: "frigate/events",
            payload: Array(MappedSite.person("P\(number % 3)", atMs: atMs + 1, still: number % 2 == 0).utf8)))
      }
      messages.append(Publication(topic: "frigate/events", payload: Array("{\"round\":\(round)".utf8)))
      try camera.publish(messages)
      // At a random point of the work.
      usleep(UInt32(round) * 5000)
      process.signal(SIGKILL)
      _ = process.wait(seconds: 60)
      process = try start(bridge)
    }
    try waitUntil("everything to be stored", seconds: 120) {
      counters(bridge).stored >= 3200 && counters(bridge).rejected >= 4
    }
    try waitUntil("the last start", seconds: 120) { process.output.contains("site has its session") }
    process.signal(SIGTERM)
    #expect(process.wait(seconds: 60) == 0)
    let store = try bridge.reading()
    let events = try store.allEvents()
    let found = try store.counters()
    print("mapping crash: \(found.duplicate) messages came again")
    #expect(found.isBalanced && found.stored == 3200 && found.conflict == 0)
    #expect(events.count == 3200)
    #expect(try store.units() == expected)
    #expect(Set(events.map(\.workstationID)) == ["out", "bench"])
    // Quarantined messages came again with the batch that was not acknowledged: at least once each.
    let codes = Set(try store.quarantine(limit: 50).map(\.code))
    #expect(found.rejected >= 4 && codes == ["json"])
  }

  @Test func samplesBecomeEventsAndRejectsAreTold() async throws {
    let broker = try Broker()
    let bridge = try TestBridge(broker, more: Self.mappings)
    try await bridge.runReady { board in
      let camera = try SyncClient(broker)
      let nowMs = WallClock.system.nowMs
      try camera.publish("working", to: "frigate/press_1/classification/worker_state")
      try camera.publish(MappedSite.person("Anna", atMs: nowMs - 2000), to: "frigate/events")
      try camera.publish(MappedSite.person("Anna", atMs: nowMs - 1000, type: "end"), to: "frigate/events")
      try camera.publish(MappedSite.counter(5, atMs: nowMs - 900), to: MappedSite.onvifTopic)
      try camera.publish(MappedSite.counter(8, atMs: nowMs - 800), to: MappedSite.onvifTopic)
      try camera.publish(MappedSite.person("no id!", atMs: nowMs - 700), to: "frigate/events")
      try camera.publish(TestSite.event(nowMs), to: TestBridge.topic())
      try await TestBridge.until("the outcomes") { board.site().counters.received == 7 }
      #expect(board.site().counters.stored == 6 && board.site().counters.rejected == 1)
      #expect(Set(board.site().cameras.map(\.cameraID)) == ["press_1", "cam-7", "cam-01"])
    }
    let events = try bridge.reading().allEvents()
    #expect(events.filter { $0.kind == .productCount }.map(\.count) == [0, 3])
    #expect(events.filter { $0.workerID == "Anna" }.map(\.kind) == [.working, .absent])
    #expect(events.contains { $0.workerID == "press_1" && $0.modelVersion == "worker_state" })
    let row = try #require(try bridge.reading().quarantine(limit: 1).first)
    #expect(row.cameraID == "press_1" && row.topic == "frigate/events" && row.field == "worker_id")
  }

  /// The broker's session keeps a subscription until UNSUBSCRIBE.
  @Test func aMappingThatIsGoneIsUnsubscribedFrom() async throws {
    let broker = try Broker()
    let bridge = try TestBridge(broker, more: Self.mappings)
    try await bridge.runReady { _ in }
    #expect(try bridge.reading().mappingFilters().count == 3)
    let camera = try SyncClient(broker)
    let left = try TestBridge(
      broker, more: "mappings: [{profile: onvif-ej, site: plant-a}]", folder: bridge.folder)
    try await left.runReady { board in
      try camera.publish(MappedSite.person("Anna", atMs: WallClock.system.nowMs), to: "frigate/events")
      try camera.publish(MappedSite.counter(5, atMs: WallClock.system.nowMs), to: MappedSite.onvifTopic)
      try await TestBridge.until("the counter") { board.site().counters.stored == 1 }
      #expect(board.site().counters.received == 1 && board.site().counters.rejected == 0)
    }
    #expect(try left.reading().mappingFilters() == ["+/onvif-ej/RuleEngine/CountAggregation/Counter/#"])
  }

  @Test func checkProvesWhatTheBrokerLetsTheBridgeRead() throws {
    let folder = try TemporaryFolder.make("check")
    let list = folder.appending(path: "acl").path
    try "topic readwrite andon/v1/#\ntopic write frigate/#\ntopic readwrite +/onvif-ej/#".write(
      toFile: list, atomically: true, encoding: .utf8)
    let broker = try Broker(.init(lines: ["acl_file \(list)"]), folder: folder)
    let bridge = try TestBridge(broker, more: Self.mappings)
    let send =
      "while mosquitto_pub -p \(broker.port) -q 1 -t '\(MappedSite.onvifTopic)' -m '"
      + MappedSite.counter(5, atMs: WallClock.system.nowMs) + "'; do sleep 0.1; done"
    let camera = try ChildProcess("/bin/sh", ["-c", send], output: folder.appending(path: "log").path)
    defer {
      camera.signal(SIGKILL)
      camera.wait()
    }
    var plan = BrokerCheck.Plan()
    plan.listenSeconds = 1
    plan.queue = 0
    let found = BrokerCheck(bridge.settings, password: nil, plan: plan).run()
    #expect(
      found.contains {
        $0.level == .warning && $0.subject == "acl" && $0.advice.contains("topic read frigate/events")
      },
      "\(found)")
    #expect(
      found.contains {
        $0.level == .ok && $0.subject == "mapping"
          && $0.text.hasPrefix("+/onvif-ej/RuleEngine/CountAggregation/Counter/#: ")
      }, "\(found)")
  }
}
