import Foundation
import Mosquitto
import TestSupport
import Testing

@testable import AndonRuntime
@testable import AndonStatus
@testable import AndonStore

/// Rows 4–8, 10, 12 and 13 of docs/reliability.md: the broker and the network.
@Suite(.serialized, .ownThread) struct BrokerFaultTests {
  @Test func fault04_SIGTERMInABacklogCommitsWhatWasReadAndExitsWith0() throws {
    let broker = try Broker()
    let bridge = try TestBridge(broker)
    let file = try bridge.writeFile()
    // A first process creates the session.
    let first = try AndonProcess(["run", "--config", file], folder: bridge.folder)
    try waitUntil("the session", seconds: 60) { first.output.contains("site has its session") }
    try waitUntil("the subscription") { broker.log.contains("/camera/+/event (QoS 1)") }
    first.signal(SIGTERM)
    #expect(first.wait(seconds: 60) == 0, "\(first.output)")
    let camera = try SyncClient(broker)
    try camera.publish(TestBridge.events(0..<20_000))

    let second = try AndonProcess(["run", "--config", file], folder: bridge.folder)
    try waitUntil("some rows", seconds: 60) {
      (try? bridge.reading().eventCount()).map { $0 > 0 } ?? false
    }
    let start = ContinuousClock.now
    second.signal(SIGTERM)
    #expect(second.wait(seconds: 60) == 0, "\(second.output)")
    #expect(ContinuousClock.now - start < .seconds(15))
    #expect(
      try Command.readAsPanel(broker, filter: "andon/v1/_bridge/b1/availability", count: 1)
        == ["andon/v1/_bridge/b1/availability offline"])
    let counters = try bridge.reading().counters()
    #expect(counters.isBalanced && counters.duplicate == 0 && counters.received < 20_000)

    let third = try AndonProcess(["run", "--config", file], folder: bridge.folder)
    try waitUntil("the rest", seconds: 60) { try bridge.reading().eventCount() == 20_000 }
    third.signal(SIGTERM)
    #expect(third.wait(seconds: 60) == 0)
    // What was committed had been acknowledged: there are no duplicates.
    #expect(try bridge.reading().counters().duplicate == 0)
  }

  @Test func fault05_aCleanRestartOfTheBrokerLosesNothing() async throws {
    let broker = try Broker(.init(isPersistent: true))
    let bridge = try TestBridge(broker)
    try await bridge.runReady { board in
      try SyncClient(broker).publish(TestBridge.events(0..<100))
      try await TestBridge.until("the first") { board.site().counters.stored == 100 }
      try broker.restart()
      try SyncClient(broker).publish(TestBridge.events(100..<200))
      try await TestBridge.until("all") { board.site().counters.stored == 200 && board.isReady }
      #expect(board.site().sessionPresent)
      try await TestBridge.until("it to run") { board.site().health.state == .running }
    }
    #expect(try bridge.reading().eventCount() == 200)
    #expect(try bridge.reading().gaps(fromMs: .min, toMs: .max).isEmpty)
  }

  @Test func fault06_aBrokerThatForgotTheSessionLeavesAGapThatIsSaid() async throws {
    let broker = try Broker()
    let bridge = try TestBridge(broker)
    var killedAtMs: Int64 = 0
    try await bridge.runReady { board in
      try SyncClient(broker).publish(TestBridge.events(0..<10))
      try await TestBridge.until("the first") { board.site().counters.stored == 10 }
      killedAtMs = WallClock.system.nowMs
      broker.stop(signal: SIGKILL)
      try await TestBridge.until("the trouble") { board.site().health.state == .held }
      #expect(!board.isReady && board.site().trouble != nil)
      try broker.start()
      try await TestBridge.until("the gap") { !board.site().gaps.isEmpty && board.isReady }
      try SyncClient(broker).publish(TestBridge.events(10..<20))
      try await TestBridge.until("the second") { board.site().counters.stored == 20 }
    }
    let gaps = try bridge.reading().gaps(fromMs: killedAtMs, toMs: .max)
    #expect(gaps.count == 1 && gaps[0].cause == .sessionLost && gaps[0].cause.mayMissEvents)
    #expect(
      gaps[0].fromMs <= killedAtMs && gaps[0].toMs >= killedAtMs && gaps[0].toMs <= WallClock.system.nowMs)
    #expect(bridge.log.text.contains("events may be missing"))
    let status = String(
      decoding: StatusDocument.json(
        StatusBoard(bridgeID: "b", siteIDs: ["plant-a"], startedAtMs: 0).with(gaps: gaps), nowMs: 1),
      as: UTF8.self)
    #expect(status.contains(#""cause":"session_lost""#) && status.contains(#""may_miss_events":true"#))
  }

  /// A broker that keeps 100 messages for a client, and a bridge that has read its count and stopped.
  private func bridgeAwayFromSmallQueue() async throws -> (Broker, TestBridge) {
    let broker = try Broker(
      .init(
        isPersistent: true, lines: ["sys_interval 1", "max_queued_messages 100", "max_inflight_messages 20"]))
    let bridge = try TestBridge(broker)
    try await bridge.runReady { _ in
      // Counting begins with the broker's first $SYS value.
      try await TestBridge.until("the baseline") { try bridge.reading().progress().brokerDroppedAtMs != nil }
    }
    return (broker, bridge)
  }

  @Test func fault07_brokerQueueOverflowIsHeardOfAndSaid() async throws {
    let (broker, bridge) = try await bridgeAwayFromSmallQueue()
    let awayAtMs = WallClock.system.nowMs
    try SyncClient(broker).publish(TestBridge.events(0..<1000))
    try await bridge.runReady { board in
      try await TestBridge.until("the gap") { !board.site().gaps.isEmpty }
      let gap = board.site().gaps[0]
      #expect(gap.cause == .queueOverflow && gap.fromMs <= awayAtMs && gap.toMs >= awayAtMs)
      #expect(gap.detail.contains("dropped"))
    }
    let stored = try bridge.reading().eventCount()
    #expect(stored >= 100 && stored < 1000, "the queue held \(stored)")
  }

  /// The restart takes the only count along. Away for longer than a restart takes: then the broker may have run.
  @Test func fault101_aBrokerThatRestartedWhileTheSiteWasAwayLeavesADoubt() async throws {
    let (broker, bridge) = try await bridgeAwayFromSmallQueue()
    let awayAtMs = WallClock.system.nowMs
    #expect(
      try bridge.reading().progress().brokerDroppedAtMs ?? 0 > awayAtMs - 5_000, "the contact is on disk")
    try SyncClient(broker).publish(TestBridge.events(0..<1000))
    try await TestBridge.until("the site to be away for long") { WallClock.system.nowMs > awayAtMs + 6_000 }
    try broker.restart()
    try await bridge.runReady { board in
      try await TestBridge.until("the gap") { !board.site().gaps.isEmpty }
      let gap = board.site().gaps[0]
      #expect(gap.cause == .dropsUnknown && gap.fromMs <= awayAtMs && gap.toMs >= awayAtMs + 6_000)
      #expect(gap.detail.contains("restarted while the site was not connected"))
    }
    #expect(
      try bridge.reading().eventCount() < 1000 && bridge.reading().alarms().isEmpty, "a doubt pages nobody")
  }

  @Test func fault08_threeTakeOversWithinAMinuteAreRecognisedAndTheSiteStaysAway() async throws {
    // CONNACK with the session, then DISCONNECT: session taken over.
    let broker = try ScriptedBroker([[0x20, 0x03, 0x01, 0x00, 0x00], [0xE0, 0x02, 0x8E, 0x00]])
    let real = try Broker()
    let bridge = try TestBridge(real, url: "mqtt://127.0.0.1:\(broker.port)")
    try await bridge.run { board in
      try await TestBridge.until("the site to stay away") { board.site().health.state == .failed }
      let words = try #require(board.site().trouble)
      #expect(words.contains("client id") && words.contains("bridge.id") && words.contains("3 times"))
    }
  }

  @Test func fault08_twoBridgesOfOneNameKeepTheDataRight() async throws {
    let broker = try Broker()
    let one = try TestBridge(broker)
    let other = try TestBridge(broker)
    try await one.runReady { _ in
      try await other.run { board in
        try SyncClient(broker).publish(TestBridge.events(0..<200))
        try await TestBridge.until("both to have what came") {
          let counts = [one, other].map { (try? $0.reading().eventCount()) ?? 0 }
          return counts.reduce(0, +) >= 200
        }
        try await TestBridge.until("somebody to say so") {
          (one.log.text + other.log.text).contains("same bridge.id")
        }
        _ = board
      }
    }
    for bridge in [one, other] { #expect(try bridge.reading().counters().isBalanced) }
    #expect(try one.reading().eventCount() + other.reading().eventCount() >= 200)
  }

  @Test func fault10_aWrongPasswordIsSaidOnceAndNotHammered() async throws {
    let folder = try TemporaryFolder.make("passwords")
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "passwords").path
    try Command.run("/usr/bin/mosquitto_passwd", ["-b", "-c", file, "bridge", "right horse"])
    let broker = try Broker(.init(allowsAnonymous: false, lines: ["password_file \(file)"]))
    let bridge = try TestBridge(
      broker, brokerLines: "  username: bridge", environment: ["ANDON_BROKER_PASSWORD": "wrong horse"])
    func attempts() -> Int { broker.log.split(separator: "\n").count { $0.contains("New connection from") } }
    try await bridge.run { board in
      try await TestBridge.until("the refusal") { board.site().trouble != nil }
      let seen = attempts()
      let start = ContinuousClock.now
      try await TestBridge.until("more attempts") { attempts() >= seen + 6 }
      // The ingest loop and the publisher back off: a busy loop would make thousands of attempts.
      #expect(ContinuousClock.now - start > .milliseconds(100), "six attempts at once")
      #expect(board.site().trouble?.contains("not authorized") == true, "\(board.site().trouble ?? "")")
      #expect(!board.isReady)
    }
    let lines = bridge.log.lines.filter { $0.hasPrefix("warning site is held") }
    #expect(lines.count == 1, "\(lines)")
    #expect(!bridge.log.text.contains("horse"))
  }

  @Test func fault10_aRefusedSubscriptionIsSaidAndNotHammered() async throws {
    // CONNACK; SUBACKs with "not authorized" for packet ids 1 to 4.
    let refusals = (UInt8(1)...4).map { [0x90, 0x04, 0x00, $0, 0x00, 0x87] as [UInt8] }
    let broker = try ScriptedBroker([[0x20, 0x03, 0x01, 0x00, 0x00]] + refusals)
    let bridge = try TestBridge(try Broker(), url: "mqtt://127.0.0.1:\(broker.port)")
    try await bridge.run { board in
      try await TestBridge.until("the refusal") { board.site().trouble?.contains("ACL") == true }
      #expect(!board.isReady && board.site().health.state == .held)
      func attempts() -> Int { bridge.log.lines.count { $0.contains("site has its session") } }
      let seen = attempts()
      let start = ContinuousClock.now
      try await TestBridge.until("more attempts") { attempts() >= seen + 3 }
      #expect(ContinuousClock.now - start > .milliseconds(80), "three attempts at once")
    }
  }

  @Test func fault13_aFlappingNetworkLosesAndDoublesNothing() async throws {
    let broker = try Broker()
    let proxy = try FlakyProxy(to: broker.port)
    let bridge = try TestBridge(broker, url: "mqtt://127.0.0.1:\(proxy.port)")
    try await bridge.runReady { board in
      let before = try ProcessMemory.residentBytes()
      let camera = try SyncClient(broker)
      for round in 0..<20 {
        try camera.publish(TestBridge.events(round * 200..<(round + 1) * 200))
        try await Task.sleep(for: .milliseconds(150))
        proxy.cut()
      }
      try await TestBridge.until("all of it") { board.site().counters.stored == 4000 }
      #expect(try ProcessMemory.residentBytes() - before < 128 << 20)
    }
    #expect(proxy.connections > 10)
    let store = try bridge.reading()
    #expect(try store.eventCount() == 4000 && store.counters().isBalanced)
    // A cut between CONNECT and its answer leaves a doubt about the session, which is recorded and does not page.
    let gaps = try store.gaps(fromMs: .min, toMs: .max)
    #expect(gaps.filter { ![.sessionLost, .sessionDoubtful].contains($0.cause) } == [])
  }
}
