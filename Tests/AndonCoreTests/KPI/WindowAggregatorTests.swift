import TestSupport
import Testing

@testable import AndonCore

/// Summaries against the naive oracle and against the plain recompute, in thousands of random cases.
@Suite struct WindowAggregatorTests {
  static let timeoutMs: Int64 = 600_000

  /// In which form events are given: the cheapest that fits, as the store's reader does, or always one of the others.
  enum Form: CaseIterable { case sums, summaries, events }

  /// Aggregates from arrays as the store's reader does: whole buckets, and pieces at the edges.
  static func aggregate(
    _ sightings: [NaiveKPI.Sighting], window siteWindow: SiteWindow, nowMs: Int64, _ numbers: Numbers,
    _ form: Form = .summaries, scopes: Set<KPIScope> = Set(KPIScope.allCases)
  ) throws -> WindowAggregator {
    let window = siteWindow.window
    let limitMs = max(window.startMs, min(nowMs, window.endMs))
    let states = sightings.filter { $0.event.kind.isState }
    let firstSets = Dictionary(grouping: states, by: \.event.workerID)
      .map { (numbers.number($0.key), $0.value.map(\.event.timestampMs).min() ?? .max) }
    var aggregate = WindowAggregator(
      siteID: "p", window: siteWindow, timeoutMs: timeoutMs,
      firstSetMs: Dictionary(uniqueKeysWithValues: firstSets), scopes: scopes)
    let buckets = Set(sightings.map { SummaryBucket.start(of: $0.event.timestampMs) }).sorted()
    func lists(_ bucketMs: Int64, _ range: Range<Int64>) -> [(worker: Int32, list: EventList)] {
      let inside = sightings.filter {
        SummaryBucket.start(of: $0.event.timestampMs) == bucketMs && range.contains($0.event.timestampMs)
      }
      return Dictionary(grouping: inside, by: \.event.workerID).map { worker, sightings in
        (numbers.number(worker), numbers.list(sightings.map { ($0.event, $0.cameraID) }, originMs: bucketMs))
      }
    }
    let carried = SummaryBucket.start(of: window.startMs - timeoutMs)..<window.startMs
    func tell(_ worker: Int32) throws {
      let set = states.map(\.event).filter {
        numbers.number($0.workerID) == worker && $0.timestampMs < window.startMs
      }.max(by: Event.timelinePrecedes)
      guard let set else { return }
      try aggregate.carry(worker: worker, state: set.kind, workstation: numbers.number(set.workstationID))
    }
    for bucket in buckets where carried.overlaps(bucket..<bucket + SummaryBucket.lengthMs) {
      for (worker, list) in lists(bucket, carried) {
        try Self.carry(worker, list, bucket, form, to: &aggregate)
      }
    }
    for worker in aggregate.workersWithoutState { try tell(worker) }
    aggregate.beginWindow()
    let range = window.startMs..<limitMs
    for bucket in buckets where bucket + SummaryBucket.lengthMs > window.startMs && bucket < limitMs {
      let isWhole = range.lowerBound <= bucket && bucket + SummaryBucket.lengthMs <= range.upperBound
      for (worker, list) in lists(bucket, range) {
        do {
          try Self.add(worker, list, bucket, isWhole || form != .sums ? form : .summaries, to: &aggregate)
        } catch WindowAggregator.Failure.needsState(let worker) {
          try tell(worker)
          try Self.add(worker, list, bucket, isWhole || form != .sums ? form : .summaries, to: &aggregate)
        }
      }
      try aggregate.endSlice(at: min(bucket + SummaryBucket.lengthMs, limitMs), names: numbers.text)
    }
    return aggregate
  }

  private static func summary(_ worker: Int32, _ list: EventList, _ originMs: Int64) -> TimelineSummary {
    TimelineSummary(of: list, originMs: originMs, timeoutMs: timeoutMs, hasWorker: worker != 0)
  }

  static func add(
    _ worker: Int32, _ list: EventList, _ originMs: Int64, _ form: Form = .summaries,
    to aggregate: inout WindowAggregator
  ) throws {
    let summary = summary(worker, list, originMs)
    if form == .events { return try aggregate.add(worker: worker, list.entries, originMs: originMs) }
    if form == .sums,
      let isPlanned = aggregate.sumsArePlanned(in: originMs..<originMs + SummaryBucket.lengthMs)
    {
      var bytes: [UInt8] = []
      WorkerSums(worker: worker, summary, originMs: originMs).append(to: &bytes)
      return try aggregate.add(WorkerSums(bytes.span, at: 0), originMs: originMs, isPlanned: isPlanned)
    }
    let encoded = summary.encoded(originMs: originMs)
    try aggregate.add(worker: worker, encoded.span, originMs: originMs)
  }

  static func carry(
    _ worker: Int32, _ list: EventList, _ originMs: Int64, _ form: Form, to aggregate: inout WindowAggregator
  ) throws {
    let summary = summary(worker, list, originMs)
    let encoded = summary.encoded(originMs: originMs)
    switch form {
    case .sums:
      try aggregate.carry(WorkerSums(worker: worker, summary, originMs: originMs), originMs: originMs)
    case .summaries: try aggregate.carry(worker: worker, encoded.span, originMs: originMs)
    case .events: try aggregate.carry(worker: worker, list.entries, originMs: originMs)
    }
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
      let numbers = Numbers()
      let form = Form.allCases[random.below(Form.allCases.count)]
      let records = try Self.aggregate(sightings, window: siteWindow, nowMs: nowMs, numbers, form)
        .records(nowMs: nowMs, offlineCameras: offline, names: numbers.text)
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
      // Without workstations sums are added instead of runs.
      let scopes: Set<KPIScope> = random.below(2) == 0 ? [.site] : [.site, .worker]
      let few = try Self.aggregate(sightings, window: siteWindow, nowMs: nowMs, numbers, form, scopes: scopes)
        .records(nowMs: nowMs, offlineCameras: offline, names: numbers.text)
      #expect(
        Self.json(few) == Self.json(recomputed.filter { scopes.contains($0.scope) }),
        "seed \(seed), round \(round), \(form)")
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
    let numbers = Numbers()
    var checkpoint = try Self.aggregate(early, window: window, nowMs: 1_800_000, numbers)
    let late = sightings.filter { $0.event.timestampMs >= 1_800_000 && $0.event.timestampMs < 2_700_000 }
    for (worker, some) in Dictionary(grouping: late, by: \.event.workerID) {
      let list = numbers.list(some.map { ($0.event, "cam") }, originMs: 1_800_000)
      try Self.add(numbers.number(worker), list, 1_800_000, to: &checkpoint)
    }
    let whole = try Self.aggregate(sightings, window: window, nowMs: 2_700_000, numbers)
    #expect(
      try Self.json(checkpoint.records(nowMs: 2_700_000, offlineCameras: [], names: numbers.text))
        == Self.json(whole.records(nowMs: 2_700_000, offlineCameras: [], names: numbers.text)))
  }
}
