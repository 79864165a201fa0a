import AndonCore
import Foundation
import TestSupport
import Testing

@testable import AndonConfiguration
@testable import AndonIngest
@testable import AndonStore

/// A report says what the queries of its parts say.
@Suite(.ownThread) struct ShiftReportTests {
  private static let hourMs: Int64 = 3_600_000
  private static let plant =
    #", shifts: [{id: early, start: "06:00", end: "14:00", breaks: [{start: "09:00", end: "09:30"}]}], "#
    + "areas: [{id: hall, lines: [{id: l1, workstations: [S1, S2]}, {id: l2, workstations: [S3], "
    + #"shifts: [{id: own, start: "07:30", end: "12:00"}]}]}], "#
    + "stops: {min: 1m, reasons: [{id: material, name: No material}, {id: setup, name: Set-up, planned: true}]}, "
    + "targets: [{scope: line, id: l1, units_per_hour: 37}, {scope: site, units_per_hour: 50}]"
  /// Thursday 2026-01-15, 10:15 UTC.
  private let nowMs = TestSite.nowMs

  private func site(_ random: inout SeededRandom) throws -> AlarmSite {
    let site = try AlarmSite(Self.plant)
    let startMs = nowMs - nowMs % (24 * Self.hourMs) + 6 * Self.hourMs
    for number in 0..<400 {
      let atMs = startMs + Int64(random.next() % UInt64(nowMs - startMs))
      let kind = ["working", "idle", "absent", "product_count"][Int(random.next() % 4)]
      site.add(
        #"{"timestamp":\#(atMs),"worker_id":"W\#(number % 4)","workstation_id":"S\#(1 + random.next() % 3)","#
          + #""event_type":"\#(kind)","confidence":0.9,"event_id":"\#(number)"}"#)
    }
    try site.commit(atMs: nowMs)
    for _ in 0..<20 {
      let words = "S\(1 + random.next() % 3) \(["material", "setup", "none"][Int(random.next() % 3)])"
      _ = try site.commands([("stop", "reason", words)])
    }
    return site
  }

  @Test(.seeded, arguments: 0..<6) func aReportSaysWhatItsPartsSay(part: Int) throws {
    var random = SeededRandom(state: Seed.one &+ UInt64(part))
    let site = try site(&random)
    for (lineID, scope) in [("l1", KPIScope.line), ("l2", .line), (nil, .site)] as [(String?, KPIScope)] {
      let line = lineID.flatMap { site.base.site.layout.line($0) }
      let query = ShiftReportQuery(site: site.base.site, line: line)
      let report = try #require(try query.report(site.store, atMs: nowMs, nowMs: nowMs))
      let record = try #require(
        try KPIQuery(site: site.base.site, scopes: [scope], id: lineID)
          .window(.shift, site.store, nowMs: nowMs).first { $0.scope == scope })
      #expect(report.figures == record)
      #expect(report.hours.reduce(0) { $0 + ($1.units ?? 0) } == record[.units])
      #expect(report.hours.first?.startMs == record.window.startMs)
      #expect(zip(report.hours, report.hours.dropFirst()).allSatisfy { $0.endMs == $1.startMs })
      // Each hour is rounded for itself.
      let total = report.hours.last?.totalGapUnits
      #expect((total == nil) == (record[.gapUnits] == nil))
      if let total, let gap = record[.gapUnits] { #expect(abs(total - gap) <= Int64(report.hours.count)) }
      let parts = try StopQuery(site: site.base.site).stops(
        overlapping: record.window.startMs..<record.window.endMs, of: line.map { Set($0.workstations) },
        site.store, nowMs: nowMs)
      #expect(report.stops == parts.map { StopRecord($0, of: site.base.site) })
      #expect(report.pareto.reduce(0) { $0 + $1.stopMs } == parts.reduce(0) { $0 + $1.insideMs })
      for hour in report.hours {
        let lost = parts.map { part in
          let calendars = SiteCalendars(site.base.site)
          let window = calendars.window(fromMs: hour.startMs, toMs: hour.endMs, untilMs: nowMs)
          return (window.planned(at: part.stop.workstationID)?.spans ?? []).reduce(Int64(0)) { sum, span in
            let both = span.clamped(to: hour.startMs..<hour.endMs)
              .clamped(to: part.stop.startMs..<max(part.stop.startMs, part.stop.endMs))
            return sum + both.upperBound - both.lowerBound
          }
        }
        #expect(hour.largestMs == lost.max() ?? 0)
      }
    }
  }

  @Test func betweenShiftsItIsTheLastOneAndBeforeTheFirstNone() throws {
    var random = SeededRandom(state: 1)
    let site = try site(&random)
    let query = ShiftReportQuery(site: site.base.site, line: nil)
    let eveningMs = nowMs + 8 * Self.hourMs
    let report = try #require(try query.report(site.store, atMs: eveningMs, nowMs: eveningMs))
    #expect(report.figures.window.shiftID == "early" && report.figures.isFinal)
    #expect(report.hours.count == 8)
    let without = try AlarmSite()
    #expect(
      try ShiftReportQuery(site: without.base.site, line: nil)
        .report(without.store, atMs: nowMs, nowMs: nowMs) == nil)
  }
}
