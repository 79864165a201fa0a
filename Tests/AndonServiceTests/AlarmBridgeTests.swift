import AndonCore
import Foundation
import Logging
import Mosquitto
import TestSupport
import Testing

@testable import AndonBridge
@testable import AndonConfiguration
@testable import AndonIngest
@testable import AndonRuntime
@testable import AndonSimulation
@testable import AndonStatus
@testable import AndonStore

/// Alerts of the whole bridge at a real Mosquitto broker.
@Suite(.ownThread) struct AlarmBridgeTests {
  private let broker: Broker
  private let settings: Settings
  private let root = "andon/v1/plant-a"
  private let alertID = "plant-a/drift/cam-02"

  init() throws {
    broker = try Broker(Broker.Options(isPersistent: true))
    let folder = NSTemporaryDirectory() + "andon-alerts-\(UUID().uuidString)"
    let yaml = """
      bridge: {id: b1, data_dir: \(folder)}
      broker: {url: 'mqtt://127.0.0.1:\(broker.port)'}
      http: {listen: 'off'}
      kpi: {publish_interval: 200ms, windows: [day]}
      drift: {window: 30, on_delay: 1m, clear_delay: 30s}
      sites: [{id: plant-a, timezone: UTC}]
      """
    settings = try SettingsLoader.parse(yaml: yaml, file: "test.yaml", environment: [:])
  }

  private func withBridge(_ work: (Bridge) async throws -> Void) async throws {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    let bridge = try Bridge(settings: settings, environment: [:], signals: [], logger: logger)
    let running = Task { try await bridge.run() }
    var failure: (any Error)?
    do {
      try await eventually("the session") { bridge.board.isReady }
      try await work(bridge)
    } catch {
      failure = error
    }
    await bridge.stop()
    try await running.value
    if let failure { throw failure }
  }

  /// What a simulated plant publishes between two times, in order.
  private func simulation(_ scenario: SimulationScenario, fromMs: Int64, toMs: Int64, seed: UInt64)
    -> [Publication]
  {
    var plan = SimulationSettings(siteID: "plant-a", fromMs: fromMs, durationMs: toMs - fromMs)
    (plan.scenario, plan.seed, plan.cameras, plan.workers) = (scenario, seed, 2, 4)
    plan.driftOverMs = 60_000
    return Simulation(plan).filter { $0.kind == .event }.map {
      Publication(topic: "\(root)/camera/\($0.cameraID)/event", payload: $0.payload)
    }
  }

  /// Publishes twenty events at a time, each after the bridge has committed those before: however slow the machine
  /// is, a condition that begins and one that raises are not of one batch.
  private func publish(
    _ publications: [Publication], over cameras: TestClient, _ bridge: Bridge,
    until isEnough: () -> Bool = { false }
  ) async throws {
    func received() -> Int64 { bridge.board.snapshot.reduce(0) { $0 + $1.counters.received } }
    for start in stride(from: 0, to: publications.count, by: 20) {
      let next = Array(publications[start..<min(start + 20, publications.count)])
      let expected = received() + Int64(next.count)
      try await cameras.publish(next)
      try await eventually("the commit") { received() >= expected }
      if isEnough() { return }
    }
  }

  private func isRaised(_ bridge: Bridge) -> Bool {
    let path = settings.databasePath(site: "plant-a")
    let store = try? SiteStore.openForReading(path: path, siteID: "plant-a")
    return (try? store?.alarms().first { $0.alertID == alertID }?.state) == .unackActive
  }

  private static func states(_ received: [Received], _ topic: String) -> [String] {
    received.filter { $0.topic == topic }.compactMap { message in
      let object = try? JSONSerialization.jsonObject(with: Data(message.payload)) as? [String: Any]
      return object?["state"] as? String
      // Whether the bridge sees a state before the first fault depends on the machine.
    }.reduce(into: []) { if $0.last != $1, $1 != "normal" || !$0.isEmpty { $0.append($1) } }
  }

  /// Whether the states come in that order and end with its last. A retained topic has the newest state: one that
  /// is replaced before it is sent may be missing. The transitions (`alert_event`) are complete.
  private static func isCourse(_ states: [String], of course: [String]) -> Bool {
    states.last == course.last && states == course.filter(states.contains)
  }

  /// Drift → pending → page → acknowledged by the button of an MQTT 3.1.1 panel → clear → normal.
  @Test func theWholeLifeOfADrift() async throws {
    let cameras = try await TestClient(broker)
    let panel = try await TestClient(broker)
    let topic = "\(root)/alert/drift/cam-02"
    let events = "\(root)/alert_event/drift/cam-02"
    try await panel.subscribe(topic, events, "\(root)/alert_summary", "\(root)/cmd_result/alert/ack")
    let nowMs = WallClock.system.nowMs
    try await withBridge { bridge in
      try await publish(
        simulation(.drift, fromMs: nowMs - 720_000, toMs: nowMs - 300_000, seed: 1), over: cameras, bridge)
      let paged = try await panel.received(within: .seconds(120)) {
        $0.contains { $0.topic == events && $0.text.contains(#""event":"raised""#) }
          && $0.contains { $0.topic == topic && $0.text.contains(#""state":"unack_active""#) }
          && $0.contains {
            $0.topic.hasSuffix("alert_summary") && $0.text.contains(#""highest_severity":600"#)
          }
      }
      #expect(Self.isCourse(Self.states(paged, topic), of: ["pending", "unack_active"]))
      let page = try #require(paged.last { $0.topic == events })
      #expect(page.text.contains(#""page":true"#) && !page.isRetained)
      #expect(paged.filter { $0.topic == events }.count == 2)

      // A panel that can only write plain text, over MQTT 3.1.1.
      try Command.run(
        "/usr/bin/mosquitto_pub",
        [
          "-h", broker.host, "-p", "\(broker.port)", "-V", "mqttv311", "-q", "1", "-t",
          "\(root)/cmd/alert/ack", "-m", alertID,
        ])
      let acked = try await panel.received {
        $0.contains { $0.topic == topic && $0.text.contains(#""state":"acked_active""#) }
          && $0.contains { $0.topic.hasSuffix("cmd_result/alert/ack") }
      }
      #expect(acked.last { $0.topic.hasSuffix("/ack") }?.text.contains(#""ok":true,"code":"ok""#) == true)

      try await publish(
        simulation(.normal, fromMs: nowMs - 300_000, toMs: nowMs, seed: 2), over: cameras, bridge)
      let cleared = try await panel.received(within: .seconds(120)) { received in
        received.last { $0.topic == topic }?.text.contains(#""state":"normal""#) == true
          && received.contains { $0.topic == events && $0.text.contains(#""event":"cleared""#) }
      }
      #expect(
        Self.isCourse(
          Self.states(cleared, topic), of: ["pending", "unack_active", "acked_active", "normal"]))
      let kinds = cleared.filter { $0.topic == events }.compactMap {
        (try? JSONSerialization.jsonObject(with: Data($0.payload)) as? [String: Any])?["event"] as? String
      }
      #expect(kinds == ["pending", "raised", "acknowledged", "cleared"])
      #expect(
        cleared.last { $0.topic.hasSuffix("alert_summary") }?.text.contains(#""active":0,"#)
          == true)
    }
    // Every row that the broker acknowledged has left the outbox.
    let store = try SiteStore.openForReading(path: settings.databasePath(site: "plant-a"), siteID: "plant-a")
    #expect(try store.outbox(after: 0, limit: 10).isEmpty)
    #expect(try store.alarmJournal(limit: 100, alertID: alertID).count == 4)
  }

  @Test func stateAndOutboxSurviveARestartOfTheBridge() async throws {
    let cameras = try await TestClient(broker)
    let nowMs = WallClock.system.nowMs
    let events = simulation(.drift, fromMs: nowMs - 720_000, toMs: nowMs - 300_000, seed: 1)
    try await withBridge { bridge in
      try await publish(events, over: cameras, bridge, until: { isRaised(bridge) })
      #expect(isRaised(bridge))
    }
    // A reader that subscribes later, while another bridge process runs, sees the alert unchanged.
    try await withBridge { _ in
      let late = try await TestClient(broker)
      try await late.subscribe("\(root)/alert/drift/+", "\(root)/alert_summary")
      try await late.received {
        $0.contains { $0.topic.hasSuffix("cam-02") && $0.text.contains(#""state":"unack_active""#) }
          && $0.contains { $0.topic.hasSuffix("summary") && $0.text.contains(#""highest_severity":600"#) }
      }
      // There is no second call.
      let store = try SiteStore.openForReading(
        path: settings.databasePath(site: "plant-a"), siteID: "plant-a")
      #expect(try store.alarmJournal(limit: 100, alertID: alertID).count { $0.page } == 1)
    }
  }

  @Test func aCommandIsAnsweredWhereItsSenderWantsIt() async throws {
    let hmi = try await TestClient(broker)
    try await hmi.subscribe("hmi/7/answers", "\(root)/cmd_result/+/+")
    try await withBridge { bridge in
      var request = Publication(
        topic: "\(root)/cmd/alert/ack",
        payload: Array(#"{"req_id":"q1","alert_id":"plant-a/drift/none"}"#.utf8))
      request.properties.responseTopic = "hmi/7/answers"
      request.properties.correlationData = [1, 2, 3]
      try await hmi.publish([request])
      let got = try await hmi.received { $0.count >= 2 }
      #expect(Set(got.map(\.topic)) == ["hmi/7/answers", "\(root)/cmd_result/alert/ack"])
      for answer in got {
        #expect(answer.text.contains(#""req_id":"q1","cmd":"alert/ack","ok":false,"code":"unknown_alert""#))
      }
      // Any thread of the process gets the same answer.
      let requests = try #require(bridge.requests(site: "plant-a"))
      let result = await requests.perform(
        AlarmCommand(alertID: "plant-a/drift/none", action: .acknowledge, by: "http"))
      #expect(result.code == "unknown_alert")
    }
    let requests = try SiteCommandQueue()
    let refused = await requests.perform(AlarmCommand(alertID: "x", action: .acknowledge, by: "http"))
    #expect(refused.code == "unavailable", "nobody looks into that box")
  }
}
