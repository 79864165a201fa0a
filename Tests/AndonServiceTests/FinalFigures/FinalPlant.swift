import AndonCore
import TestSupport

@testable import AndonConfiguration
@testable import AndonIngest
@testable import AndonStore

/// A site with lines and shifts that keeps final figures longer than events.
final class FinalPlant {
  let test: TestSite
  let startMs: Int64
  let nowMs = TestSite.nowMs
  static let dayMs: Int64 = 86_400_000
  static let timeoutMs: Int64 = 600_000
  /// The accepted sightings.
  private(set) var sightings: [NaiveKPI.Sighting] = []

  private static let site = """
    , ingest: {max_age: 60d}, store: {retention: {events: 61d, worker_figures: 2y, figures: 5y}},
    shifts: [{id: early, start: "06:00", end: "14:00", breaks: [{start: "09:00", end: "09:20"}]},
      {id: late, start: "14:00", end: "22:00"}, {id: night, start: "22:00", end: "06:00"}],
    areas: [{id: a0, lines: [{id: l0, workstations: [S0]},
      {id: l1, workstations: [S1], shifts: [{id: early, start: "06:00", end: "14:00"},
        {id: x, start: "20:00", end: "04:07", breaks: [{start: "23:00", end: "23:20"}]}]}]}]
    """

  /// - Parameter days: how long before now the first event is.
  init(days: Int64, more: String = "") throws {
    test = try TestSite(Self.site + more)
    startMs = nowMs - days * Self.dayMs
  }

  var calendars: SiteCalendars { SiteCalendars(test.site) }

  /// Stores what workers do from the start to the end, in the order of arrival.
  ///
  /// States last, are refreshed by counts only, time out, and end with hours and days without an event.
  func live(workers: Int, days: Int64, _ random: inout SeededRandom) throws {
    let steps: [Int64] = [
      1, 60_000, 300_000, Self.timeoutMs - 1, Self.timeoutMs, Self.timeoutMs + 1, 1_800_000, 10_800_000,
      72_000_000,
    ]
    var all: [NaiveKPI.Sighting] = []
    for worker in 0..<workers {
      var atMs = startMs + Int64(random.next() % 7_200_000)
      var number = 0
      while atMs < startMs + days * Self.dayMs {
        number += 1
        // A run of counts keeps the state of long ago.
        let kind: EventKind =
          random.next() % 3 == 0 ? EventKind.allCases[Int(random.next() % 3)] : .productCount
        let event = Event(
          timestampMs: atMs, workerID: "W\(worker)", workstationID: "S\(random.next() % 3)", kind: kind,
          confidencePpm: Int32(600_000 + 100_000 * (random.next() % 4)),
          count: kind == .productCount ? Int32(random.next() % 5) : 0, eventID: "\(number)")
        all.append(NaiveKPI.Sighting(event, "cam-\(random.next() % 2)"))
        let isBusy = random.next() % 40 != 0
        atMs += isBusy ? steps[Int(random.next() % 5)] : steps[Int(random.next() % 9)]
      }
    }
    all.sort { Event.timelinePrecedes($0.event, $1.event) }
    for sighting in all {
      test.turn.add(payload: EventWriter.json(sighting.event), camera: sighting.cameraID)
      if random.next() % 200 == 0 { _ = try test.turn.commitAdded() }
    }
    _ = try test.turn.commitAdded()
    try test.turn.flush(closesAll: true)
    sightings = all.filter { ($0.event.confidencePpm ?? .max) >= 700_000 }
  }

  func compact() throws {
    while try test.store.compactBucket(before: nowMs, timeoutMs: Self.timeoutMs) {}
  }

  /// - Parameter settledMs: nothing before it changes any more; by default a day after the cut-off.
  func rule(cutoffMs: Int64, settledMs: Int64? = nil) -> FinalRule {
    var rule = FinalRule(test.site, presentMs: nowMs)
    rule.settledMs = settledMs ?? cutoffMs + Self.dayMs + 3_600_000
    return rule
  }

  /// Deletes in steps. Returns them.
  @discardableResult func prune(before cutoffMs: Int64) throws -> [PruneStep] {
    var steps: [PruneStep] = []
    let rule = rule(cutoffMs: cutoffMs)
    while true {
      let step = try test.store.pruneStep(before: SummaryBucket.start(of: cutoffMs), keeping: rule)
      if step.isDone { return steps }
      steps.append(step)
    }
  }

  /// The records of all windows that begin in a range, by kind and scope in the order of the answers, in one text each,
  /// without their source.
  func figures(_ range: Range<Int64>, recomputes: Bool = false) throws -> [String] {
    try WindowKind.allCases.flatMap { kind in
      let records = try records(kind, range, recomputes: recomputes)
      return KPIScope.allCases.flatMap { scope in records.filter { $0.scope == scope }.map(Self.text) }
    }
  }

  func records(
    _ kind: WindowKind, _ range: Range<Int64>, recomputes: Bool = false,
    scopes: Set<KPIScope> = Set(KPIScope.allCases)
  ) throws -> [KPIRecord] {
    let query = KPIQuery(site: test.site, recomputes: recomputes, scopes: scopes)
    func windows(_ calendars: SiteCalendars) -> [SiteWindow] {
      calendars.windows(kind, endingAfter: range.lowerBound, upTo: range.upperBound + 2 * Self.dayMs).joined()
        .filter { range.contains($0.window.startMs) }
        .sorted { ($0.window.startMs, $0.window.endMs) < ($1.window.startMs, $1.window.endMs) }
    }
    let records =
      try recomputes
      ? query.records(test.store, nowMs: nowMs, of: windows)
      : query.series(kind, overlapping: range, test.store, nowMs: nowMs, of: windows)
    return records.filter { range.contains($0.window.startMs) }
  }

  static func text(_ record: KPIRecord) -> String {
    var record = record
    record.source = nil
    return String(decoding: record.json(revision: nil), as: UTF8.self)
  }
}
