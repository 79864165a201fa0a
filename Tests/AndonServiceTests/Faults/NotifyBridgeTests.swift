import Foundation
import Logging
import Mosquitto
import TestSupport
import Testing

@testable import AndonBridge
@testable import AndonRuntime
@testable import AndonStatus
@testable import AndonStore

/// Receivers of pages and the dead-man's switch beside a whole bridge.
@Suite(.ownThread, .timeLimit(.minutes(5))) struct NotifyBridgeTests {
  private func offline(_ bridge: TestBridge, _ cameras: Range<Int>) async throws {
    let client = try await TestClient(bridge.broker)
    let nowMs = WallClock.system.nowMs
    for number in cameras {
      let camera = "cam-\(number)"
      let event = TestSite.event(nowMs, more: #","event_id":"\#(camera)""#)
      try await client.publish([
        Publication(topic: TestBridge.topic(camera: camera), payload: Array(event.utf8)),
        Publication(topic: "andon/v1/plant-a/camera/\(camera)/status", payload: Array("offline".utf8)),
      ])
    }
    try await client.disconnect()
  }

  @Test func fault150_aReceiverThatNeverAnswersHoldsNeitherTheSiteNorTheStop() async throws {
    let (silent, good) = (try HTTPReceiver(), try HTTPReceiver())
    silent.answer(.silence)
    let bridge = try TestBridge(
      Broker(),
      more: """
        alerts: {offline_delay: 0s, group_window: 0s}
        notify:
          routes:
            - {id: silent, kind: webhook, url: '\(silent.url)', timeout: 60s}
            - {id: good, kind: webhook, url: '\(good.url)'}
        """)
    var stopping = ContinuousClock.now
    try await bridge.runReady { board in
      try await offline(bridge, 0..<5)
      try await TestBridge.until("the other receiver") { good.told.count == 5 }
      try await TestBridge.until("the events") { board.site().counters.stored == 5 }
      #expect(silent.requests.count == 1 && board.isReady)
      try await TestBridge.until("the status") {
        board.site().notify.routes.map(\.waiting) == [5, 0]
      }
      stopping = .now
    }
    #expect(ContinuousClock.now - stopping < .seconds(4))
    // What was on its way is sent again by the next process.
    silent.answer(.status(200))
    try await bridge.runReady { _ in
      try await TestBridge.until("the rest") { Set(silent.told).count == 5 }
    }
  }

  @Test func fault151_theDeadMansSwitchHearsNothingWhileTheBridgeIsNotReady() async throws {
    let receiver = try HTTPReceiver()
    let broker = try Broker()
    let bridge = try TestBridge(
      broker, more: "notify: {heartbeat: {url: '\(receiver.url)?token=S3CRET', every: 10s}}")
    try await bridge.runReady { board in
      try await TestBridge.until("a heartbeat") { board.heartbeat?.sentMs != nil }
      #expect(receiver.requests.allSatisfy { $0.line.hasPrefix("GET /hook?token=S3CRET ") })
      broker.stop()
      try await TestBridge.until("the outage") { !board.isReady }
      let before = receiver.requests.count
      try await TestBridge.until("silence") { board.heartbeat?.isWithheld == true }
      try broker.restart()
      try await TestBridge.until("the next heartbeat") { receiver.requests.count > before }
      #expect(board.isReady)
      receiver.answer(.status(500, body: "S3CRET"))
      try await TestBridge.until("the failure") { board.heartbeat?.error == "answered 500" }
      #expect(!"\(board.heartbeat.map { "\($0)" } ?? "")\(bridge.log.text)".contains("S3CRET"))
    }
  }

  @Test func fault153_aReloadChangesTheRoutesOfARunningBridge() async throws {
    let (old, new) = (try HTTPReceiver(), try HTTPReceiver())
    old.answer(.status(503))
    func routes(_ id: String, _ receiver: HTTPReceiver) -> String {
      "alerts: {offline_delay: 0s, group_window: 0s}\nnotify: {routes: [{id: \(id), kind: webhook, url: '\(receiver.url)'}]}"
    }
    let before = try TestBridge(Broker(), more: routes("old", old))
    let after = try TestBridge(before.broker, more: routes("new", new), folder: before.folder)
    let log = LogRecorder()
    let (settings, changed) = (before.settings, after.settings)
    let bridge = try Bridge(
      settings: settings, environment: [:], signals: [], reload: { changed },
      logger: Logger(label: "test") { _ in log })
    let executor = ThreadExecutor("bridge")
    defer { executor.end() }
    let running = Task(executorPreference: executor) { try await bridge.run() }
    var failure: (any Error)?
    do {
      try await TestBridge.until("the bridge to be ready") { bridge.board.isReady }
      try await offline(before, 0..<1)
      try await TestBridge.until("the refusal") { bridge.board.site().notify.routes.first?.error != nil }
      await bridge.reload()
      try await TestBridge.until("the bridge to be ready again") { bridge.board.isReady }
      #expect(bridge.board.site().notify.routes.map(\.id) == ["new"])
      try await TestBridge.until("the count") { bridge.board.site().notify.dropped == 1 }
      #expect(log.text.contains("a route left the configuration"))
      try await offline(before, 1..<2)
      try await TestBridge.until("the new receiver") { new.told == ["raised cam-1"] }
    } catch { failure = error }
    await bridge.stop()
    try await running.value
    if let failure { throw failure }
  }
}
