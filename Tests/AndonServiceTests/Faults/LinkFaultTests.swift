import Foundation
import Mosquitto
import TestSupport
import Testing

@testable import AndonRuntime
@testable import AndonStatus
@testable import AndonStore

/// Rows 44 and 48–52 of docs/reliability.md: what the broker grants, forwards and keeps, and the network to
/// it.
@Suite(.serialized, .ownThread) struct LinkFaultTests {
  /// The SUBACK codes of a site's subscriptions, by packet id.
  private static let asked: [(id: UInt8, codes: [UInt8])] = [(1, [1]), (2, [0, 0]), (3, [1]), (4, [1])]

  private func broker(_ id: UInt8, grants codes: [UInt8], then more: [[UInt8]] = []) throws -> ScriptedBroker
  {
    let subacks = Self.asked.map { ScriptedBroker.suback($0.id, $0.id == id ? codes : $0.codes) }
    return try ScriptedBroker([ScriptedBroker.connack()] + subacks + more)
  }

  private func bridge(_ broker: ScriptedBroker) throws -> TestBridge {
    try TestBridge(try Broker(), url: "mqtt://127.0.0.1:\(broker.port)")
  }

  @Test(
    arguments: [(1, "camera/+/status"), (3, "cmd/+/+"), (4, "camera/+/event")] as [(UInt8, String)],
    [0, 0x87] as [UInt8])
  func fault48_aSubscriptionThatIsGrantedLessHoldsTheSiteAndIsSaid(
    _ subscription: (id: UInt8, filter: String), code: UInt8
  ) async throws {
    let broker = try broker(subscription.id, grants: [code])
    let bridge = try bridge(broker)
    try await bridge.run { board in
      try await TestBridge.until("the refusal") { board.site().trouble != nil }
      let words = try #require(board.site().trouble)
      #expect(
        words.contains("andon/v1/plant-a/\(subscription.filter)") && words.contains("QoS 1"), "\(words)")
      #expect(words.contains(code == 0 ? "granted only QoS 0" : "not authorized"), "\(words)")
      #expect(!board.isReady && board.site().health.state == .held)
    }
    #expect(bridge.log.lines.count { $0.hasPrefix("warning site is held") } == 1)
  }

  @Test func fault48_refusedCountersOfTheBrokerAreSaidOnceAndNothingElse() async throws {
    let broker = try broker(2, grants: [0x87, 0x87])
    let bridge = try bridge(broker)
    try await bridge.run { board in
      try await TestBridge.until("the bridge to be ready") { board.isReady }
      #expect(board.site().note?.contains("$SYS/broker/publish/messages/dropped") == true)
      #expect(board.site().warning == nil)
      let status = String(decoding: StatusDocument.json(board, nowMs: 1), as: UTF8.self)
      #expect(status.contains(#""note":"the broker does not let"#))
    }
    #expect(bridge.log.lines.count { $0.hasPrefix("notice broker's counters refused") } == 1)
  }

  @Test func fault44_aControlCharacterInATopicIsSaidAndDoesNotSpin() async throws {
    let good = TestSite.event(WallClock.system.nowMs)
    let broker = try broker(
      0, grants: [],
      then: [
        ScriptedBroker.publish(TestBridge.topic(), good, id: 1),
        ScriptedBroker.publish("andon/v1/plant-a/camera/cam\u{1}/event", "{}", id: 2),
      ])
    let bridge = try bridge(broker)
    try await bridge.run { board in
      try await TestBridge.until("the words") { board.site().trouble != nil }
      let words = try #require(board.site().trouble)
      #expect(words.contains("control character") && words.contains("strict_mode"), "\(words)")
      #expect(board.site().health.state == .failed && !board.isReady)
      // What arrived before is stored.
      #expect(board.site().counters.stored == 1)
      try await Task.sleep(for: .seconds(2))
    }
    let attempts = bridge.log.lines.count { $0.contains("site has its session") }
    #expect(attempts < 15, "\(attempts) attempts in two seconds")
    #expect(bridge.log.lines.count { $0.hasPrefix("error site is failed") } == 1)
  }

  @Test func fault52_aMessageBeyondTheLimitIsCountedAndKept() async throws {
    let broker = try Broker()
    let bridge = try TestBridge(broker)
    try await bridge.runReady { board in
      let camera = try SyncClient(broker)
      let large = Publication(topic: TestBridge.topic(), payload: Array(repeating: 0x20, count: 2_000_000))
      try camera.publish([large] + TestBridge.events(0..<1))
      try await TestBridge.until("both") { board.site().counters.received == 2 }
      #expect(board.site().counters.rejected == 1 && board.site().counters.stored == 1)
    }
    let rows = try bridge.reading().quarantine(limit: 10)
    #expect(rows.count == 1 && rows[0].code == "too_large" && rows[0].payloadBytes == 2_000_000)
  }

  // MARK: QoS 0

  private func publications(_ range: Range<Int>, qos: Int32, camera: String = "cam-01") -> [Publication] {
    TestBridge.events(range).map {
      Publication(topic: TestBridge.topic(camera: camera), payload: $0.payload, qos: qos, retain: false)
    }
  }

  @Test func fault51_aCameraWithQoS0IsNamedAndEachAbsenceIsAGapOfItsOwn() async throws {
    let broker = try Broker(.init(isPersistent: true))
    let bridge = try TestBridge(broker)
    try await bridge.runReady { board in
      let cameras = try SyncClient(broker)
      try cameras.publish(publications(0..<5, qos: 0))
      try cameras.publish(publications(5..<8, qos: 1, camera: "cam-02"))
      try await TestBridge.until("all") { board.site().counters.stored == 8 }
      #expect(board.site().cameras.map(\.qos0Received) == [5, 0])
      #expect(board.site().warning?.contains("camera cam-01 sent with QoS 0") == true)
      let nowMs = WallClock.system.nowMs
      let status = String(decoding: StatusDocument.json(board, nowMs: nowMs), as: UTF8.self)
      #expect(status.contains(#""qos0_received":5,"at_most_once":true"#))
      #expect(status.contains(#""qos0_received":0,"at_most_once":false"#))
      let later = String(decoding: StatusDocument.json(board, nowMs: nowMs + 86_400_001), as: UTF8.self)
      #expect(later.contains(#""qos0_received":5,"at_most_once":false"#))
      let committedMs = try #require(board.site().lastCommitMs)
      try broker.restart()
      try await TestBridge.until("the gap") { !board.site().gaps.isEmpty && board.isReady }
      let gap = board.site().gaps[0]
      #expect(board.site().gaps.count == 1 && gap.cause == .atMostOnce && gap.cameraID == "cam-01")
      #expect(abs(gap.fromMs - committedMs) < 1000 && gap.toMs >= gap.fromMs && gap.cause.mayMissEvents)
      let shown = String(decoding: StatusDocument.json(board, nowMs: nowMs), as: UTF8.self)
      #expect(shown.contains(#""cause":"at_most_once","camera_id":"cam-01","from_ms":"#))
    }
    #expect(bridge.log.lines.count { $0.contains("cameras send with QoS 0") } == 1)
    // A camera with a wrong setup is shown, but does not call at each restart.
    #expect(try bridge.reading().alarms().isEmpty)
  }

  @Test func fault51_alsoAfterAKill() throws {
    let broker = try Broker()
    let bridge = try TestBridge(broker)
    let file = try bridge.writeFile()
    let first = try AndonProcess(["run", "--config", file], folder: bridge.folder)
    try waitUntil("the session", seconds: 60) {
      (try? bridge.reading().progress().sessionSinceMs) != nil
    }
    try SyncClient(broker).publish(publications(0..<3, qos: 0))
    try waitUntil("the rows", seconds: 60) { try bridge.reading().eventCount() == 3 }
    first.signal(SIGKILL)
    _ = first.wait(seconds: 20)
    let killedAtMs = WallClock.system.nowMs
    try SyncClient(broker).publish(publications(3..<6, qos: 0))
    let second = try AndonProcess(["run", "--config", file], folder: bridge.folder)
    try waitUntil("the gap", seconds: 60) { try !bridge.reading().gaps(newest: 5).isEmpty }
    second.signal(SIGTERM)
    #expect(second.wait(seconds: 20) == 0)
    let gaps = try bridge.reading().gaps(newest: 5)
    #expect(gaps.map(\.cause) == [.atMostOnce] && gaps[0].cameraID == "cam-01")
    #expect(gaps[0].fromMs <= killedAtMs && gaps[0].toMs >= killedAtMs)
    #expect(try bridge.reading().cameras().map(\.qos0Received) == [3])
  }
}
