import AndonCore
import TestSupport
import Testing

/// Summaries against the naive oracle and against the plain recompute, in thousands of random cases.
@Suite struct WindowAggregatorTests {
  static let timeoutMs: Int64 = 600_000

  /// Aggregates from arrays as the store's reader does: whole buckets, and pieces at the edges.
  static func aggregate(
    _ sightings: [NaiveKPI.Sighting], window siteWindow: SiteWindow, nowMs: Int64
  ) throws -> WindowAggregator {
    let window = siteWindow.window
    let limitMs = max(window.startMs, min(nowMs, window.endMs))
    let states = sightings.filter { $0.event.kind.isState }
    let firstSets = Dictionary(grouping: states, by: \.event.workerID)
      .mapValues { $0.map(\.event.timestampMs).min() ?? .max }
    var aggregate = WindowAggregator(
      siteID: "p", window: siteWindow, timeoutMs: timeoutMs, firstSetMs: firstSets)
    let buckets = Set(sightings.map { SummaryBucket.start(of: $0.event.timestampMs) }).sorted()
    func summaries(_ bucketMs: Int64, _ range: Range<Int64>) -> [(worker: String, summary: TimelineSummary)] {
      let inside = sightings.filter {
        SummaryBucket.start(of: $0.event.timestampMs) == bucketMs && range.contains($0.event.timestampMs)
      }
      return Dictionary(grouping: inside, by: \.event.workerID).map { worker, sightings in
        guard worker.isEmpty else {
          return (
            worker, TimelineSummary(of: sightings.map { ($0.event, $0.cameraID) }, timeoutMs: timeoutMs)
          )
        }
        var summary = TimelineSummary(timeoutMs: timeoutMs)
        for sighting in sightings { summary.appendUnits(sighting.event) }
        return (worker, summary)
      }
    }
    let carried = SummaryBucket.start(of: window.startMs - timeoutMs)..<window.startMs
    func tell(_ worker: String) {
      let set = states.map(\.event).filter { $0.workerID == worker && $0.timestampMs < window.startMs }
        .max(by: Event.timelinePrecedes)
      if let set { aggregate.carry(worker: worker, state: set.kind, workstationID: set.workstationID) }
    }
    for bucket in buckets where carried.overlaps(bucket..<bucket + SummaryBucket.lengthMs) {
      for (worker, summary) in summaries(bucket, carried) {
        try Self.carry(worker, summary, bucket, to: &aggregate)
      }
    }
    for worker in aggregate.workersWithoutState { tell(worker) }
    aggregate.beginWindow()
    for bucket in buckets where bucket + SummaryBucket.lengthMs > window.startMs && bucket < limitMs {
      for (worker, summary) in summaries(bucket, window.startMs..<limitMs) {
        do {
          try Self.add(worker, summary, bucket, to: &aggregate)
        } catch WindowAggregator.Failure.needsState(let name) {
          tell(name)
          try Self.add(worker, summary, bucket, to: &aggregate)
        }
      }
      aggregate.endSlice(at: min(bucket + SummaryBucket.lengthMs, limitMs))
    }
    return aggregate
  }

  static func add(
    _ worker: String, _ summary: TimelineSummary, _ originMs: Int64, to aggregate: inout WindowAggregator
  ) throws {
    let name = Array(worker.utf8)
    let encoded = summary.encoded(originMs: originMs)
    try aggregate.add(worker: name.span, encoded.span, originMs: originMs)
  }

  static func carry(
    _ worker: String, _ summary: TimelineSummary, _ originMs: Int64, to aggregate: inout WindowAggregator
  ) throws {
    let name = Array(worker.utf8)
    let encoded = summary.encoded(originMs: originMs)
    try aggregate.carry(worker: name.span, encoded.span, originMs: originMs)
  }

  static func json(_ records: [KPIRecord]) -> [String] {
    records.map { String(decoding: $0.json(revision: nil), as: UTF8.self) }
  }

  @Test(.seeded, arguments: 0..<4)
  func summariesEqualTheNaiveOracleAndTheRecompute(part: Int) throws {
    let seed = Seed.one
    var random = TestRandom(seed: seed &+ UInt64(part))
    let centreMs: Int64 = 1_768_472_100_000
    for round in 0..<3000 {
      let sightings = RandomEvents.some(&random, around: centreMs, timeoutMs: Self.timeoutMs)
      let window = RandomEvents.window(&random, around: centreMs)
      let nowMs = window.startMs + Int64(random.below(Int(window.endMs - window.startMs) * 5 / 4 + 2))
      let offline: Set<String> = random.below(4) == 0 ? ["cam-0"] : []
      let siteWindow = RandomEvents.siteWindow(&random, window)
      let records = try Self.aggregate(sightings, window: siteWindow, nowMs: nowMs)
        .records(nowMs: nowMs, offlineCameras: offline)
      let naive = NaiveKPI(
        sightings, window: window, nowMs: nowMs, timeoutMs: Self.timeoutMs, offline: offline,
        lines: Self.lines(of: siteWindow), isOfSite: siteWindow.isOfSite)
      // The oracle uses the default of `kpi.min_coverage`; the aggregator leaves that to the publisher.
      let differences = naive.differences(from: records.map { $0.judged(minCoveragePercent: 50) })
      #expect(differences.isEmpty, "seed \(seed), round \(round): \(differences)")
      let histories = Dictionary(grouping: sightings, by: \.event.workerID).map { worker, sightings in
        let limitMs = max(window.startMs, min(nowMs, window.endMs))
        let last = sightings.filter { $0.event.timestampMs < limitMs }
          .max { Event.timelinePrecedes($0.event, $1.event) }
        return WorkerHistory(
          workerID: worker, events: sightings.map(\.event).shuffled(using: &random),
          lastCameraID: last?.cameraID)
      }
      let recomputed = KPICalculator(siteID: "p", stateTimeoutMs: Self.timeoutMs)
        .records(window: siteWindow, nowMs: nowMs, histories: histories, offlineCameras: offline)
      #expect(Self.json(records) == Self.json(recomputed), "seed \(seed), round \(round)")
      if !differences.isEmpty { return }
    }
  }

  /// For the oracle.
  static func lines(of window: SiteWindow) -> [NaiveKPI.Line] {
    window.layout.areas.flatMap { area in
      area.lines.map { line in
        NaiveKPI.Line(
          id: line.id, area: area.id, workstations: line.workstations,
          planned: window.planned(onLine: line.id)?.spans,
          isIncluded: window.lines.contains { $0.id == line.id })
      }
    }
  }

  /// A window continues from a checkpoint as if it had been read from the start.
  @Test func aCheckpointGoesOn() throws {
    let window = SiteWindow(Window(fromMs: 0, toMs: 7_200_000))
    let sightings = (0..<40).map { index in
      NaiveKPI.Sighting(
        KPICalculatorTests.event(
          Int64(index) * 170_000, index % 3 == 0 ? .idle : .working, "W\(index % 2)", "S\(index % 4)"), "cam")
    }
    let early = sightings.filter { $0.event.timestampMs < 1_800_000 }
    var checkpoint = try Self.aggregate(early, window: window, nowMs: 1_800_000)
    let late = sightings.filter { $0.event.timestampMs >= 1_800_000 && $0.event.timestampMs < 2_700_000 }
    for (worker, some) in Dictionary(grouping: late, by: \.event.workerID) {
      let summary = TimelineSummary(of: some.map { ($0.event, "cam") }, timeoutMs: Self.timeoutMs)
      try Self.add(worker, summary, 1_800_000, to: &checkpoint)
    }
    let whole = try Self.aggregate(sightings, window: window, nowMs: 2_700_000)
    #expect(
      Self.json(checkpoint.records(nowMs: 2_700_000, offlineCameras: []))
        == Self.json(whole.records(nowMs: 2_700_000, offlineCameras: [])))
  }
}
