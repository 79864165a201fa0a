import AndonCore
import Foundation
import GRDB
import Logging
import Mosquitto
import TestSupport
import Testing

@testable import AndonBridge
@testable import AndonConfiguration
@testable import AndonRuntime
@testable import AndonStatus
@testable import AndonStore

/// The whole bridge at a real Mosquitto broker.
@Suite(.ownThread) struct BridgeTests {
  private let broker: Broker
  private let folder = NSTemporaryDirectory() + "andon-bridge-\(UUID().uuidString)"
  private let settings: Settings

  init() throws {
    broker = try Broker()
    let yaml = """
      bridge: {id: b1, data_dir: \(folder)}
      broker: {url: 'mqtt://127.0.0.1:\(broker.port)'}
      http: {listen: 'off'}
      kpi: {publish_interval: 200ms, windows: [day]}
      sites: [{id: plant-a, timezone: UTC}, {id: plant-b, timezone: UTC}]
      """
    settings = try SettingsLoader.parse(yaml: yaml, file: "test.yaml", environment: [:])
  }

  /// Runs the bridge, waits until it is ready, runs the work and stops the bridge gracefully.
  private func withBridge(_ work: (StatusBoard) async throws -> Void) async throws {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    let bridge = try Bridge(settings: settings, environment: [:], signals: [], logger: logger)
    // Other tests may occupy the shared pool for a long time.
    let executor = ThreadExecutor("bridge")
    defer { executor.end() }
    let running = Task(executorPreference: executor) { try await bridge.run() }
    var failure: (any Error)?
    do {
      try await until("both sessions") { bridge.board.isReady }
      try await work(bridge.board)
    } catch {
      failure = error
    }
    await bridge.stop()
    try await running.value
    if let failure { throw failure }
  }

  private func until(_ what: String, _ condition: () throws -> Bool) async throws {
    try await eventually(what, condition)
  }

  private func counters(_ board: StatusBoard, _ site: String) -> OutcomeCounters {
    board.snapshot.first { $0.siteID == site }?.counters ?? OutcomeCounters()
  }

  private func reading(_ site: String) throws -> SiteStore {
    try SiteStore.openForReading(path: settings.databasePath(site: site), siteID: site)
  }

  /// Two sites, interleaved, with duplicates, a late event and an invalid one in an array. Figures computed
  /// by hand.
  @Test func twoSitesEndToEnd() async throws {
    let cameras = try await TestClient(broker)
    // Within one UTC day and in the past, at any time of the day that the test runs.
    let nowMs = WallClock.system.nowMs
    let dayMs = nowMs - nowMs % 86_400_000
    let base = max(dayMs, nowMs - 120_000)
    func topic(_ site: String) -> String { "andon/v1/\(site)/camera/cam-01/event" }
    try await withBridge { board in
      for offset in stride(from: Int64(0), to: 1000, by: 100) {
        try await cameras.publish(TestSite.event(base + offset, worker: "W1"), to: topic("plant-a"))
        try await cameras.publish(TestSite.event(base + offset, "idle", worker: "W1"), to: topic("plant-b"))
      }
      let bad = TestSite.event(base + 1100, confidence: "95")
      let good = TestSite.event(base + 1000, worker: "W2")
      try await cameras.publish("[\(good),\(bad),\(good)]", to: topic("plant-a"))
      try await cameras.publish("not json", to: topic("plant-b"))
      // One event is late, one is a duplicate.
      try await cameras.publish(TestSite.event(base + 50, "idle", worker: "W1"), to: topic("plant-a"))
      try await cameras.publish(TestSite.event(base, worker: "W1"), to: topic("plant-a"))
      try await until("all events") {
        counters(board, "plant-a").received == 15 && counters(board, "plant-b").received == 11
      }
      let a = counters(board, "plant-a")
      let b = counters(board, "plant-b")
      #expect(a.stored == 12 && a.duplicate == 2 && a.rejected == 1 && a.isBalanced)
      #expect(b.stored == 10 && b.rejected == 1 && b.isBalanced)
      #expect(try reading("plant-a").eventCount() == 12 && reading("plant-b").eventCount() == 10)

      // A late subscriber gets the retained figures. W1 was idle from 50 to 100 ms and has worked since.
      let late = try await TestClient(broker)
      try await late.subscribe("andon/v1/+/kpi/worker/+/day")
      let got = try await late.received {
        $0.contains { $0.text.contains(#""idle_s":0.050"#) } && $0.count >= 3
      }
      let object = try #require(got.last { $0.text.contains(#""idle_s":0.050"#) })
      #expect(object.topic == "andon/v1/plant-a/kpi/worker/W1/day")
      let figures = try #require(
        try JSONSerialization.jsonObject(with: Data(object.payload)) as? [String: Any])
      let atMs = try #require(figures["timestamp_ms"] as? Int64)
      #expect(figures["working_s"] as? Double == Double(min(atMs - base, 600_900) - 50) / 1000)
      let coverage = try #require(figures["coverage_pct"] as? Double)
      #expect(figures["state"] as? String == "working")
      #expect(figures["quality"] as? Int == (coverage < 50 ? 64 : 192))
    }
    for site in ["plant-a", "plant-b"] { #expect(try reading(site).counters().isBalanced) }
  }

  @Test func whatArrivesWhileTheBridgeIsAwayIsStoredAtTheNextStart() async throws {
    try await withBridge { _ in }
    let cameras = try await TestClient(broker)
    let nowMs = WallClock.system.nowMs
    for offset in 0..<500 {
      try await cameras.publish(
        TestSite.event(nowMs - Int64(offset)), to: "andon/v1/plant-a/camera/cam-01/event")
    }
    try await withBridge { board in
      try await until("the backlog") { counters(board, "plant-a").received >= 500 }
    }
    #expect(try reading("plant-a").eventCount() == 500 && reading("plant-a").counters().isBalanced)
  }

  @Test func aFailingCommitAcknowledgesNothingAndLosesNothing() async throws {
    let cameras = try await TestClient(broker)
    let nowMs = WallClock.system.nowMs
    try await withBridge { board in
      var configuration = Configuration()
      configuration.busyMode = .timeout(10)
      let other = try DatabaseQueue(
        path: settings.databasePath(site: "plant-a"), configuration: configuration)
      try await other.write { db in
        try db.execute(
          sql: "CREATE TRIGGER no BEFORE INSERT ON event BEGIN SELECT RAISE(ABORT, 'no room'); END")
      }
      for offset in 0..<20 {
        for site in ["plant-a", "plant-b"] {
          try await cameras.publish(
            TestSite.event(nowMs - Int64(offset)), to: "andon/v1/\(site)/camera/cam-01/event")
        }
      }
      try await until("trouble at one site, work at the other") {
        let sites = board.snapshot
        return sites[0].trouble?.contains("no room") == true && sites[1].counters.stored == 20
      }
      #expect(try reading("plant-a").eventCount() == 0)
      try await other.write { try $0.execute(sql: "DROP TRIGGER no") }
      try await until("the held events") { counters(board, "plant-a").received >= 20 && board.isReady }
      #expect(counters(board, "plant-a").isBalanced)
    }
    #expect(try reading("plant-a").eventCount() == 20)
  }

  @Test func retainedEventsAndEmptyPayloadsAreIgnoredAndCounted() async throws {
    let cameras = try await TestClient(broker)
    let nowMs = WallClock.system.nowMs
    let topic = "andon/v1/plant-a/camera/cam-01/event"
    try await cameras.publish(TestSite.event(nowMs - 5), to: topic, retain: true)
    try await withBridge { board in
      try await cameras.publish("", to: topic)
      try await cameras.publish(TestSite.event(nowMs), to: topic)
      try await until("both") {
        counters(board, "plant-a").ignored == 1 && counters(board, "plant-a").stored == 1
      }
      #expect(counters(board, "plant-a").received == 1)
    }
  }

  @Test func aRejectedEventIsToldToItsCameraAndAvailabilityFollowsTheBridge() async throws {
    let panel = try await TestClient(broker)
    try await panel.subscribe("andon/v1/_bridge/b1/availability", "andon/v1/plant-a/camera/+/reject")
    try await withBridge { _ in
      try await panel.received { $0.contains { $0.text == "online" } }
      try await panel.publish("{}", to: "andon/v1/plant-a/camera/cam-07/event")
      let got = try await panel.received { $0.contains { $0.topic.hasSuffix("cam-07/reject") } }
      #expect(
        got.contains { $0.text.contains(#""code":"schema","field":"event_type","detail":"is required""#) })
    }
    let last = try await panel.received { $0.last?.text == "offline" }
    #expect(last.last?.topic == "andon/v1/_bridge/b1/availability")
  }

  @Test func aDriftingCameraComesUpAsAnAlert() async throws {
    let cameras = try await TestClient(broker)
    let panel = try await TestClient(broker)
    try await panel.subscribe("andon/v1/plant-a/alert/drift/+")
    let nowMs = WallClock.system.nowMs
    try await withBridge { _ in
      let items = (0..<600).map {
        TestSite.event(nowMs - Int64(600 - $0) * 10_000, confidence: "0.65", more: #","event_id":"e\#($0)""#)
      }
      try await cameras.publish(
        "[" + items.joined(separator: ",") + "]", to: "andon/v1/plant-a/camera/cam-02/event")
      let got = try await panel.received { $0.contains { $0.text.contains(#""state":"unack_active""#) } }
      let alarm = try #require(got.last)
      #expect(alarm.topic == "andon/v1/plant-a/alert/drift/cam-02")
      #expect(alarm.text.contains(#""value":0.65,"limit":0.75"#))
    }
  }
}
