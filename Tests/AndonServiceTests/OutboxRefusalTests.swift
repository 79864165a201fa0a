import AndonCore
import Foundation
import Logging
import Mosquitto
import TestSupport
import Testing

@testable import AndonBridge
@testable import AndonConfiguration
@testable import AndonRuntime
@testable import AndonStatus
@testable import AndonStore

/// A broker whose access list does not allow the bridge to publish its alerts.
@Suite(.ownThread) struct OutboxRefusalTests {
  private static let root = "andon/v1/plant-a"

  /// The access list without, and with, the right to publish `alert_event`. `shift` stays forbidden.
  private static func accessList(_ mended: Bool) -> String {
    let topics = ["alert/#", "alert_summary", "kpi/#", "kpi_final/#", "meta/#", "cmd_result/#"]
    let rights = topics + (mended ? ["alert_event/reject_rate/#"] : [])
    return
      (["user bridge", "topic read #", "topic readwrite andon/v1/_bridge/#"]
      + rights.map { "topic write \(root)/\($0)" }
      + ["topic write andon/v1/meta/#", "user plant", "topic readwrite #"]).joined(separator: "\n") + "\n"
  }

  @Test func whatTheBrokerRefusesWaitsUntilTheAccessListIsMended() async throws {
    let folder = try TemporaryFolder.make("refusal")
    let list = folder.appending(path: "acl")
    let passwords = folder.appending(path: "passwords").path
    try Self.accessList(false).write(to: list, atomically: true, encoding: .utf8)
    try Command.run("/usr/bin/mosquitto_passwd", ["-b", "-c", passwords, "bridge", "secret"])
    try Command.run("/usr/bin/mosquitto_passwd", ["-b", passwords, "plant", "secret"])
    let broker = try Broker(
      .init(
        allowsAnonymous: false, isPersistent: true,
        lines: ["password_file \(passwords)", "acl_file \(list.path)"]), folder: folder)
    let data = NSTemporaryDirectory() + "andon-refusal-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: data) }
    let yaml = """
      bridge: {id: b1, data_dir: \(data)}
      broker: {url: 'mqtt://127.0.0.1:\(broker.port)', username: bridge}
      http: {listen: 'off'}
      alerts: {offline_delay: 0s}
      sites: [{id: plant-a, timezone: UTC}]
      """
    let environment = ["ANDON_BROKER_PASSWORD": "secret"]
    let settings = try SettingsLoader.parse(yaml: yaml, file: "test.yaml", environment: environment)
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    let bridge = try Bridge(settings: settings, environment: environment, signals: [], logger: logger)
    let running = Task { try await bridge.run() }
    do {
      try await eventually("the session") { bridge.board.isReady }
      var plant = broker.settings(clientID: "plant")
      (plant.username, plant.password) = ("plant", Secret("secret"))
      let client = try await TestClient(plant)
      try await client.subscribe("\(Self.root)/alert_event/#", "\(Self.root)/alert/#")

      // One alert whose topic will be allowed, and one whose topic will not.
      try await client.publish([
        Publication(topic: "\(Self.root)/camera/cam-01/status", payload: Array("online".utf8), retain: true),
        Publication(topic: "\(Self.root)/camera/cam-01/event", payload: Self.event(0)),
      ])
      try await client.publish(
        (0..<120).map { _ in
          Publication(topic: "\(Self.root)/camera/cam-01/event", payload: Array("junk".utf8))
        })
      try await eventually("the first alert") {
        bridge.board.snapshot[0].outbox.refusal?.hasPrefix("alert_event refused: not authorized") == true
      }
      try await client.publish([
        Publication(topic: "\(Self.root)/camera/cam-01/status", payload: Array("offline".utf8), retain: true)
      ])
      let path = settings.databasePath(site: "plant-a")
      let store = try SiteStore.openForReading(path: path, siteID: "plant-a")
      try await eventually("both refused") {
        let topics = Set((try? store.outbox(after: 0, limit: 100))?.map(\.topic) ?? [])
        return topics.count == 2 && bridge.board.snapshot[0].outbox.refused >= 3
      }
      let status = bridge.board.snapshot[0]
      #expect(status.warning?.contains("alert_event refused: not authorized") == true)
      #expect(status.outbox.rows >= 2 && status.outbox.dropped == 0)
      let journal = try store.alarmJournal(limit: 100)
      #expect(try store.outbox(after: 0, limit: 100).count == journal.count)
      // The retained topics are not refused; no subscriber has received a transition yet.
      let before = try await client.received { $0.contains { $0.topic.hasSuffix("camera_offline/cam-01") } }
      #expect(!before.contains { $0.topic.contains("alert_event") })

      try Self.accessList(true).write(to: list, atomically: true, encoding: .utf8)
      kill(try #require(broker.processIdentifier), SIGHUP)
      let wanted = journal.filter { $0.alertID.contains("reject_rate") }.map(\.revision)
      let seen = try await client.received(within: .seconds(180)) { received in
        received.contains { $0.topic == "\(Self.root)/alert_event/reject_rate/cam-01" }
      }
      #expect(!wanted.isEmpty && seen.contains { $0.text.contains(#""event":"raised""#) })
      // The other topic blocks nothing and loses nothing.
      try await eventually("the mended topic is empty") {
        let left = (try? store.outbox(after: 0, limit: 100)) ?? []
        return !left.isEmpty && left.allSatisfy { $0.topic.contains("camera_offline") }
      }
      #expect(bridge.board.snapshot[0].outbox.refusal?.contains("camera_offline") == true)
    } catch {
      await bridge.stop()
      try? await running.value
      throw error
    }
    await bridge.stop()
    try await running.value
  }

  @Test func theOutboxKeepsTheNewest() throws {
    let folder = try TemporaryFolder.make("outbox")
    defer { try? FileManager.default.removeItem(at: folder) }
    let store = try SiteStore.openForWriting(
      path: folder.appending(path: "s.sqlite").path, siteID: "s", clock: .system)
    let limit = Int(StoreTransaction.outboxLimit)
    let dropped = try store.commit { transaction in
      try (0..<limit + 7).reduce(0) { sum, _ in
        sum + (try transaction.enqueue(topic: "t", payload: [1], schema: "alert/1", expirySeconds: 60))
      }
    }
    #expect(dropped == 7)
    #expect(try store.outboxCount() == limit)
    #expect(try store.outbox(after: 0, limit: 1).first?.sequence == 8)
    #expect(try store.oldestInOutbox(topic: "t")?.sequence == 8)
    #expect(try store.oldestInOutbox(topic: "u") == nil)
  }

  private static func event(_ number: Int) -> [UInt8] {
    let ms = WallClock.system.nowMs
    return Array(
      #"{"timestamp":\#(ms),"worker_id":"W1","workstation_id":"S1","event_type":"working","confidence":0.9,"event_id":"e\#(number)"}"#
        .utf8)
  }
}
