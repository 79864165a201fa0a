import AndonCore
import Foundation
import Mosquitto
import TestSupport
import Testing

@testable import AndonBridge
@testable import AndonConfiguration
@testable import AndonIngest
@testable import AndonRuntime
@testable import AndonStatus
@testable import AndonStore

/// Rows 124, 126, 128 and 129 of docs/reliability.md with a broker and a whole bridge: how many pages one cause makes.
/// The delays are those of the configuration, only shorter.
@Suite(.ownThread) struct ScenarioTests {
  private static let cameras = (1...24).map { $0 < 10 ? "cam-0\($0)" : "cam-\($0)" }
  private static func alerts(window: String) -> String {
    "alerts: {offline_delay: 1s, group_window: \(window), reannounce_after: 1s, sequence_gap_after: 2s}"
  }

  private func topic(_ camera: String, _ leaf: String) -> String {
    "andon/v1/plant-a/camera/\(camera)/\(leaf)"
  }

  private func say(_ word: String, _ cameras: [String], _ client: TestClient) async throws {
    try await client.publish(
      cameras.map { Publication(topic: topic($0, "status"), payload: Array(word.utf8), retain: true) })
  }

  /// One event of each camera, with its next number.
  private func send(_ number: Int, _ client: TestClient, _ cameras: [String] = Self.cameras) async throws {
    let nowMs = WallClock.system.nowMs
    try await client.publish(
      cameras.map { camera in
        let more = #","event_id":"\#(camera)-\#(number)","seq":\#(number)"#
        return Publication(
          topic: topic(camera, "event"),
          payload: Array(TestSite.event(nowMs, worker: camera, more: more).utf8))
      })
  }

  private func pages(_ bridge: TestBridge) throws -> [String] {
    try bridge.reading().alarmJournal(limit: 1000).filter(\.page).map(\.alertID)
  }

  private func alarm(_ alertID: String, _ bridge: TestBridge) throws -> StoredAlarm? {
    try bridge.reading().alarms().first { $0.alertID == alertID }
  }

  private func count(_ board: StatusBoard, _ status: CameraStatus) -> Int {
    board.site().cameras.count { $0.status == status }
  }

  /// Nothing waits to call.
  private func isQuiet(_ board: StatusBoard) -> Bool {
    let site = board.site()
    return count(board, .online) == 24 && site.alarmsActive == 0 && site.alarmsPending == 0
  }

  @Test func fault124_aSwitchWith24CamerasIsOnePage() async throws {
    let bridge = try TestBridge(try Broker(), more: Self.alerts(window: "4s"))
    let client = try await TestClient(bridge.broker)
    try await bridge.runReady { board in
      try await say("online", Self.cameras, client)
      try await send(0, client)
      try await TestBridge.until("the cameras") { count(board, .online) == 24 }
      try await say("offline", Self.cameras, client)
      try await TestBridge.until("all alarms") { board.site().alarmsActive == 25 }
      // They are back, with events that the camera had no room for.
      try await say("online", Self.cameras, client)
      try await send(9, client)
      try await TestBridge.until("the end of all but the gaps") {
        try alarm("plant-a/group_offline/plant-a", bridge)?.state == .rtnUnack
          && Self.cameras.allSatisfy { try alarm("plant-a/data_gap/\($0)", bridge)?.state == .unackActive }
      }
      #expect(try pages(bridge) == ["plant-a/group_offline/plant-a"])
    }
  }

  @Test func fault128_aRestartOfTheBrokerIsNoPage() async throws {
    let broker = try Broker(Broker.Options(isPersistent: true))
    let bridge = try TestBridge(broker, more: Self.alerts(window: "30s"))
    let client = try await TestClient(broker)
    try await bridge.runReady { board in
      try await say("online", Self.cameras, client)
      for number in 0..<3 { try await send(number, client) }
      try await TestBridge.until("the events") { board.site().counters.stored == 72 }
      // A broker that stops publishes the wills of its clients; they come back within the delay.
      try await say("offline", Self.cameras, client)
      try await client.disconnect()
      try broker.restart()
      let again = try await TestClient(broker)
      try await say("online", Self.cameras, again)
      for number in 3..<6 { try await send(number, again) }
      try await TestBridge.until("all is well again") {
        board.isReady && board.site().counters.stored == 144 && isQuiet(board)
      }
      #expect(try pages(bridge).isEmpty)
      #expect(board.site().cameras.allSatisfy { $0.sequence?.isComplete == true })
    }
  }

  /// The bridge is away for a night; what the cameras sent waits at the broker.
  @Test func fault129_aBridgeThatStartsAfterANightCallsNobody() async throws {
    let broker = try Broker()
    let bridge = try TestBridge(broker, more: Self.alerts(window: "30s"))
    let client = try await TestClient(broker)
    try await bridge.runReady { board in
      try await say("online", Self.cameras, client)
      try await send(0, client)
      try await TestBridge.until("the events") { board.site().counters.stored == 24 }
    }
    for number in 1..<20 { try await send(number, client) }
    try await say("offline", Self.cameras, client)
    try await say("online", Self.cameras, client)
    let morning = WallClock { WallClock.system.nowMs + 10 * 3_600_000 }
    try await bridge.run(clock: morning) { board in
      try await TestBridge.until("the night's events") {
        board.isReady && board.site().counters.stored == 24 * 20 && isQuiet(board)
      }
      #expect(try pages(bridge).isEmpty)
      #expect(board.site().cameras.allSatisfy { $0.sequence?.isComplete == true })
    }
  }

  @Test func fault126_offlineAcknowledgedBackAndOfflineAgainAreTwoPages() async throws {
    let bridge = try TestBridge(try Broker(), more: Self.alerts(window: "4s"))
    let client = try await TestClient(bridge.broker)
    let id = "plant-a/camera_offline/cam-01"
    try await bridge.runReady { board in
      try await send(0, client, ["cam-01"])
      try await say("offline", ["cam-01"], client)
      try await TestBridge.until("the page") { try pages(bridge) == [id] }
      try await client.publish(#"{"alert_id":"\#(id)","by":"test"}"#, to: "andon/v1/plant-a/cmd/alert/ack")
      try await TestBridge.until("the acknowledgement") { try alarm(id, bridge)?.state == .ackedActive }
      try await say("online", ["cam-01"], client)
      try await TestBridge.until("the end") { try alarm(id, bridge)?.state == .normal }
      let cleared = ContinuousClock.now
      try await TestBridge.until("the time of chatter to pass") {
        ContinuousClock.now > cleared + .seconds(2)
      }
      try await say("offline", ["cam-01"], client)
      try await TestBridge.until("the second page") { try pages(bridge) == [id, id] }
    }
  }
}
