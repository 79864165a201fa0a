import AndonCore
import Foundation
import TestSupport
import Testing

@testable import AndonConfiguration
@testable import AndonIngest
@testable import AndonStore

/// What is compared is what a question for each window alone gives.
@Suite(.ownThread) struct CompareQueryTests {
  private static let dayMs: Int64 = 86_400_000
  private static let plant =
    #", ingest: {max_age: 60d}, shifts: [{id: early, start: "06:00", end: "14:00"}, {id: late, start: "14:00", end: "22:00"}], "#
    + "areas: [{id: hall, lines: [{id: l1, workstations: [S1, S2]}, {id: l2, workstations: [S3], "
    + #"shifts: [{id: own, start: "07:30", end: "12:00"}]}]}], targets: [{scope: line, id: l1, units_per_hour: 9}]"#
  /// Thursday 2026-01-15, 10:15 UTC.
  private let nowMs = TestSite.nowMs

  private func site(_ random: inout SeededRandom) throws -> AlarmSite {
    let site = try AlarmSite(Self.plant)
    for number in 0..<600 {
      let atMs = nowMs - Int64(random.next() % UInt64(30 * Self.dayMs))
      let kind = ["working", "idle", "absent", "product_count"][Int(random.next() % 4)]
      site.add(
        #"{"timestamp":\#(atMs),"worker_id":"W\#(number % 4)","workstation_id":"S\#(1 + random.next() % 3)","#
          + #""event_type":"\#(kind)","confidence":0.9,"event_id":"\#(number)"}"#)
    }
    try site.commit(atMs: nowMs)
    return site
  }

  @Test(.seeded, arguments: 0..<4) func eachWindowIsThatOfItsOwnQuestion(part: Int) throws {
    var random = SeededRandom(state: Seed.one &+ UInt64(part))
    let site = try site(&random)
    let subjects: [(KPIScope, String)] = [
      (.site, "plant-a"), (.area, "hall"), (.line, "l1"), (.line, "l2"), (.workstation, "S3"),
    ]
    for (scope, id) in subjects {
      let query = CompareQuery(site: site.base.site, scope: scope, id: id)
      for kind in WindowKind.allCases {
        let instants = (0..<2).map { _ in nowMs - Int64(random.next() % UInt64(30 * Self.dayMs)) }
        let found = try query.windows(kind, containing: instants, site.store, nowMs: nowMs)
        #expect(found.count == 2)
        for (ms, record) in zip(instants, found) {
          let wanted = try KPIQuery(site: site.base.site, scopes: [scope], id: id)
            .records(site.store, nowMs: nowMs) { $0.windows(kind, containing: ms) }
            .first { $0.scope == scope && $0.id == id }
          #expect(record == wanted)
        }
      }
      let weeks = try query.weeks(3, atMs: nowMs, site.store, nowMs: nowMs)
      // A workstation without events in a shift has no figures there.
      #expect(weeks.count == 4 || scope == .workstation, "\(scope) \(id)")
      let starts = weeks.map { $0.window.startMs }
      let steps = zip(starts, starts.dropFirst()).map { ($1 - $0) / (7 * Self.dayMs) }
      #expect(starts.last == weeks.last?.window.startMs && steps.allSatisfy { (1...3).contains($0) })
      #expect(zip(starts, starts.dropFirst()).allSatisfy { ($1 - $0) % (7 * Self.dayMs) == 0 })
      #expect(Set(weeks.map(\.window.shiftID)) == [scope == .workstation || id == "l2" ? "own" : "early"])
      for pair in ComparedWindow.all(weeks).dropFirst() {
        for metric in KPIMetric.allCases {
          guard let now = pair.record[metric], let then = pair.before?[metric] else {
            #expect(pair.change(of: metric) == nil)
            continue
          }
          #expect(pair.change(of: metric) == now - then)
        }
      }
    }
  }

  @Test func weeksEndWithTheLastShiftThatIsOverAndLeaveOutClosedOnes() throws {
    var random = SeededRandom(state: 1)
    let site = try site(&random)
    let query = CompareQuery(site: site.base.site, scope: .line, id: "l1")
    let last = try query.weeks(2, atMs: nil, site.store, nowMs: nowMs)
    let isLate = last.allSatisfy { $0.window.shiftID == "late" && $0.isFinal }
    #expect(last.count == 3 && isLate, "the late shift of yesterday, and of the weeks before")
    let answers = try site.commands([("calendar", "close", #"{"from":"2026-01-08","reason":"x"}"#)])
    #expect(answers.map(\.code) == ["ok"])
    let weeks = try query.weeks(2, atMs: nowMs, site.store, nowMs: nowMs)
    let starts = weeks.map { ($0.window.startMs - weeks[0].window.startMs) / Self.dayMs }
    #expect(starts == [0, 14])
  }

  @Test func whereNoShiftIsThereIsNone() throws {
    var random = SeededRandom(state: 2)
    let site = try site(&random)
    let query = CompareQuery(site: site.base.site, scope: .site, id: "plant-a")
    let nightMs = nowMs - 8 * 3_600_000
    #expect(
      try query.windows(.shift, containing: [nightMs, nowMs], site.store, nowMs: nowMs).map { $0 == nil } == [
        true, false,
      ])
  }
}
