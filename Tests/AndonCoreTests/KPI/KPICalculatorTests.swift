import AndonCore
import Testing

@Suite struct KPICalculatorTests {
  static let timeoutMs: Int64 = 600_000
  static let window = Window(fromMs: 1_000_000, toMs: 4_600_000)
  static let calculator = KPICalculator(siteID: "p", stateTimeoutMs: timeoutMs)

  static func event(
    _ atMs: Int64, _ kind: EventKind, _ worker: String = "W1", _ station: String = "S1",
    confidence: Int32 = 900_000,
    count: Int32 = 0, id: String = ""
  ) -> Event {
    Event(
      timestampMs: atMs, workerID: worker, workstationID: station, kind: kind, confidencePpm: confidence,
      count: count, eventID: id)
  }

  private func records(
    _ events: [Event], nowMs: Int64 = 4_600_000, window: Window = Self.window, offline: Set<String> = []
  ) -> [KPIRecord] {
    let histories = Dictionary(grouping: events, by: \.workerID).map {
      WorkerHistory(workerID: $0.key, events: $0.value, lastCameraID: "cam")
    }
    return Self.calculator.records(
      window: SiteWindow(window), nowMs: nowMs, histories: histories, offlineCameras: offline)
  }

  private func worker(_ events: [Event], nowMs: Int64 = 4_600_000, id: String = "W1") -> KPIRecord? {
    records(events, nowMs: nowMs).first { $0.scope == .worker && $0.id == id }
  }

  @Test func aGapOfExactlyTheTimeoutIsNone() {
    let record = worker([Self.event(1_000_000, .working), Self.event(1_600_000, .idle)], nowMs: 1_600_000)
    #expect(record?[.working] == 600_000 && record?[.timedOut] == 0 && record?[.utilization] == 10_000)
  }

  @Test func aMillisecondMoreIsTimedOut() {
    let record = worker([Self.event(1_000_000, .working), Self.event(1_600_001, .idle)], nowMs: 1_600_001)
    #expect(record?[.working] == 600_000 && record?[.timedOut] == 1 && record?[.absent] == 1)
  }

  @Test func aCountRefreshesAndTheStateGoesOnAfterATimeout() {
    let record = worker(
      [Self.event(1_000_000, .working), Self.event(2_000_000, .productCount, count: 3)], nowMs: 2_100_000)
    #expect(record?[.working] == 700_000 && record?[.timedOut] == 400_000 && record?[.units] == 3)
    #expect(record?.state == .working)
  }

  @Test func beforeTheFirstStateNothingIsKnown() {
    let record = worker(
      [Self.event(1_100_000, .productCount, count: 1), Self.event(1_300_000, .working)], nowMs: 1_400_000)
    #expect(record?[.unknown] == 300_000 && record?[.working] == 100_000 && record?[.absent] == 0)
    #expect(record?[.coverage] == 2500)
  }

  @Test func theStateFromBeforeTheWindowCountsFromItsStart() {
    let record = worker([Self.event(900_000, .working)], nowMs: 1_200_000)
    #expect(record?[.working] == 200_000)
    let later = worker([Self.event(900_000, .working)], nowMs: 2_000_000)
    #expect(later?[.working] == 500_000 && later?[.timedOut] == 500_000)
  }

  @Test func aWorkerWhoseStateEndedBeforeTheWindowIsNotListed() {
    #expect(worker([Self.event(300_000, .working)]) == nil)
    #expect(worker([Self.event(400_000, .working)]) == nil)
    #expect(worker([Self.event(400_001, .working)])?[.working] == 1)
  }

  @Test func windowsAreHalfOpen() {
    let events = [
      Self.event(1_000_000, .productCount, count: 1), Self.event(4_599_999, .productCount, count: 2),
      Self.event(4_600_000, .productCount, count: 4), Self.event(999_999, .productCount, count: 8),
    ]
    #expect(worker(events, nowMs: 9_000_000)?[.units] == 3)
  }

  @Test func tiesAreOwnedByTheLastInTheOrder() {
    func state(_ events: [Event]) -> WorkerState? { worker(events, nowMs: 1_000_001)?.state }
    // Higher confidence wins, then the higher rank, then the later id.
    #expect(
      state([Self.event(1_000_000, .working, confidence: 800_000), Self.event(1_000_000, .absent)]) == .absent
    )
    #expect(state([Self.event(1_000_000, .working), Self.event(1_000_000, .idle)]) == .working)
    let record = worker(
      [Self.event(1_000_000, .idle, "W1", "S1", id: "b"), Self.event(1_000_000, .idle, "W1", "S2", id: "a")],
      nowMs: 1_000_001)
    #expect(record?.workstationID == "S1")
  }

  @Test func unionAndLaborDifferWhereTwoWorkAtOneStation() throws {
    let all = records(
      [
        Self.event(1_000_000, .working, "W1"), Self.event(1_200_000, .absent, "W1"),
        Self.event(1_100_000, .idle, "W2"), Self.event(1_300_000, .absent, "W2"),
      ], nowMs: 1_400_000)
    let station = try #require(all.first { $0.scope == .workstation })
    #expect(station[.occupied] == 300_000 && station[.working] == 200_000 && station[.idle] == 100_000)
    #expect(station[.labor] == 400_000 && station[.utilization] == 6667 && station[.occupancy] == 7500)
    #expect(station[.workersPresent] == 0)
    let site = all[0]
    #expect(
      site.scope == .site && site[.working] == 200_000 && site[.idle] == 200_000 && site[.labor] == 400_000)
    #expect(site[.utilization] == 5000 && site[.meanUtilization] == 5000 && site[.workersSeen] == 2)
  }

  @Test func aWorkerWhoMovesLeavesTheOldStation() throws {
    let all = records(
      [Self.event(1_000_000, .working, "W1", "S1"), Self.event(1_100_000, .working, "W1", "S2")],
      nowMs: 1_150_000)
    let stations = all.filter { $0.scope == .workstation }
    #expect(stations.map(\.id) == ["S1", "S2"] && stations.map { $0[.working] } == [100_000, 50_000])
    #expect(stations.map { $0[.workersPresent] } == [0, 1])
  }

  @Test func unitsWithoutWorkerCountForStationAndSite() {
    let all = records([Self.event(1_000_000, .productCount, "", "S9", count: 5)], nowMs: 1_100_000)
    #expect(all.map(\.scope) == [.site, .workstation] && all[0][.units] == 5 && all[1][.units] == 5)
    #expect(all[0][.workersSeen] == 0 && all[0][.unitsPerHour] == nil && all[0][.throughputPerHour] == 18_000)
  }

  @Test func breaksAreNoPlannedTime() throws {
    let shift = Window(
      kind: .shift, startMs: 1_000_000, endMs: 4_600_000, shiftID: "early", breaks: [1_200_000..<1_300_000])
    let all = records([Self.event(1_000_000, .working)], nowMs: 1_400_000, window: shift)
    let record = try #require(all.first { $0.scope == .worker })
    #expect(record[.planned] == 300_000 && record[.availability] == 10_000)
    #expect(all[0][.planned] == 300_000)
  }

  @Test func qualityTellsStaleFromGoodFromNothing() {
    #expect(worker([Self.event(1_000_000, .working)], nowMs: 1_600_000)?.quality == .good)
    #expect(worker([Self.event(1_000_000, .working)], nowMs: 1_600_001)?.quality == .stale)
    let offline = records([Self.event(1_000_000, .working)], nowMs: 1_100_000, offline: ["cam"])
    #expect(offline.last?.quality == .stale && offline.first?.quality == .stale)
    #expect(records([])[0].quality == .noData)
  }

  @Test func theObjectReadsAsTheContractSays() throws {
    let record = try #require(
      worker(
        [Self.event(1_000_000, .working), Self.event(1_090_000, .productCount, count: 412)], nowMs: 1_120_123)
    )
    #expect(
      String(decoding: record.json(revision: 42), as: UTF8.self)
        == #"{"timestamp_ms":1120123,"ts":"1970-01-01T00:18:40.123Z","site_id":"p","scope":"worker","id":"W1","window":"custom","window_start_ms":1000000,"window_end_ms":4600000,"final":false,"rev":42,"elapsed_s":120.123,"working_s":120.123,"idle_s":0.000,"absent_s":0.000,"timed_out_s":0.000,"unknown_s":0.000,"utilization_pct":100.00,"coverage_pct":100.00,"units":412,"units_per_hour":12347.34,"state":"working","workstation_id":"S1","last_event_ms":1090000,"quality":192}"#
    )
  }
}
