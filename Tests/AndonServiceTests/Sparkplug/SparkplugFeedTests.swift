import AndonCore
import Foundation
import Mosquitto
import TestSupport
import Testing

@testable import AndonConfiguration
@testable import AndonIngest
@testable import AndonPublish
@testable import AndonSparkplug

@Suite(.ownThread) struct SparkplugFeedTests {
  /// A cycle that publishes a site with one worker gives the feed exactly what it publishes over MQTT.
  private func round(_ feed: SparkplugFeed) throws -> (TestSite, KPIPublishCycle) {
    let test = try TestSite()
    let publishQueue = PublishQueue(wakeup: try Wakeup())
    let round = KPIPublishCycle(
      site: test.site, topics: TopicNames(root: "r"), scalarTags: false, publishQueue: publishQueue,
      observer: feed)
    return (test, round)
  }

  private static let hourMs: Int64 = 3_600_000

  @Test func theFeedHasTheLatestRecordOfEveryWindowAndId() throws {
    let feed = SparkplugFeed(wakeup: try Wakeup())
    let (test, round) = try round(feed)
    test.add(TestSite.event(TestSite.nowMs - 1000))
    _ = try test.turn.commitAdded()
    try round.publish(test.store, nowMs: TestSite.nowMs)
    try round.publish(test.store, nowMs: TestSite.nowMs + 5000)
    let changes = feed.dequeue()
    // Site, workstation and worker, for hour and day: once each, with the state of the second cycle.
    #expect(changes.records.count == 6 && changes.records.allSatisfy { $0.nowMs == TestSite.nowMs + 5000 })
    #expect(changes.records.map(\.window.kind) == [.hour, .hour, .hour, .day, .day, .day])
    #expect(changes.records.allSatisfy { $0[.working] == 6000 })
    let again = feed.dequeue()
    #expect(again.records.isEmpty && again.closed.isEmpty && again.alarms.isEmpty)
  }

  @Test func closedWindowsAndTheirCorrectionsComeInOrder() throws {
    let feed = SparkplugFeed(wakeup: try Wakeup())
    let (test, round) = try round(feed)
    let pastMs = TestSite.nowMs - 900_000 - 2 * Self.hourMs
    test.add(TestSite.event(pastMs))
    test.add(TestSite.event(pastMs + 60_000, "absent"))
    _ = try test.turn.commitAdded()
    try round.publish(test.store, nowMs: TestSite.nowMs)
    test.add(TestSite.event(pastMs + 30_000, "idle"))
    _ = try test.turn.commitAdded()
    try round.publish(test.store, nowMs: TestSite.nowMs + 5000)
    let worker = feed.dequeue().closed.filter { $0.scope == .worker && $0.window.startMs == pastMs }
    #expect(worker.map { $0[.working] } == [60_000, 30_000])
  }

  @Test func closedWindowsThatNobodyTakesAreBounded() throws {
    let feed = SparkplugFeed(wakeup: try Wakeup())
    let (test, round) = try round(feed)
    test.add(TestSite.event(TestSite.nowMs - 1000))
    _ = try test.turn.commitAdded()
    try round.publish(test.store, nowMs: TestSite.nowMs)
    let record = try #require(feed.dequeue().records.first)
    for _ in 0...SparkplugFeed.closedLimit { feed.close(record) }
    let changes = feed.dequeue()
    #expect(changes.closed.count == SparkplugFeed.closedLimit * 9 / 10 + 1)
    #expect(changes.droppedClosed == Int64(SparkplugFeed.closedLimit / 10))
  }

  @Test func theNumberOfAConnectionGoesOnOverRestartsAndFrom255To0() throws {
    let path = NSTemporaryDirectory() + "andon-bdseq-\(UUID().uuidString)/sites/p.bdseq"
    defer { try? FileManager.default.removeItem(atPath: (path as NSString).deletingLastPathComponent) }
    var numbers: [UInt8] = []
    for _ in 0..<130 {
      var counter = BirthDeathCounter(path: path)
      for _ in 0..<2 {
        let (number, failure) = counter.next()
        #expect(failure == nil)
        numbers.append(number)
      }
    }
    #expect(numbers == (0..<260).map { UInt8(truncatingIfNeeded: $0) })
  }

  @Test func aNumberThatNoBrokerSawIsUsedAgain() throws {
    let path = NSTemporaryDirectory() + "andon-bdseq-\(UUID().uuidString)/p.bdseq"
    defer { try? FileManager.default.removeItem(atPath: (path as NSString).deletingLastPathComponent) }
    var counter = BirthDeathCounter(path: path)
    #expect(counter.next().number == 0)
    counter.giveBack()
    #expect(counter.next().number == 0)
    var restarted = BirthDeathCounter(path: path)
    #expect(restarted.next().number == 1)
  }

  @Test func anUnreadableNumberBeginsAt0AndAnUnwritableOneCountsOn() throws {
    let folder = NSTemporaryDirectory() + "andon-bdseq-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try "seven".write(toFile: folder + "/p.bdseq", atomically: true, encoding: .utf8)
    var damaged = BirthDeathCounter(path: folder + "/p.bdseq")
    #expect(damaged.next().number == 0)
    // A file cannot replace a folder.
    try FileManager.default.createDirectory(atPath: folder + "/q.bdseq/x", withIntermediateDirectories: true)
    var unwritable = BirthDeathCounter(path: folder + "/q.bdseq")
    let (first, failure) = unwritable.next()
    #expect(first == 0 && failure != nil && unwritable.next().number == 1)
  }

  @Test func sparkplugIsOffUnlessAskedFor() throws {
    let site = "sites: [{id: p, timezone: UTC}]"
    let plain = try SettingsLoader.parse(yaml: site, file: "t.yaml", environment: [:])
    #expect(!plain.sparkplug.isEnabled && plain.sparkplug.primaryHost == nil)
    let yaml = "sparkplug: {enabled: true, primary_host: scada-01}\n" + site
    let asked = try SettingsLoader.parse(yaml: yaml, file: "t.yaml", environment: [:])
    #expect(asked.sparkplug.isEnabled && asked.sparkplug.primaryHost == "scada-01")
    #expect(asked.birthDeathPath(site: "p") == "./data/sites/p.bdseq")
  }
}
