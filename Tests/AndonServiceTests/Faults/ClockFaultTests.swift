import AndonCore
import Foundation
import Mosquitto
import Synchronization
import TestSupport
import Testing

@testable import AndonBridge
@testable import AndonConfiguration
@testable import AndonIngest
@testable import AndonRuntime
@testable import AndonStatus
@testable import AndonStore

/// Rows 11 (dates), 23 and 26 of docs/reliability.md: clocks.
@Suite(.ownThread) struct ClockFaultTests {
  private func event(_ atMs: Int64, _ id: String) -> [Publication] {
    [
      Publication(
        topic: TestBridge.topic(), payload: Array(TestSite.event(atMs, more: #","event_id":"\#(id)""#).utf8))
    ]
  }

  @Test(arguments: [3_600_000, -3_600_000] as [Int64])
  func fault23_aClockThatJumpsIsNotedAndEventTimeIsUntouched(byMs: Int64) async throws {
    let broker = try Broker()
    let bridge = try TestBridge(broker, more: "ingest: {max_future: 2h}")
    let offset = SharedNumber(0)
    let clock = WallClock { WallClock.system.nowMs + offset.value }
    let sentMs = WallClock.system.nowMs - 5000
    try await bridge.run(clock: clock) { board in
      try await TestBridge.until("ready") { board.isReady }
      let camera = try SyncClient(broker)
      try camera.publish(event(sentMs, "before"))
      try await TestBridge.until("one") { board.site().counters.stored == 1 }
      offset.value = byMs
      try await TestBridge.until("the step") { !board.site().gaps.isEmpty }
      let gap = board.site().gaps[0]
      #expect(gap.cause == .clockStep && !gap.cause.mayMissEvents)
      #expect(abs(gap.toMs - gap.fromMs - 3_600_000) < 5000)
      try camera.publish(event(sentMs + 1, "after"))
      try await TestBridge.until("two") { board.site().counters.stored == 2 }
      #expect(board.site().health.state == .running && board.isReady)
    }
    var times: [Int64] = []
    try bridge.reading().visitEvents(fromMs: .min, toMs: .max) { times.append($0.event.timestampMs) }
    #expect(times == [sentMs, sentMs + 1])
    #expect(try bridge.reading().gaps(newest: 9).count == 1, "said once")
  }

  @Test func fault23_at1970TheSiteWaitsForTheClockAndRejectsNothing() async throws {
    let broker = try Broker()
    let bridge = try TestBridge(broker)
    try await bridge.runReady { _ in }
    try SyncClient(broker).publish(TestBridge.events(0..<5))
    let isSet = SharedNumber(0)
    let clock = WallClock { isSet.value == 1 ? WallClock.system.nowMs : 60_000 }
    try await bridge.run(clock: clock) { board in
      try await TestBridge.until("the hold") { board.site().trouble?.contains("clock") == true }
      #expect(board.site().health.state == .held && !board.isReady)
      isSet.value = 1
      try await TestBridge.until("all") { board.site().counters.stored == 5 }
    }
    #expect(try bridge.reading().counters().rejected == 0)
  }

  @Test func fault23_aStepIsToldFromAClockThatIsSlewed() {
    var watch = ClockStepDetector(wallMs: 1_000_000, monotonicMs: 0)
    #expect(watch.step(wallMs: 1_060_030, monotonicMs: 60_000) == nil)
    let back = watch.step(wallMs: 1_000_000, monotonicMs: 60_250)
    #expect(back?.fromMs == 1_060_280 && back?.toMs == 1_000_000)
    #expect(watch.step(wallMs: 1_000_250, monotonicMs: 60_500) == nil)
    #expect(watch.step(wallMs: 4_600_250, monotonicMs: 60_500)?.toMs == 4_600_250)
  }

  @Test func fault11_theCertificateIsWarnedOf30And7And1DaysBefore() {
    let day: Int64 = 86_400_000
    var watch = CertificateExpiryMonitor()
    #expect(watch.warning(expiresAtMs: nil, nowMs: 0) == nil)
    #expect(watch.warning(expiresAtMs: 31 * day, nowMs: 0) == nil)
    let news = (Int64(0)...31).filter {
      watch.warning(expiresAtMs: 31 * day, nowMs: $0 * day)?.isNews == true
    }
    #expect(news == [2, 25, 31])
    #expect(watch.warning(expiresAtMs: 31 * day, nowMs: 31 * day)?.words.contains("in 0 days") == true)
  }

  /// In Berlin, 2026-03-29 has 23 h and 2026-10-25 has 25 h. A night shift across the change is an hour
  /// shorter or longer.
  @Test(arguments: [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-01", 24)])
  func fault26_nightsOfTheClockChangeHaveTheirTrueLength(day: String, hours: Int64) throws {
    let site = try SettingsSample.load(
      """
      sites: [{id: p, timezone: Europe/Berlin, shifts: [{id: night, start: "22:00", end: "06:00"}]}]
      """
    ).sites[0]
    let calendar = SiteCalendar(site)
    let noonMs = try Timestamp.parse(Array("\(day)T12:00:00+02:00".utf8).span, assumeUTC: false)
    let window = try #require(calendar.window(.day, containing: noonMs))
    #expect(window.endMs - window.startMs == hours * 3_600_000)
    let night = try #require(calendar.window(.shift, containing: window.startMs + 3_600_000))
    #expect(night.endMs - night.startMs == (hours - 16) * 3_600_000)
    // The hours partition the day: each millisecond is counted exactly once.
    var atMs = window.startMs
    while atMs < window.endMs {
      let hour = try #require(calendar.window(.hour, containing: atMs))
      #expect(hour.startMs == atMs && hour.endMs > atMs)
      atMs = hour.endMs
    }
    #expect(atMs == window.endMs)
  }

  @Test(arguments: ["Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns", "Asia/Kolkata"])
  func fault26_zonesAtPartsOfAnHourTileTheYear(zone: String) throws {
    let calendar = SiteCalendar(try SettingsSample.load("sites: [{id: p, timezone: \(zone)}]").sites[0])
    var atMs = try #require(calendar.window(.day, containing: TestSite.nowMs)).startMs
    for _ in 0..<400 {
      let day = try #require(calendar.window(.day, containing: atMs))
      #expect(day.startMs == atMs)
      #expect([23, 23.5, 24, 24.5, 25].contains(Double(day.endMs - atMs) / 3_600_000))
      atMs = day.endMs
    }
  }
}

/// A number shared between threads.
final class SharedNumber: Sendable {
  private let number: Mutex<Int64>

  init(_ number: Int64) { self.number = Mutex(number) }

  var value: Int64 {
    get { number.withLock { $0 } }
    set { number.withLock { $0 = newValue } }
  }
}
