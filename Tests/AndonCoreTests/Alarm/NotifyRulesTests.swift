import AndonCore
import Testing

@Suite struct NotifyRulesTests {
  // Thursday, 2026-01-15T10:15:00Z.
  private let nowMs: Int64 = 1_768_472_100_000
  private let calendar = SiteCalendar(
    zone: ZoneOffsets(initialOffsetMs: 3_600_000, transitions: []), shifts: [])

  private func record(_ rule: AlarmRule = .cameraOffline, source: String = "cam-01") -> AlarmRecord {
    let machine = AlarmStateMachine(
      key: AlarmKey(rule: rule, sourceID: source), measure: AlarmMeasure(metric: "m", value: nil))
    return AlarmRecord(siteID: "plant-a", machine: machine, nowMs: nowMs)
  }

  private func match(_ change: (inout NotifyMatch) -> Void) -> NotifyMatch {
    var match = NotifyMatch()
    change(&match)
    return match
  }

  private func routes(
    _ routes: [NotifyRoute], _ record: AlarmRecord, atMs: Int64? = nil, lines: [String: String] = [:]
  ) -> [String] {
    let cameras = lines.filter { $0.value == "line-1" }.keys.sorted()
    let line = SiteLayout.Line(id: "line-1", workstations: ["S1"], cameras: cameras)
    let rules = NotifyRules(
      routes: routes, siteID: "plant-a", calendar: calendar,
      layout: SiteLayout(areas: [SiteLayout.Area(id: "hall-1", lines: [line])]))
    return rules.stages(record, nowMs: atMs ?? nowMs).map {
      "\($0.route)+\(($0.dueMs - (atMs ?? nowMs)) / 60_000)"
    }
  }

  @Test func aRouteMatchesByClassPrioritySiteAndLine() {
    let all = [
      NotifyRoute(id: "all"), NotifyRoute(id: "class", match: match { $0.classes = ["drift"] }),
      NotifyRoute(id: "priority", match: match { $0.priorities = ["high", "urgent"] }),
      NotifyRoute(id: "site", match: match { $0.sites = ["plant-b"] }),
      NotifyRoute(id: "line", match: match { $0.lines = ["line-1"] }),
    ]
    #expect(routes(all, record()) == ["all+0"])
    #expect(routes(all, record(.confidenceLow)) == ["all+0", "class+0"])
    #expect(routes(all, record(.siteModel)) == ["all+0", "priority+0"])
    #expect(routes(all, record(), lines: ["cam-01": "line-1"]) == ["all+0", "line+0"])
    #expect(routes(all, record(source: "cam-02"), lines: ["cam-01": "line-1"]) == ["all+0"])
    #expect(routes(all, record(.productivity, source: "S1")) == ["all+0", "line+0"])
    // A camera that has the name of a workstation is not that workstation.
    #expect(routes(all, record(source: "S1")) == ["all+0"])
  }

  @Test func aRouteMatchesByTheWallClockAtTheTimeOfItsTurn() {
    // 11:15 by the site's clock.
    let days: Set<Weekday> = [.mon, .tue, .wed, .thu, .fri]
    let day = NotifyTime(days: days, startMinute: 6 * 60, endMinute: 22 * 60)
    let night = NotifyTime(days: days, startMinute: 22 * 60, endMinute: 6 * 60)
    let both = [
      NotifyRoute(id: "day", match: match { $0.times = [day] }, escalateAfterMs: 30 * 60_000),
      NotifyRoute(id: "night", match: match { $0.times = [night] }), NotifyRoute(id: "boss"),
    ]
    let hourMs: Int64 = 3_600_000
    #expect(routes(both, record()) == ["day+0", "boss+30"])
    // 21:45: when the next turn comes it is night.
    #expect(
      routes(both, record(), atMs: nowMs + 10 * hourMs + hourMs / 2) == ["day+0", "night+30", "boss+30"])
    #expect(routes(both, record(), atMs: nowMs + 12 * hourMs) == ["night+0", "boss+0"])
    // The night of Friday ends on Saturday at 06:00; Saturday's night is not listed.
    #expect(routes(both, record(), atMs: nowMs + 42 * hourMs) == ["night+0", "boss+0"])
    #expect(routes(both, record(), atMs: nowMs + 43 * hourMs) == ["boss+0"])
    #expect(routes(both, record(), atMs: nowMs + 60 * hourMs) == ["boss+0"])
  }
}
