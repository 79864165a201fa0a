import AndonCore
import Testing

/// The figures of lines and areas, by hand.
@Suite struct LineRecordTests {
  private static let hourMs: Int64 = 3_600_000
  private static let layout = SiteLayout(areas: [
    SiteLayout.Area(
      id: "hall",
      lines: [
        SiteLayout.Line(id: "l1", workstations: ["S1", "S2", "S3"]),
        SiteLayout.Line(id: "l2", workstations: ["S4"]),
      ]), SiteLayout.Area(id: "yard"),
  ])
  private static let hour = Window(
    kind: .hour, startMs: 0, endMs: hourMs, planned: PlannedTime([0..<hourMs / 2]))

  private func records(_ window: SiteWindow, nowMs: Int64 = hourMs) -> [String: KPIRecord] {
    func event(_ atMs: Int64, _ kind: EventKind, _ worker: String, _ station: String, count: Int32 = 0)
      -> Event
    {
      KPICalculatorTests.event(atMs, kind, worker, station, count: count)
    }
    // W1 works at S1 for all of the hour, W2 idles there for its first half and then works at S4.
    var events = [event(0, .working, "W1", "S1"), event(0, .idle, "W2", "S1")]
    for minute in stride(from: Int64(5), to: 60, by: 5) {
      events.append(event(minute * 60_000, .working, "W1", "S1"))
      events.append(
        minute < 30
          ? event(minute * 60_000, .idle, "W2", "S1") : event(minute * 60_000, .working, "W2", "S4"))
    }
    events.append(event(600_000, .productCount, "W1", "S2", count: 6))
    events.append(event(600_001, .productCount, "W2", "S9", count: 5))
    let histories = Dictionary(grouping: events, by: \.workerID).map {
      WorkerHistory(workerID: $0.key, events: $0.value, lastCameraID: "cam")
    }
    let records = KPICalculator(siteID: "p", stateTimeoutMs: 600_000)
      .records(window: window, nowMs: nowMs, histories: histories)
    return Dictionary(uniqueKeysWithValues: records.map { ("\($0.scope.rawValue)/\($0.id)", $0) })
  }

  @Test func aLineSumsItsWorkstations() throws {
    let line = try #require(records(SiteWindow(Self.hour, layout: Self.layout))["line/l1"])
    #expect(line[.working] == Self.hourMs && line[.idle] == 0 && line[.occupied] == Self.hourMs)
    #expect(line[.labor] == Self.hourMs * 3 / 2 && line[.units] == 6)
    #expect(line[.utilization] == 10_000 && line[.unitsPerHour] == 600 && line[.throughputPerHour] == 600)
    // Three workstations are configured, one of them was never seen.
    #expect(line[.occupancy] == 3333 && line[.planned] == Self.hourMs / 2 * 3 && line[.availability] == 3333)
    #expect(line[.workersPresent] == 1 && line.lastEventMs == 55 * 60_000 && line.quality == .good)
    #expect(line[.coverage] == nil && line.state == nil)
  }

  @Test func anAreaSumsItsLines() throws {
    let records = records(SiteWindow(Self.hour, layout: Self.layout))
    let area = try #require(records["area/hall"])
    #expect(area[.working] == Self.hourMs * 3 / 2 && area[.units] == 6 && area[.workersPresent] == 2)
    #expect(area[.occupancy] == 3750 && area[.planned] == Self.hourMs / 2 * 4 && area[.availability] == 2500)
    let yard = try #require(records["area/yard"])
    #expect(
      yard[.working] == 0 && yard[.occupancy] == nil && yard[.planned] == nil && yard.quality == .noData)
    #expect(records["site/p"]?[.units] == 11, "what is in no line belongs to the site")
  }

  /// The area adds up what each of its lines plans; a line without shifts plans nothing.
  @Test func whatIsPlannedIsThatOfEachLine() throws {
    let window = SiteWindow(Self.hour, layout: Self.layout, isOfSite: true) { line in
      (line == 0 ? nil : PlannedTime([Self.hourMs / 4..<Self.hourMs]), true)
    }
    let records = records(window)
    #expect(records["line/l1"]?[.planned] == nil && records["workstation/S1"]?[.planned] == nil)
    #expect(
      records["line/l2"]?[.planned] == Self.hourMs * 3 / 4 && records["line/l2"]?[.availability] == 6667)
    #expect(records["workstation/S4"]?[.planned] == Self.hourMs * 3 / 4)
    #expect(records["workstation/S9"]?[.planned] == Self.hourMs / 2, "what is in no line follows the site")
    #expect(records["area/hall"]?[.planned] == Self.hourMs * 3 / 4)
    #expect(records["site/p"]?[.planned] == Self.hourMs, "two workers")
  }

  @Test func aShiftOfALineIsAboutTheLineOnly() {
    let window = SiteWindow(Self.hour, layout: Self.layout, isOfSite: false) { (nil, $0 == 1) }
    #expect(records(window).keys.sorted() == ["line/l2", "workstation/S4"])
  }

  /// A day without a single event: the line has figures, of quality 0.
  @Test func aLineWithoutAnEventHasFiguresToo() throws {
    let record = try #require(
      KPICalculator(siteID: "p", stateTimeoutMs: 600_000)
        .records(window: SiteWindow(Self.hour, layout: Self.layout), nowMs: Self.hourMs, histories: [])
        .first { $0.id == "l1" })
    #expect(record[.planned] == Self.hourMs / 2 * 3 && record[.availability] == 0 && record[.units] == 0)
    #expect(record[.utilization] == nil && record.quality == .noData)
  }
}
