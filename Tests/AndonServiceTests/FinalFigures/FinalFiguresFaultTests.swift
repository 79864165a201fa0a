import AndonCore
import GRDB
import TestSupport
import Testing

@testable import AndonConfiguration
@testable import AndonIngest
@testable import AndonStore

/// Rows 180 to 184 of docs/reliability.md: events go, their figures stay.
@Suite(.ownThread) struct FinalFiguresFaultTests {
  private static let dayMs = FinalPlant.dayMs

  private func plant(days: Int64 = 8, more: String = "") throws -> FinalPlant {
    var random = SeededRandom(state: 11)
    let plant = try FinalPlant(days: days, more: more)
    try plant.live(workers: 3, days: days - 2, &random)
    return plant
  }

  private func execute(_ sql: String, _ plant: FinalPlant) throws {
    try DatabaseQueue(path: plant.test.store.path).write { try $0.execute(sql: sql) }
  }

  private func edgeMs(_ plant: FinalPlant) throws -> Int64? {
    try plant.test.store.database.read { try StoreTransaction(reading: $0).finalRange()?.upperBound }
  }

  /// The events go in the transaction that writes their figures: an end of it leaves the events or the figures.
  @Test func fault180_whatEndsAStepLeavesTheEventsOrTheFigures() throws {
    let plant = try plant()
    let all = plant.startMs..<plant.nowMs
    let (before, events) = (try plant.figures(all), try plant.test.store.eventCount())
    for (table, operation) in [
      ("final_figures", "INSERT"), ("final_range", "INSERT"), ("carried_state", "INSERT"),
    ] {
      try execute(
        "CREATE TRIGGER ends BEFORE \(operation) ON \(table) BEGIN SELECT RAISE(ABORT, 'ended'); END", plant)
      #expect(throws: DatabaseError.self) { try plant.prune(before: plant.startMs + 2 * Self.dayMs) }
      #expect(try plant.test.store.eventCount() == events, "\(table)")
      #expect(try edgeMs(plant) == nil)
      #expect(try plant.figures(all) == before, "\(table)")
      try execute("DROP TRIGGER ends", plant)
    }
    try plant.prune(before: plant.startMs + 2 * Self.dayMs)
    #expect(try plant.test.store.eventCount() < events)
    #expect(try plant.figures(all) == before)
  }

  /// A late event of a window whose figures were read, but not yet written.
  @Test func fault181_anEventBetweenReadingAndWritingFiguresIsInThem() throws {
    let plant = try plant()
    let (store, cutoffMs) = (plant.test.store, SummaryBucket.start(of: plant.startMs + Self.dayMs))
    let rule = plant.rule(cutoffMs: cutoffMs)
    let plan = try #require(try store.database.read { try PrunePlan(before: cutoffMs, rule, store, $0) })
    #expect(try store.commit { try !store.isObsolete(plan, $0.db) })
    plant.test.add(
      TestSite.event(plant.startMs + 3_600_000, "product_count", worker: "W0", more: #","count":7"#))
    _ = try plant.test.turn.commitAdded()
    #expect(try store.commit { try store.isObsolete(plan, $0.db) }, "it is read again")
    let newer = try #require(try store.database.read { try PrunePlan(before: cutoffMs, rule, store, $0) })
    // An event of a window that is kept does not matter.
    plant.test.add(TestSite.event(plant.nowMs - 60_000, worker: "W0"))
    _ = try plant.test.turn.commitAdded()
    #expect(try store.commit { try !store.isObsolete(newer, $0.db) })
  }

  /// A clock that was set back lets in events of windows that are final.
  @Test func fault181_anEventOfAFinalWindowChangesNothing() throws {
    let plant = try plant()
    let all = plant.startMs..<plant.nowMs
    try plant.prune(before: plant.startMs + 3 * Self.dayMs)
    let (before, edge) = (try plant.figures(all), try edgeMs(plant))
    plant.test.add(TestSite.event(plant.startMs + Self.dayMs, worker: "W9"))
    plant.test.add(TestSite.event(plant.startMs + Self.dayMs + 1, worker: "W0"))
    _ = try plant.test.turn.commitAdded()
    #expect(try plant.figures(all) == before)
    let steps = try plant.prune(before: plant.startMs + 3 * Self.dayMs)
    #expect(steps.reduce(0) { $0 + $1.deleted } == 2, "they are deleted again")
    #expect(try plant.figures(all) == before && edgeMs(plant) == edge)
  }

  /// A window that may still change keeps its events.
  @Test func fault181_eventsOfAWindowThatMayChangeAreKept() throws {
    let plant = try plant()
    let cutoffMs = SummaryBucket.start(of: plant.startMs + 2 * Self.dayMs)
    let rule = plant.rule(cutoffMs: cutoffMs, settledMs: plant.startMs + Self.dayMs)
    while try !plant.test.store.pruneStep(before: cutoffMs, keeping: rule).isDone {}
    let oldest = try #require(try plant.test.store.oldestEventMs())
    #expect(oldest < plant.startMs + Self.dayMs, "the day in which events may still arrive is whole")
    #expect(try edgeMs(plant).map { $0 <= plant.startMs + Self.dayMs } == true)
  }

  @Test func fault182_aRangeThatCutsAFinalWindowIsRefusedAndNeverApproximated() throws {
    let plant = try plant()
    try plant.prune(before: plant.startMs + 3 * Self.dayMs)
    let edgeMs = try #require(try edgeMs(plant))
    let (site, store) = (plant.test.site, plant.test.store)
    func range(_ fromMs: Int64, _ toMs: Int64, recomputes: Bool = false) throws -> [KPIRecord] {
      try KPIQuery(site: site, recomputes: recomputes).range(
        fromMs: fromMs, toMs: toMs, store, nowMs: plant.nowMs)
    }
    let hourMs: Int64 = 3_600_000
    let hour = (plant.startMs + Self.dayMs) / hourMs * hourMs
    #expect(try range(hour, hour + hourMs).allSatisfy { $0.source == .final && $0.window.name == "custom" })
    for (fromMs, toMs) in [
      (hour, hour + 2 * hourMs), (hour + 1, hour + hourMs), (edgeMs - 1, edgeMs + hourMs),
      (hour, plant.nowMs),
    ] {
      let gone = #expect(throws: FiguresGone.self) { try range(fromMs, toMs) }
      #expect(gone?.reason == .noWindow && gone?.eventsFromMs == edgeMs)
      #expect("\(gone.map { "\($0)" } ?? "")".contains(CivilTime.text(epochMs: edgeMs)), "it says from when")
    }
    #expect(throws: FiguresGone.self) { try range(hour, hour + hourMs, recomputes: true) }
    // As of a time at which it was open.
    let open = #expect(throws: FiguresGone.self) {
      try KPIQuery(site: site).window(.hour, store, nowMs: hour + 60_000)
    }
    #expect(open?.reason == .open)
    #expect(
      try !range(edgeMs, plant.nowMs).isEmpty && range(edgeMs, edgeMs + 1).allSatisfy { $0.source == nil })
  }

  /// The calendar of today is not that of then.
  @Test func fault183_aChangeOfShiftsDoesNotChangeFinalFigures() throws {
    let plant = try plant()
    let range = plant.startMs..<plant.startMs + 2 * Self.dayMs
    try plant.prune(before: plant.startMs + 3 * Self.dayMs)
    let before = try plant.records(.shift, range)
    #expect(Set(before.compactMap(\.window.shiftID)) == ["early", "late", "night", "x"])
    var site = plant.test.site
    site.shifts = [ShiftSettings(id: "only", startMinute: 60, endMinute: 120, breaks: [])]
    site.layout = SiteLayout()
    site.lineShifts = [:]
    let after = try KPIQuery(site: site).series(
      .shift, overlapping: range, plant.test.store, nowMs: plant.nowMs
    ) {
      $0.windows(.shift, endingAfter: range.lowerBound, upTo: range.upperBound).joined().map(\.self)
    }.filter { range.contains($0.window.startMs) }
    // The line of today is not that of then, either: it is no figure.
    #expect(after.map(Self.withoutPlace) == before.map(Self.withoutPlace))
  }

  private static func withoutPlace(_ record: KPIRecord) -> KPIRecord {
    var record = record
    record.place = nil
    return record
  }

  /// A damaged row is refused, and no other is.
  @Test func fault183_damagedFinalFiguresAreRefusedAlone() throws {
    let plant = try plant()
    try plant.prune(before: plant.startMs + 3 * Self.dayMs)
    let day = plant.startMs / Self.dayMs * Self.dayMs + Self.dayMs
    try execute(
      "UPDATE final_figures SET records = zeroblob(40) WHERE window_kind = 'day' AND scope = 'site' AND start_ms = \(day)",
      plant)
    let found = try plant.test.store.checkFinalFigures()
    #expect(found.count > 100 && found.damaged.count == 1)
    #expect(found.damaged.first?.hasPrefix("site figures of the day from") == true, "\(found.damaged)")
    let error = #expect(throws: StoreError.self) { try plant.records(.day, day..<day + 1) }
    #expect("\(error.map { "\($0)" } ?? "")".contains("final site figures of the day"))
    #expect(try !plant.records(.day, day..<day + 1, scopes: [.workstation, .worker]).isEmpty)
    #expect(try !plant.records(.day, day + Self.dayMs..<day + Self.dayMs + 1).isEmpty)
  }

  /// A damaged balance costs the state of one worker until its next event, and nothing else.
  @Test func fault183_aDamagedBalanceIsFoundAndPutRight() throws {
    let plant = try plant()
    try plant.prune(before: plant.startMs + 3 * Self.dayMs)
    let (store, site) = (plant.test.store, plant.test.site)
    let edgeMs = try #require(try edgeMs(plant))
    try execute("UPDATE carried_state SET kind = (kind + 1) % 3, last_ms = last_ms - 1", plant)
    func figures(recomputes: Bool) throws -> [KPIRecord] {
      let windows = [edgeMs + Self.dayMs, edgeMs + 2 * Self.dayMs, plant.nowMs].map {
        Window(fromMs: edgeMs, toMs: $0)
      }
      return try KPIQuery(site: site, recomputes: recomputes).records(
        store, windows: windows, nowMs: plant.nowMs)
    }
    #expect(try !figures(recomputes: false).isEmpty, "it is answered")
    let damage = store.damage.dequeueNew()
    #expect(damage.contains { $0.words.contains("from deleted events") }, "\(damage)")
    for part in damage { try store.repair(part, timeoutMs: site.ingest.stateTimeoutMs) }
    #expect(try figures(recomputes: false) == figures(recomputes: true))
  }

  /// A backlog of months is deleted in steps that hold acknowledgements for a moment each.
  @Test func fault184_aBacklogIsDeletedInBoundedSteps() throws {
    var random = SeededRandom(state: 5)
    let plant = try FinalPlant(days: 59)
    try plant.live(workers: 2, days: 2, &random)
    // A pause of weeks, and then life again.
    plant.test.add(TestSite.event(plant.startMs + 40 * Self.dayMs))
    _ = try plant.test.turn.commitAdded()
    let all = plant.startMs..<plant.startMs + 41 * Self.dayMs
    let before = try plant.figures(all)
    let rule = plant.rule(cutoffMs: plant.startMs + 42 * Self.dayMs)
    func rows() throws -> Int {
      try plant.test.store.database.read {
        try Int.fetchOne($0, sql: "SELECT count(*) FROM final_figures") ?? 0
      }
    }
    var (kept, steps, most) = (0, 0, 0)
    let cutoffMs = SummaryBucket.start(of: plant.startMs + 42 * Self.dayMs)
    while try !plant.test.store.pruneStep(before: cutoffMs, keeping: rule).isDone {
      let now = try rows()
      (most, kept, steps) = (max(most, now - kept), now, steps + 1)
    }
    #expect(steps >= 20 && most <= 70 * 5, "\(steps) steps, at most \(most) rows")
    #expect(try plant.figures(all) == before)
  }

  /// One age for everything: nothing is kept of what is deleted, and the rest answers as it always did.
  @Test func aPlainDurationKeepsNoFinalFigures() throws {
    let plant = try plant()
    let site = try SettingsLoader.parse(
      yaml: "store: {retention: 60d}\nsites: [{id: a, timezone: UTC}]", file: "x", environment: [:]
    ).sites[0]
    #expect(!site.retention.keepsFinals && plant.test.site.retention.keepsFinals)
    let cutoffMs = SummaryBucket.start(of: plant.startMs + 3 * Self.dayMs)
    while try plant.test.store.prune(before: cutoffMs) > 0 {}
    #expect(try edgeMs(plant) == nil)
    for range in [cutoffMs - Self.dayMs..<cutoffMs + Self.dayMs, cutoffMs..<plant.nowMs] {
      let window = Window(fromMs: range.lowerBound, toMs: range.upperBound)
      let figures = try [false, true].map { recomputes in
        try KPIQuery(site: plant.test.site, recomputes: recomputes)
          .records(plant.test.store, windows: [window], nowMs: plant.nowMs)
      }
      #expect(!figures[0].isEmpty && figures[0] == figures[1] && figures[0].allSatisfy { $0.source == nil })
    }
  }

  /// With a `kpi.lateness` longer than events are kept, a start publishes nothing of deleted events again.
  @Test func fault183_closedWindowsWithoutEventsAreNotPublishedAgain() throws {
    let plant = try plant(more: ", kpi: {lateness: 20d}")
    try plant.prune(before: plant.startMs + 3 * Self.dayMs)
    let edgeMs = try #require(try edgeMs(plant))
    var windows = LiveWindows(site: plant.test.site)
    let closed = try windows.read(plant.test.store, nowMs: plant.nowMs).closed
    #expect(!closed.isEmpty && closed.allSatisfy { $0.window.window.startMs >= edgeMs })
  }
}
