import AndonCore
import Foundation
import Mosquitto
import TestSupport
import Testing

@testable import AndonIngest
@testable import AndonPublish
@testable import AndonStore

/// What is published over MQTT, cycle by cycle. The test sets the clock.
@Suite(.ownThread) struct KPIPublishCycleTests {
  private static let hourMs: Int64 = 3_600_000

  /// A site, the cycle that publishes it, and a list in place of a broker.
  private final class Harness {
    let test: TestSite
    let publishQueue: PublishQueue
    var round: KPIPublishCycle
    private let scalarTags: Bool

    init(_ more: String = "", scalarTags: Bool = false) throws {
      test = try TestSite(more)
      publishQueue = PublishQueue(wakeup: try Wakeup())
      self.scalarTags = scalarTags
      round = KPIPublishCycle(
        site: test.site, topics: TopicNames(root: "r"), scalarTags: scalarTags, publishQueue: publishQueue)
    }

    func restart() throws {
      try test.restart()
      round = KPIPublishCycle(
        site: test.site, topics: TopicNames(root: "r"), scalarTags: scalarTags, publishQueue: publishQueue)
    }

    func add(_ events: [String]) throws {
      for event in events { test.add(event) }
      _ = try test.turn.commitAdded()
    }

    struct Message {
      var topic: String
      var object: [String: any Sendable]
      var text: String

      func integer(_ name: String) -> Int? { object[name] as? Int }
      func number(_ name: String) -> Double? { (object[name] as? NSNumber)?.doubleValue }
    }

    /// Runs one cycle and returns its messages, acknowledged or not.
    func publish(atMs: Int64, acknowledged: Bool = true, refused: UInt8? = nil) throws -> [Message] {
      try round.publish(test.store, nowMs: atMs)
      var messages: [Message] = []
      while true {
        let items = publishQueue.dequeue(1000)
        if items.isEmpty { return messages }
        for item in items {
          if let refused {
            item.receipt?.refuse(reason: refused)
          } else if acknowledged {
            item.receipt?.confirm()
          }
          let payload = item.publication.payload
          let object = try? JSONSerialization.jsonObject(with: Data(payload)) as? [String: any Sendable]
          messages.append(
            Message(
              topic: item.publication.topic, object: object ?? [:],
              text: String(decoding: payload, as: UTF8.self)))
        }
      }
    }
  }

  /// Thursday, 10:15 UTC.
  private let nowMs = TestSite.nowMs

  @Test func onlyWhatChangedIsPublished() throws {
    let harness = try Harness()
    try harness.add([TestSite.event(nowMs - 1000)])
    let first = try harness.publish(atMs: nowMs)
    #expect(first.contains { $0.topic == "r/plant-a/kpi/worker/W1/hour" })
    #expect(first.contains { $0.topic == "r/plant-a/meta/kpi" })
    #expect(try harness.publish(atMs: nowMs).isEmpty)
    let later = try harness.publish(atMs: nowMs + 5000)
    #expect(
      Set(later.map(\.topic)) == [
        "r/plant-a/kpi/site/plant-a/hour", "r/plant-a/kpi/site/plant-a/day",
        "r/plant-a/kpi/workstation/S1/hour",
        "r/plant-a/kpi/workstation/S1/day", "r/plant-a/kpi/worker/W1/hour", "r/plant-a/kpi/worker/W1/day",
      ])
    let worker = try #require(later.first { $0.topic.hasSuffix("worker/W1/hour") })
    let before = try #require(first.first { $0.topic.hasSuffix("worker/W1/hour") })
    #expect(worker.number("working_s") == 6 && worker.integer("rev") ?? 0 > before.integer("rev") ?? 0)
  }

  /// The retained topic says which shift is now and which is next, when that changes.
  @Test func theCalendarIsPublishedWhenItChanges() throws {
    let harness = try Harness(
      #", shifts: [{id: early, start: "06:00", end: "14:00", days: [thu, fri], breaks: [{start: "10:30", end: "10:45"}]}], "#
        + #"calendar: {closed: ["2026-01-22"]}"#)
    try harness.add([TestSite.event(nowMs - 1000)])
    func calendar(_ minutes: Int64) throws -> [String] {
      try harness.publish(atMs: nowMs + minutes * 60_000).filter { $0.topic == "r/plant-a/meta/calendar" }
        .map(\.text)
    }
    let start = nowMs - (4 * 60 + 15) * 60_000
    let day: Int64 = 86_400_000
    func shift(_ inBreak: Bool, _ next: Int64) -> String {
      #"{"shift_id":"early","shift_start_ms":\#(start),"shift_end_ms":\#(start + 8 * Self.hourMs),"in_break":\#(inBreak),"#
        + #""next_shift_id":"early","next_shift_start_ms":\#(next),"closed":false}"#
    }
    #expect(try calendar(0) == [shift(false, start + day)])
    #expect(try calendar(1) == [])
    #expect(try calendar(15) == [shift(true, start + day)])
    #expect(try calendar(30) == [shift(false, start + day)])
    #expect(
      try calendar(225) == [
        #"{"in_break":false,"next_shift_id":"early","next_shift_start_ms":\#(start + day),"closed":false}"#
      ])
    // A week later Thursday is closed, without a reason.
    #expect(
      try calendar(7 * 24 * 60) == [
        #"{"in_break":false,"next_shift_id":"early","next_shift_start_ms":\#(start + 8 * day),"closed":true}"#
      ])
  }

  @Test func timePassesWithoutEvents() throws {
    let harness = try Harness()
    try harness.add([TestSite.event(nowMs)])
    _ = try harness.publish(atMs: nowMs + 1000)
    let timedOut = try harness.publish(atMs: nowMs + 700_000)
    let worker = try #require(timedOut.first { $0.topic.hasSuffix("worker/W1/hour") })
    #expect(worker.number("working_s") == 600 && worker.number("timed_out_s") == 100)
    #expect(worker.object["state"] as? String == "absent" && worker.integer("quality") == 500)
    // The next hour begins without events: the worker's topic shows how the last hour ended.
    let next = try harness.publish(atMs: nowMs + Self.hourMs)
    let final = try #require(next.first { $0.topic.hasSuffix("kpi/worker/W1/hour") })
    #expect(final.text.contains(#""final":true"#) && final.number("elapsed_s") == 3600)
    let site = try #require(next.first { $0.topic == "r/plant-a/kpi/site/plant-a/hour" })
    #expect(site.integer("window_start_ms") == Int(nowMs - 900_000 + Self.hourMs))
    #expect(site.integer("workers_seen") == 0 && site.integer("quality") == 0)
  }

  @Test func aWindowThatClosesIsPublishedOnce() throws {
    let harness = try Harness()
    try harness.add([TestSite.event(nowMs), TestSite.event(nowMs + 50_000, "idle")])
    _ = try harness.publish(atMs: nowMs + 60_000)
    let closing = try harness.publish(atMs: nowMs + Self.hourMs)
    let finals = closing.filter { $0.topic.hasPrefix("r/plant-a/kpi_final/") }
    let worker = finals.filter { $0.topic == "r/plant-a/kpi_final/worker/W1/hour" }
    let own = worker.filter { $0.integer("window_start_ms") == Int(nowMs - 900_000) }
    #expect(own.count == 1 && own[0].number("working_s") == 50 && own[0].text.contains(#""final":true"#))
    let again = try harness.publish(atMs: nowMs + Self.hourMs + 5000)
    #expect(!again.contains { $0.topic.hasPrefix("r/plant-a/kpi_final/") })
  }

  @Test func anEventSixHoursLateCorrectsWhatIsClosedAndWhatIsOpen() throws {
    let harness = try Harness()
    try harness.add([
      TestSite.event(nowMs - 6 * Self.hourMs), TestSite.event(nowMs - 6 * Self.hourMs + 60_000, "absent"),
    ])
    let first = try harness.publish(atMs: nowMs)
    _ = try harness.publish(atMs: nowMs + 5000)
    func own(_ messages: [Harness.Message]) -> [Harness.Message] {
      messages.filter { $0.topic == "r/plant-a/kpi_final/worker/W1/hour" }
    }
    #expect(own(first).count == 1)
    try harness.add([TestSite.event(nowMs - 6 * Self.hourMs + 30_000, "idle")])
    let corrected = try harness.publish(atMs: nowMs + 10_000)
    #expect(own(corrected).count == 1)
    #expect(own(corrected)[0].integer("rev") == (own(first)[0].integer("rev") ?? 0) + 1)
    #expect(own(first)[0].number("working_s") == 60 && own(corrected)[0].number("working_s") == 30)
    let day = try #require(corrected.first { $0.topic == "r/plant-a/kpi/worker/W1/day" })
    #expect(day.number("working_s") == 30 && day.number("idle_s") == 30)
    // Of the other final figures, only those of the site and of the workstation in that hour changed.
    let finals = corrected.filter { $0.topic.contains("/kpi_final/") }
    #expect(
      finals.filter { !$0.topic.contains("/site/") }.count == 2
        && finals.allSatisfy { $0.integer("window_start_ms") == own(first)[0].integer("window_start_ms") })
  }

  @Test func anEventOlderThanTheLatenessIsRightInQueriesOnly() throws {
    let harness = try Harness(", kpi: {lateness: 24h}")
    try harness.add([TestSite.event(nowMs)])
    _ = try harness.publish(atMs: nowMs + 1000)
    let threeDays = nowMs - 72 * Self.hourMs
    try harness.add([TestSite.event(threeDays, worker: "W7")])
    let after = try harness.publish(atMs: nowMs + 1000)
    #expect(!after.contains { $0.topic.contains("/W7/") || $0.topic.contains("/S1/") })
    let records = try KPIQuery(site: harness.test.site)
      .range(fromMs: threeDays, toMs: threeDays + Self.hourMs, harness.test.store, nowMs: nowMs)
    #expect(records.first { $0.scope == .worker }?[.working] == 600_000)
  }

  @Test func whatTheBrokerAcknowledgedIsNotRepeatedAfterARestart() throws {
    let harness = try Harness()
    try harness.add([TestSite.event(nowMs)])
    let first = try harness.publish(atMs: nowMs + Self.hourMs, acknowledged: false)
    let finals = first.filter { $0.topic.contains("/kpi_final/") }
    try harness.restart()
    let again = try harness.publish(atMs: nowMs + Self.hourMs)
    let repeated = again.filter { $0.topic.contains("/kpi_final/") }
    #expect(!finals.isEmpty && finals.map(\.text) == repeated.map(\.text))
    // The next cycle stores the acknowledgement, and it survives a restart.
    _ = try harness.publish(atMs: nowMs + Self.hourMs)
    try harness.restart()
    let third = try harness.publish(atMs: nowMs + Self.hourMs + 5000)
    #expect(!third.contains { $0.topic.contains("/kpi_final/") })
    // A later correction continues the revisions.
    try harness.add([TestSite.event(nowMs + 1000, "idle")])
    let corrected = try harness.publish(atMs: nowMs + Self.hourMs + 10_000)
    let before = try #require(finals.first { $0.topic.hasSuffix("worker/W1/hour") })
    let after = try #require(corrected.first { $0.topic.contains("kpi_final/worker/W1/hour") })
    #expect(after.integer("rev") == (before.integer("rev") ?? 0) + 1)
  }

  @Test func whatTheBrokerRefusesIsPublishedAgainLater() throws {
    let harness = try Harness()
    try harness.add([TestSite.event(nowMs)])
    let endMs = nowMs + Self.hourMs
    func finals(_ messages: [Harness.Message]) -> [String] {
      messages.filter { $0.topic.contains("/kpi_final/") }
        .map { "\($0.topic) \($0.object["window_start_ms"] ?? "") \($0.object["rev"] ?? "")" }.sorted()
    }
    let first = finals(try harness.publish(atMs: endMs, refused: 0x87))
    #expect(!first.isEmpty)
    // Not at once, and with the same revisions.
    #expect(finals(try harness.publish(atMs: endMs + 5000)).isEmpty)
    #expect(finals(try harness.publish(atMs: endMs + 10_000)).isEmpty)
    #expect(finals(try harness.publish(atMs: endMs + 20_000, refused: 0x87)) == first)
    // The second wait is longer.
    #expect(finals(try harness.publish(atMs: endMs + 25_000)).isEmpty)
    #expect(finals(try harness.publish(atMs: endMs + 45_000)).isEmpty)
    #expect(finals(try harness.publish(atMs: endMs + 60_000)) == first)
    #expect(finals(try harness.publish(atMs: endMs + 100_000)).isEmpty)
    try harness.restart()
    #expect(finals(try harness.publish(atMs: endMs + 105_000)).isEmpty)
  }

  @Test func revisionsGrowOverARestart() throws {
    let harness = try Harness()
    try harness.add([TestSite.event(nowMs)])
    var last = 0
    for step in 1...6 {
      if step % 2 == 0 { try harness.restart() }
      let messages = try harness.publish(atMs: nowMs + Int64(step) * 5000)
      let revision = messages.first { $0.topic.hasSuffix("kpi/worker/W1/day") }?.integer("rev") ?? 0
      #expect(revision > last)
      last = revision
    }
  }

  @Test func scalarTagsFollowTheObject() throws {
    let harness = try Harness(scalarTags: true)
    try harness.add([TestSite.event(nowMs)])
    let messages = try harness.publish(atMs: nowMs + 60_000)
    let tag = messages.first { $0.topic == "r/plant-a/tag/worker/W1/hour/utilization_pct" }
    #expect(tag?.text == "100.00")
  }

  /// Cycle after cycle with events of any age in between, each figure equals a recompute from the events.
  @Test(.seeded) func checkpointsNeverDriftFromARecompute() throws {
    let seed = Seed.one
    var random = SeededRandom(state: seed)
    let harness = try Harness(
      ", shifts: [{id: early, start: '06:00', end: '14:00', breaks: [{start: '10:20', end: '10:35'}]}]")
    var shown: [String: String] = [:]
    for step in 0..<120 {
      let atMs = nowMs + Int64(step) * 61_000
      let ages: [Int64] = [0, 0, 1000, 30_000, 700_000, 2_000_000, 8_000_000]
      try harness.add(
        (0..<random.next() % 4).map { _ in
          TestSite.event(
            min(nowMs + 59_000, atMs) - ages[Int(random.next() % 7)] - Int64(random.next() % 3000),
            ["working", "idle", "absent"][Int(random.next() % 3)], worker: "W\(random.next() % 4)")
        })
      if random.next() % 20 == 0 { try harness.restart() }
      for message in try harness.publish(atMs: atMs) where message.topic.contains("/kpi/") {
        shown[message.topic] = message.text
      }
      let records = try KPIQuery(site: harness.test.site, recomputes: true)
        .openWindows(harness.test.store, nowMs: atMs)
      for record in records where record.scope != .workstation || step % 3 == 0 {
        let topic = "r/plant-a/kpi/\(record.scope.rawValue)/\(record.id)/\(record.window.name)"
        let text = try #require(shown[topic], "seed \(seed), step \(step): \(topic)")
        #expect(Self.figures(text) == Self.figures(record), "seed \(seed), step \(step): \(topic)")
      }
    }
  }

  /// The object from `elapsed_s` on: without the time of publication and the revision.
  private static func figures(_ text: String) -> Substring {
    text[(text.range(of: #""elapsed_s""#)?.lowerBound ?? text.startIndex)...]
  }

  private static func figures(_ record: KPIRecord) -> Substring {
    figures(String(decoding: record.json(revision: nil), as: UTF8.self))
  }
}
