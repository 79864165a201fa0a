import Foundation
import Logging
import Mosquitto
import TestSupport
import Testing

@testable import AndonBridge
@testable import AndonConfiguration
@testable import AndonIngest
@testable import AndonPublish
@testable import AndonRuntime
@testable import AndonStatus
@testable import AndonStore

/// Row 49 of docs/reliability.md: what is known of the session while the disk is full.
@Suite(.ownThread) struct SessionDoubtTests {
  private let disk: FaultyDisk
  private let ingestLoop: SiteIngestLoop
  private let holder = StoreReference()
  private let board = StatusBoard(bridgeID: "b1", siteIDs: ["plant-a"], startedAtMs: 0)

  init() throws {
    disk = try FaultyDisk("doubt", isMemory: true)
    let settings = try SettingsLoader.parse(
      yaml: "bridge: {id: b1, data_dir: \(disk.folder.path)}\nsites: [{id: plant-a, timezone: UTC}]",
      file: "test.yaml", environment: [:])
    let parts = IngestLoopParts(
      publishQueue: PublishQueue(wakeup: try Wakeup()), status: board, storeReference: holder,
      requests: try SiteCommandQueue(), clock: .system,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    ingestLoop = SiteIngestLoop(
      site: settings.sites[0], settings: settings, password: nil, parts)
  }

  private func event(_ number: Int64) -> (topic: String, payload: [UInt8]) {
    (TestBridge.topic(), Array(TestSite.event(WallClock.system.nowMs - number).utf8))
  }

  /// Steps a connection until its subscriptions are granted.
  private func work(_ link: FaithfulLink) throws {
    var session = try ingestLoop.begin(link, health: SiteHealth(nowMs: 0))
    // CONNACK, then the SUBACKs, then the rest.
    for _ in 0..<3 { _ = try ingestLoop.step(&session) }
  }

  @Test func fault49_aFullDiskMakesNoGapWhenTheBrokerKeptTheSession() throws {
    try work(FaithfulLink([event(1)]))
    for number in 2...6 as ClosedRange<Int64> {
      // There is room for the mark that is written before CONNECT, none for anything after it.
      var session = try ingestLoop.begin(FaithfulLink([event(number)]), health: SiteHealth(nowMs: 0))
      disk.fail([.write], .full)
      #expect(throws: (any Error).self) { for _ in 0..<3 { _ = try ingestLoop.step(&session) } }
    }
    let store = try #require(holder.store)
    #expect(try store.progress().isConnecting, "the mark could not be taken away")
    try work(FaithfulLink([event(2)]))
    #expect(try store.eventCount() == 2)
    #expect(try store.gaps(fromMs: .min, toMs: .max).isEmpty)
    #expect(try store.alarms().isEmpty && !store.progress().isConnecting)
  }

  @Test func fault49_aConnectWithoutAnAnswerIsADoubtThatCallsNobody() throws {
    try work(FaithfulLink([event(1)]))
    #expect(throws: (any Error).self) { try work(FaithfulLink(answersConnect: false)) }
    try work(FaithfulLink([event(2)]))
    let store = try #require(holder.store)
    let gaps = try store.gaps(fromMs: .min, toMs: .max)
    #expect(gaps.map(\.cause) == [.sessionDoubtful])
    #expect(gaps.allSatisfy { $0.detail.contains("may be a new one") && $0.cause.mayMissEvents })
    #expect(try store.alarms().isEmpty)
    // The doubt is resolved: the next connection does not renew it.
    try work(FaithfulLink())
    #expect(try store.gaps(fromMs: .min, toMs: .max).count == 1)
  }
}
