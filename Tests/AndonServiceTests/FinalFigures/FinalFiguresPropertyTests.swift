import AndonCore
import GRDB
import TestSupport
import Testing

@testable import AndonConfiguration
@testable import AndonIngest
@testable import AndonStore

/// For any events and any cut-off: the figures of every window are the same before and after its events are deleted, and
/// they are those of the naive oracle.
@Suite(.ownThread) struct FinalFiguresPropertyTests {
  private static let days: Int64 = 6

  @Test(.seeded, arguments: 0..<8)
  func figuresOutliveTheirEvents(part: Int) throws {
    var random = SeededRandom(state: Seed.one &+ UInt64(part) &* 977)
    let plant = try FinalPlant(days: 8)
    try plant.live(workers: 4, days: Self.days, &random)
    if part % 2 == 0 { try plant.compact() }
    let all = plant.startMs - FinalPlant.dayMs..<plant.startMs + 7 * FinalPlant.dayMs
    let before = try plant.figures(all)
    let deletes = 1 + Int(random.next() % 3)
    var cutoffMs = plant.startMs
    for _ in 0..<deletes {
      cutoffMs += Int64(random.next() % UInt64(4 * FinalPlant.dayMs / Int64(deletes)))
      try plant.prune(before: cutoffMs)
      let after = try plant.figures(all)
      for (old, new) in zip(before, after) where old != new {
        Issue.record("seed \(Seed.one), part \(part): before \(old), after \(new)")
        return
      }
      try #require(before.count == after.count, "seed \(Seed.one), part \(part)")
    }
    let edgeMs = try #require(
      try plant.test.store.database.read { try StoreTransaction(reading: $0).finalRange() }?.upperBound)
    #expect(edgeMs > plant.startMs, "something was deleted")
    try expectEventsAnswerTheRest(plant, from: edgeMs, all)
    try expectOracle(plant, all, &random, "part \(part)")
  }

  /// What begins after the deleted events: open windows, any range, and a recompute from the rows that are left.
  private func expectEventsAnswerTheRest(_ plant: FinalPlant, from edgeMs: Int64, _ all: Range<Int64>) throws
  {
    let rest = edgeMs..<all.upperBound
    let summed = try plant.figures(rest)
    #expect(try !summed.isEmpty && summed == plant.figures(rest, recomputes: true))
    for window in [
      Window(fromMs: edgeMs, toMs: edgeMs + 1), Window(fromMs: edgeMs, toMs: edgeMs + 5_000_000),
    ] {
      let (site, store) = (plant.test.site, plant.test.store)
      let summed = try KPIQuery(site: site).records(store, windows: [window], nowMs: plant.nowMs)
      let recomputed = try KPIQuery(site: site, recomputes: true)
        .records(store, windows: [window], nowMs: plant.nowMs)
      #expect(summed == recomputed)
      expect(summed, in: plant, SiteWindow(window, layout: site.layout), "range after the edge")
    }
  }

  private func expectOracle(
    _ plant: FinalPlant, _ all: Range<Int64>, _ random: inout SeededRandom, _ about: String
  ) throws {
    for kind in [WindowKind.hour, .day] {
      let windows = plant.calendars.windows(kind, endingAfter: all.lowerBound, upTo: all.upperBound).joined()
      for window in windows where kind == .day || random.next() % 12 == 0 {
        let range = window.window.startMs..<window.window.endMs
        let records = try plant.records(kind, range)
        guard expect(records, in: plant, window, "seed \(Seed.one), \(about)") else { return }
        // A range that is exactly the window has the same figures.
        let asked = try KPIQuery(site: plant.test.site).range(
          fromMs: range.lowerBound, toMs: range.upperBound, plant.test.store, nowMs: plant.nowMs)
        #expect(asked.map(\.values) == records.map(\.values) && asked.allSatisfy { $0.window.kind == nil })
      }
    }
  }

  @discardableResult private func expect(
    _ records: [KPIRecord], in plant: FinalPlant, _ window: SiteWindow, _ about: String
  ) -> Bool {
    let lines = window.layout.areas.flatMap { area in
      area.lines.map { line in
        NaiveKPI.Line(
          id: line.id, area: area.id, workstations: line.workstations,
          planned: window.planned(onLine: line.id)?.spans)
      }
    }
    let naive = NaiveKPI(
      plant.sightings, window: window.window, nowMs: plant.nowMs, timeoutMs: FinalPlant.timeoutMs,
      lines: lines)
    let differences = naive.differences(from: records)
    #expect(differences.isEmpty, "\(about): \(differences)")
    return differences.isEmpty
  }
}
