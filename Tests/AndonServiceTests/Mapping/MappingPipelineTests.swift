import AndonCore
import Foundation
import TestSupport
import Testing

@testable import AndonCheck
@testable import AndonIngest
@testable import AndonStore

/// Messages of other makes through the same pipeline: outcomes, quarantine, identity, counters, crashes.
@Suite(.ownThread) struct MappingPipelineTests {
  private let nowMs = TestSite.nowMs

  private func counter(_ total: Int64, _ secondsAgo: Int64, rule: String = "out") -> (
    topic: String, payload: String
  ) {
    (MappedSite.onvifTopic, MappedSite.counter(total, atMs: nowMs - secondsAgo * 1000, rule: rule))
  }

  @Test func everyMessageEndsInOneOutcome() throws {
    let site = try TestSite(MappedSite.allProfiles)
    let frigate = "frigate/events"
    try site.turn.commit([
      (frigate, MappedSite.person("Anna", atMs: nowMs - 9000)),
      (frigate, MappedSite.person("Anna", atMs: nowMs - 9000)),
      (frigate, MappedSite.person("Anna", atMs: nowMs - 9000, score: "0.931")),
      (frigate, MappedSite.person("Anna", atMs: nowMs - 8000, score: "0.5")),
      (frigate, MappedSite.person("Anna", atMs: nowMs - 7000, type: "end")),
      (frigate, MappedSite.person("Anna", atMs: nowMs - 6000).replacing("person", with: "cat")),
      (frigate, MappedSite.person("Anna B", atMs: nowMs - 5000)), (frigate, "{"), (frigate, ""),
      (frigate, MappedSite.person("Anna", atMs: nowMs + 600_000)),
      ("frigate/press_1/classification/worker_state", "working"),
      ("frigate/press_1/classification/worker_state", "dancing"), ("frigate/press_1/contrast", "x"),
    ])
    let counters = try site.store.counters()
    #expect(counters.isBalanced && counters.received == 11)
    #expect(
      counters.stored == 3 && counters.lowConfidence == 1 && counters.duplicate == 2 && counters.conflict == 1
    )
    #expect(counters.rejected == 5 && counters.ignored == 2)
    #expect(try site.store.allEvents().map(\.kind) == [.working, .working, .absent, .working])
    let rows = try site.store.quarantine(limit: 20)
    #expect(
      Set(rows.map { "\($0.code) \($0.field) \($0.cameraID) \($0.topic)" }) == [
        "schema worker_id press_1 frigate/events", "json   frigate/events",
        "too_future timestamp press_1 frigate/events",
        "schema event_type press_1 frigate/press_1/classification/worker_state",
        "schema topic  frigate/press_1/contrast",
      ])
    let late = try #require(rows.first { $0.code == "too_future" })
    #expect(String(decoding: late.payload, as: UTF8.self).contains("Anna"))
  }

  @Test func retainedMessagesAreIgnored() throws {
    let site = try TestSite(MappedSite.allProfiles)
    let payload = Array(MappedSite.person("Anna", atMs: nowMs).utf8)
    site.turn.addMessage(topic: "frigate/events", payload: payload, isRetained: true)
    _ = try site.turn.commitAdded()
    #expect(try site.store.counters().ignored == 1 && site.store.counters().received == 0)
  }

  @Test func ownEventsAreAsBefore() throws {
    let site = try TestSite(MappedSite.allProfiles)
    try site.turn.commit([("andon/v1/plant-a/camera/cam-01/event", TestSite.event(nowMs))])
    #expect(try site.store.counters().stored == 1 && site.store.allEvents()[0].workerID == "W1")
  }

  @Test func totalsCountDifferences() throws {
    let site = try TestSite(MappedSite.allProfiles)
    try site.turn.commit([counter(100, 60), counter(103, 50), counter(103, 40), counter(104, 30)])
    #expect(try site.store.allEvents().map(\.count) == [0, 3, 0, 1])
    // The counter restarted at 0.
    try site.turn.commit([counter(2, 20), counter(9, 10)])
    #expect(try site.store.units() == 13)
    // The whole sequence again, as after a crash: nothing changes, and nothing is a conflict.
    try site.turn.commit([
      counter(100, 60), counter(103, 50), counter(103, 40), counter(104, 30), counter(2, 20), counter(9, 10),
    ])
    let counters = try site.store.counters()
    #expect(try site.store.units() == 13)
    #expect(counters.stored == 6 && counters.duplicate == 6 && counters.conflict == 0 && counters.isBalanced)
    // Counting continues from the last reading, also after a restart.
    try site.restart()
    try site.turn.commit([counter(14, 5)])
    #expect(try site.store.units() == 18)
  }

  @Test func aReadingThatComesLateIsNotCountedTwice() throws {
    let site = try TestSite(MappedSite.allProfiles)
    try site.turn.commit([counter(100, 60), counter(110, 40), counter(105, 50), counter(112, 30)])
    #expect(try site.store.units() == 12)
    #expect(try site.store.counters().stored == 4)
  }

  @Test func eachCounterHasItsMemory() throws {
    let site = try TestSite(MappedSite.allProfiles)
    try site.turn.commit([
      counter(100, 60, rule: "a"), counter(5, 59, rule: "b"), counter(101, 50, rule: "a"),
      counter(9, 49, rule: "b"),
      (
        "cam-8/onvif-ej/RuleEngine/CountAggregation/Counter",
        MappedSite.counter(7, atMs: nowMs - 40_000, rule: "a")
      ),
    ])
    #expect(try site.store.units() == 5)
  }

  @Test func aDifferenceThatNoEventMayHaveIsRejectedOnce() throws {
    let site = try TestSite(MappedSite.allProfiles)
    try site.turn.commit([counter(100, 60), counter(10_101, 50), counter(10_103, 40), counter(20_103, 30)])
    #expect(try site.store.units() == 10_002 && site.store.counters().rejected == 1)
    let row = try #require(try site.store.quarantine(limit: 1).first)
    #expect(row.field == "count" && row.detail.hasPrefix("10001 more than the reading before"))
  }

  @Test func countersAreBounded() throws {
    let site = try TestSite(MappedSite.allProfiles + ", limits: {workers: 1, workstations: 2}")
    // One camera too many: four cameras count into one workstation.
    func readings(_ base: Int64, _ secondsAgo: Int64) -> [(topic: String, payload: String)] {
      (1...4).map { number in
        (
          "c\(number)/onvif-ej/RuleEngine/CountAggregation/Counter",
          MappedSite.counter(base + number, atMs: nowMs - secondsAgo * 1000)
        )
      }
    }
    try site.turn.commit(readings(10, 60))
    try site.turn.commit(readings(20, 50))
    let counters = try site.store.counters()
    #expect(counters.isBalanced && counters.stored == 6 && counters.rejected == 2)
    #expect(try site.store.units() == 30)
    #expect(try site.store.quarantine(limit: 9).map(\.code) == ["cardinality", "cardinality"])
  }

  // MARK: Crashes

  private static let profile = ", mappings: [{profile: onvif-ej}]"

  /// Killed at every step of the commit of a difference: the sum is correct, in spite of losses and
  /// redeliveries.
  @Test func killedAtAnyStepNoUnitIsLostOrDoubled() throws {
    for step in Int64(1)...500 {
      let site = try CrashSite(Self.profile)
      try site.turn.commit([counter(100, 60), counter(104, 50)])
      let steps = site.disk.steps
      site.disk.stop(atStep: step)
      var hasReturned = true
      do { try site.turn.commit([counter(109, 40), counter(3, 30)]) } catch { hasReturned = false }
      let isOver = hasReturned && site.disk.steps - steps < step
      site.die()
      try site.start()
      // Nothing was acknowledged, so the broker delivers it again, and counting continues.
      try site.turn.commit([counter(109, 40), counter(3, 30), counter(5, 20)])
      #expect(try site.store.units() == 4 + 5 + 3 + 2, "step \(step)")
      #expect(try site.store.counters().isBalanced, "step \(step)")
      if isOver { return }
    }
    Issue.record("a commit has no end")
  }

  @Test func aFailedCommitForgetsTheReading() throws {
    let site = try CrashSite(Self.profile)
    try site.turn.commit([counter(100, 60)])
    site.disk.stop(atStep: 1)
    #expect(throws: (any Error).self) { try site.turn.commit([counter(150, 50)]) }
    site.die()
    try site.start()
    try site.turn.commit([counter(160, 40)])
    #expect(try site.store.units() == 60)
  }

  // MARK: Samples

  @Test(arguments: MappedSite.topics.sorted { $0.key < $1.key }.map { [$0.key, $0.value] })
  func everySampleOfAProfileIsStored(_ sample: [String]) throws {
    let payload = try String(contentsOf: MappedSite.samples.appending(path: sample[0]), encoding: .utf8)
    let settings = try PayloadSample.profiles()
    let readings = PayloadSample(settings, nowMs: TestSite.nowMs).read(
      topic: sample[1], payload: Array(payload.utf8))
    let item = try #require(readings.first?.items.first)
    #expect(item.mapping == String(sample[0].prefix { $0 != "." }))
    let event =
      switch item.outcome {
      case .event(let event), .total(let event, _): event
      case .rejected(let rejection, _): throw rejection
      case .ignored(let reason): throw WaitFailure(what: reason)
      }
    #expect(!event.workstationID.isEmpty && readings[0].items.count == 1)
  }
}
