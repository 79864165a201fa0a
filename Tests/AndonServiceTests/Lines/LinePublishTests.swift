import AndonCore
import TestSupport
import Testing

@testable import AndonConfiguration
@testable import AndonStore

/// What is published of lines and areas, and emptied when they are gone.
@Suite(.ownThread) struct LinePublishTests {
  private static let hourMs: Int64 = 3_600_000
  private static let shifts = #", shifts: [{id: early, start: "06:00", end: "14:00"}]"#
  private static let settings =
    shifts
    + #", areas: [{id: hall, lines: [{id: l1, workstations: [S1, S2]}, "#
    + #"{id: l2, workstations: [S3], shifts: [{id: day, start: "08:00", end: "10:10"}]}]}]"#
  /// Thursday 2026-01-15, 10:15 UTC.
  private let nowMs = TestSite.nowMs

  @Test func linesAndAreasHaveTopicsOfEachWindow() throws {
    let site = try PublishedSite(Self.settings)
    try site.add(nowMs - 60_000)
    try site.publish(atMs: nowMs)
    #expect(
      site.topics("kpi/area") == ["kpi/area/hall/day", "kpi/area/hall/hour", "kpi/area/hall/shift"])
    #expect(site.topics("kpi/line/l1").count == 3)
    let line = site.object("kpi/line/l1/hour")
    #expect(line["working_s"] as? Double == 60 && line["planned_s"] as? Double == 1800)
    #expect(line["scope"] as? String == "line" && line["site_id"] as? String == "plant-a")
    // The shift of the second line ended at 10:10: the topic keeps its final figures.
    let other = site.object("kpi/line/l2/shift")
    #expect(other["shift_id"] as? String == "day" && other["final"] as? Bool == true)
    #expect(other["planned_s"] as? Double == 7800)
    #expect(site.object("kpi/area/hall/shift")["shift_id"] as? String == "early")
    // Both follow the clock of the site, and plan their own time.
    #expect(site.object("kpi/line/l2/hour")["planned_s"] as? Double == 600)
  }

  @Test func aLateEventCorrectsTheFinalsOfItsLineAndArea() throws {
    let site = try PublishedSite(Self.settings)
    try site.add(nowMs - 4 * Self.hourMs, "absent")
    try site.add(nowMs - 60_000)
    #expect(try site.publish(atMs: nowMs).contains { $0.hasPrefix("line/l2/shift") })
    #expect(try site.publish(atMs: nowMs).isEmpty)
    // Two minutes of work at 08:30, in the shift of the second line.
    let halfPastEight = nowMs - 105 * 60_000
    try site.add(halfPastEight, worker: "W9", station: "S3")
    try site.add(halfPastEight + 120_000, "absent", worker: "W9", station: "S3")
    let finals = try site.publish(atMs: nowMs).map { $0.split(separator: " ")[0] }
    #expect(
      Set(finals) == [
        "line/l2/shift", "workstation/S3/shift", "site/plant-a/hour", "area/hall/hour", "line/l2/hour",
        "workstation/S3/hour", "worker/W9/hour",
      ], "\(finals)")
    #expect(site.object("kpi/line/l2/shift")["working_s"] as? Double == 120)
    #expect(site.object("kpi/area/hall/shift")["working_s"] as? Double == 180)
  }

  @Test func aLineThatDoesNotFollowTheSiteHasACalendarTopic() throws {
    let site = try PublishedSite(Self.settings)
    try site.publish(atMs: nowMs)
    #expect(site.topics("meta/calendar") == ["meta/calendar", "meta/calendar_line/l2"])
    #expect(site.object("meta/calendar")["shift_id"] as? String == "early")
    #expect(site.object("meta/calendar_line/l2")["next_shift_id"] as? String == "day")
    let today = LocalDate(dayNumber: nowMs / 86_400_000)
    func change(_ action: CalendarChange.Action) throws {
      try site.test.store.commit {
        try $0.append(
          CalendarChange(action, on: today...today, line: "l1"), by: "x", reason: "service", atMs: nowMs)
      }
    }
    try change(.close(reason: "service"))
    try site.publish(atMs: nowMs + 1000)
    #expect(site.object("meta/calendar_line/l1")["closed_reason"] as? String == "service")
    #expect(site.topics("kpi/line/l1") == ["kpi/line/l1/day", "kpi/line/l1/hour"])
    #expect(site.object("meta/calendar")["closed"] as? Bool == false)
    // It follows the site again: no topic of its own.
    try change(.clear)
    try site.publish(atMs: nowMs + 2000)
    #expect(site.topics("meta/calendar") == ["meta/calendar", "meta/calendar_line/l2"])
    #expect(site.topics("kpi/line/l1").count == 3)
  }

  @Test(arguments: [false, true]) func whatLeavesTheConfigurationIsEmptied(scalarTags: Bool) throws {
    let site = try PublishedSite(Self.settings, scalarTags: scalarTags)
    try site.add(nowMs - 60_000)
    try site.publish(atMs: nowMs)
    #expect(scalarTags == !site.topics("tag/line/l2").isEmpty)
    // The same again empties nothing.
    let all = Set(site.retained.keys)
    try site.reload(Self.settings)
    try site.publish(atMs: nowMs + 1000)
    #expect(Set(site.retained.keys) == all)
    try site.reload(Self.shifts + ", areas: [{id: yard, lines: [{id: l1, workstations: [S1]}]}]")
    try site.publish(atMs: nowMs + 2000)
    #expect(site.topics("kpi/line/l2").isEmpty && site.topics("kpi/area/hall").isEmpty)
    #expect(site.topics("tag/line/l2").isEmpty && site.topics("tag/area/hall").isEmpty)
    #expect(site.topics("meta/calendar") == ["meta/calendar"])
    #expect(site.topics("kpi/line/l1").count == 3 && site.topics("kpi/area/yard").count == 3)
    #expect(site.topics("kpi/workstation/S1").count == 3)
  }

  /// A running shift of a line that the line has no longer, because it follows the site from now on.
  @Test func aLineThatFollowsTheSiteFromNowOnShowsTheShiftOfTheSite() throws {
    let own =
      #", areas: [{id: hall, lines: [{id: l1, workstations: [S1], shifts: [{id: day, start: "10:00", end: "18:00"}]}]}]"#
    let site = try PublishedSite(own)
    try site.add(nowMs - 60_000)
    try site.publish(atMs: nowMs)
    #expect(site.object("kpi/line/l1/shift")["shift_id"] as? String == "day")
    #expect(site.topics("kpi/workstation/S1").count == 3 && site.topics("kpi/site/plant-a").count == 2)
    try site.reload(", areas: [{id: hall, lines: [{id: l1, workstations: [S1]}]}]")
    try site.publish(atMs: nowMs + 1000)
    #expect(site.topics("kpi/line/l1").count == 2 && site.topics("kpi/workstation/S1").count == 2)
    #expect(site.topics("meta/calendar").isEmpty)
  }
}
