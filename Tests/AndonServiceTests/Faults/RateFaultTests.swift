import AndonCore
import Foundation
import TestSupport
import Testing

@testable import AndonBridge
@testable import AndonConfiguration
@testable import AndonIngest
@testable import AndonRuntime
@testable import AndonStore

/// Row 131 of docs/reliability.md: a camera that sees little is not unsure, so no rule of confidence finds it.
@Suite(.ownThread) struct RateFaultTests {
  private static let hourMs: Int64 = 3_600_000
  /// Monday 2026-01-12, 00:00Z.
  private static let mondayMs: Int64 = 1_768_176_000_000
  private let key = AlarmKey(rule: .rateLow, sourceID: "cam-01")

  /// Five weeks of a shift from 8 to 12 on workdays, with 20 events an hour; closed on Tuesday 2026-01-13.
  private func site() throws -> AlarmSite {
    let site = try AlarmSite(
      #", shifts: [{id: early, start: "08:00", end: "12:00", days: [mon, tue, wed, thu, fri]}]"#
        + #", calendar: {closed: ["2026-01-13"]}"#)
    for day in -35..<0 where (day + 35) % 7 < 5 {
      for hour in 8..<12 { try send(20, day: day, hour: hour, site) }
    }
    return site
  }

  private func time(_ day: Int, _ hour: Int) -> Int64 { Self.mondayMs + Int64(day * 24 + hour) * Self.hourMs }

  private func send(
    _ count: Int, day: Int, hour: Int, late: Int64 = 0, name: String = "e", _ site: AlarmSite
  ) throws {
    for index in 0..<count {
      let atMs = time(day, hour) + Int64(index) * 170_000
      site.clock.nowMs = atMs + late
      site.add(TestSite.event(atMs, more: #","event_id":"\#(name)\#(atMs)""#))
      try site.commit(atMs: atMs + late)
    }
  }

  /// As the service does, six minutes after the hour.
  private func judge(day: Int, hour: Int, _ site: AlarmSite) throws {
    site.clock.nowMs = time(day, hour) + Self.hourMs + 360_000
    let clock = WallClock { [clock = site.clock] in clock.nowMs }
    let found = try #require(
      try RateFinder(site: site.base.site, clock: clock).find(site.store, after: nil))
    if let work = found.work {
      _ = try site.turn.perform(SiteCommandQueue.PendingCommand(work: work) { _ in })
    }
  }

  private func state(_ site: AlarmSite) -> AlarmState? { site.turn.engine.machines[key]?.state }

  /// Four low hours; an hour is closed by the first event of the next.
  private func sendLittle(day: Int, _ site: AlarmSite) throws {
    for hour in 8..<12 { try send(5, day: day, hour: hour, site) }
  }

  @Test func fault131_aCameraThatSeesLittleIsReportedAndCallsNobody() throws {
    let site = try site()
    try sendLittle(day: 0, site)
    try judge(day: 0, hour: 9, site)
    #expect(state(site) == .pending)
    try judge(day: 0, hour: 10, site)
    #expect(state(site) == .unackActive)
    let row = try #require(try site.store.alarmJournal(limit: 10).last { $0.event == "raised" })
    #expect(!row.page && row.alertID == "plant-a/rate_low/cam-01")
    #expect(
      row.json.contains("5 events in an hour, fewer than 8 (40 % of 20, the median of this hour of the week"))
    let opened = try site.store.episodes(source: "cam-01")
    #expect(opened.map(\.sinceMs) == [time(0, 8)] && opened.map(\.raisedMs) == [time(0, 11)])
    // Judged again, after a restart too: nothing changes.
    try site.restart()
    let rows = try site.store.alarmJournal(limit: 100).count
    try judge(day: 0, hour: 10, site)
    #expect(try site.store.alarmJournal(limit: 100).count == rows)
    for hour in 8..<10 { try send(20, day: 2, hour: hour, site) }
    try judge(day: 2, hour: 8, site)
    #expect(state(site) == .rtnUnack)
    #expect(try site.pages().isEmpty)
  }

  /// The events of the low hours come two days late: the episode is taken back.
  @Test func fault131_lateEventsTakeTheEpisodeBack() throws {
    let site = try site()
    try sendLittle(day: 0, site)
    try judge(day: 0, hour: 10, site)
    #expect(state(site) == .unackActive)
    for hour in 8..<11 { try send(15, day: 0, hour: hour, late: 48 * Self.hourMs, name: "l", site) }
    try send(20, day: 2, hour: 8, site)
    try send(1, day: 2, hour: 9, site)
    try judge(day: 2, hour: 8, site)
    #expect(try site.store.episodes(source: "cam-01").isEmpty && state(site) != .unackActive)
    #expect(try site.store.alarmJournal(limit: 100).contains { $0.event == "retracted" })
  }

  @Test func fault131_whatIsNotPlannedOrIsMissingIsNotJudged() throws {
    let site = try site()
    // A holiday, a night, hours for which the bridge has a gap, and hours in which the camera was offline.
    try sendLittle(day: 1, site)
    for hour in 0..<4 { try send(1, day: 2, hour: hour, site) }
    try sendLittle(day: 2, site)
    _ = try site.store.commit {
      try $0.add([
        GapRow(
          cause: .sessionLost, fromMs: time(2, 8), toMs: time(2, 12), notedAtMs: time(2, 12), detail: "test")
      ])
    }
    try site.setStatus("offline", atMs: time(3, 8))
    for second in stride(from: Int64(0), through: 180, by: 10) {
      try site.tick(atMs: time(3, 8) + second * 1000)
    }
    try sendLittle(day: 3, site)
    try send(1, day: 4, hour: 8, site)
    try judge(day: 3, hour: 11, site)
    #expect(state(site) == nil || state(site) == .normal)
    #expect(try site.store.episodes(source: "cam-01").allSatisfy { $0.key.rule == .cameraOffline })
  }

  @Test func fault131_aCameraOutOfServiceIsNotReported() throws {
    let site = try site()
    let command = CameraCommand(
      cameraID: "cam-01", action: .outOfService(reason: "lens", untilMs: nil), by: "test")
    #expect(try site.perform(command).code == "ok")
    try sendLittle(day: 0, site)
    try judge(day: 0, hour: 10, site)
    #expect(state(site) == nil || state(site) == .normal)
    #expect(try site.store.alarmJournal(limit: 100).isEmpty)
  }
}
