import Foundation
import GRDB
import TestSupport
import Testing

@testable import AndonConfiguration
@testable import AndonCore
@testable import AndonIngest
@testable import AndonStore

/// What is told of reports: each change once, in order, and in the end what `andon report` finds.
@Suite(.ownThread, .seeded) struct ReportNoticeTests {
  private static let plant =
    #", ingest: {max_age: 30d}, kpi: {lateness: 36h}, shifts: [{id: early, start: "06:00", end: "14:00", "#
    + #"breaks: [{start: "10:00", end: "10:15"}]}, {id: late, start: "14:00", end: "22:00"}], "#
    + "areas: [{id: hall, lines: [{id: l1, workstations: [S1, S2]}, {id: l2, workstations: [S3], "
    + #"shifts: [{id: own, start: "07:30", end: "12:00"}]}]}], "#
    + "stops: {reasons: [{id: material, name: No material}, {id: setup, planned: true}]}, "
    + "targets: [{scope: line, id: l1, units_per_hour: 37}]"
  /// 06:00 of 2026-01-15.
  private static let startMs = TestSite.nowMs - 15_300_000
  private static let hourMs: Int64 = 3_600_000

  private struct Notice {
    var key: ReportKey
    var revision: Int64
    var isRetracted: Bool
    /// Without when it was read.
    var contents: NSDictionary
  }

  /// A site whose reports are told as the service does it.
  private final class Teller {
    let site: AlarmSite
    var live: LiveReports

    init(_ more: String = "") throws {
      site = try AlarmSite(ReportNoticeTests.plant + more)
      live = LiveReports(site: site.base.site, graceMs: 0, paceMs: 0)
    }

    func restart() throws {
      try site.restart()
      live = LiveReports(site: site.base.site, graceMs: 0, paceMs: 0)
    }

    /// Reads and tells until nothing is due; how many reports were read.
    @discardableResult func turn(atMs nowMs: Int64) throws -> Int {
      site.clock.nowMs = nowMs
      var count = 0
      while true {
        let reading = try live.read(site.store, nowMs: nowMs)
        count += reading.due.count
        let finding = ReportFinding(reports: reading.reports, withdrawn: reading.withdrawn)
        if !finding.isEmpty {
          _ = try site.turn.perform(SiteCommandQueue.PendingCommand(work: .reports(finding)) { _ in })
        }
        live.settle(reading)
        if reading.due.isEmpty { return count }
      }
    }

    func add(_ atMs: Int64, _ kind: String, at station: String = "S1", worker: String = "W1") {
      site.add(TestSite.event(atMs, kind, worker: worker).replacing(#""S1""#, with: "\"\(station)\""))
    }

    func notices() throws -> [Notice] {
      try site.store.outbox(after: 0, limit: 100_000).filter { $0.topic.contains("/report/") }.map { row in
        let object = try #require(ReportNoticeTests.object(row.payload))
        let key = ReportKey(
          try #require((object["scope"] as? String).flatMap(KPIScope.init)),
          try #require(object["id"] as? String), startMs: try #require(object["start_ms"] as? Int64))
        #expect(
          row.topic == "andon/v1/plant-a/report/\(key.scope.rawValue)/\(key.id)" && row.schema == "report/1")
        return Notice(
          key: key, revision: try #require(object["rev"] as? Int64),
          isRetracted: object["retracted"] as? Bool ?? false, contents: ReportNoticeTests.contents(object))
      }
    }
  }

  private static func object(_ json: [UInt8]) -> [String: Any]? {
    try? JSONSerialization.jsonObject(with: Data(json)) as? [String: Any]
  }

  /// Without when it was read, and which telling it is.
  private static func contents(_ object: [String: Any]) -> NSDictionary {
    func plain(_ value: Any) -> Any {
      switch value {
      case let object as [String: Any]:
        object.filter { !["timestamp_ms", "ts", "rev"].contains($0.key) }.mapValues(plain)
      case let list as [Any]: list.map(plain)
      default: value
      }
    }
    return plain(object) as? NSDictionary ?? [:]
  }

  private static func id(_ scope: KPIScope, _ id: String, hour: Int64) -> ReportKey {
    ReportKey(scope, id, startMs: startMs + hour * hourMs)
  }

  @Test func aReportIsToldOnceAtTheEndOfItsShiftAndAgainWhenItChanges() throws {
    let teller = try Teller()
    let at = { (hour: Int64) in Self.startMs + hour * Self.hourMs }
    teller.add(at(0), "working")
    try teller.site.commit(atMs: at(1))
    try teller.turn(atMs: at(6) - 1)
    #expect(try teller.notices().isEmpty, "no shift is over that has data")
    try teller.turn(atMs: at(6))
    #expect(try teller.notices().map(\.key) == [Self.id(.line, "l2", hour: 0).shifted(90)])
    try teller.turn(atMs: at(8))
    #expect(
      try teller.notices().dropFirst().map(\.key) == [
        Self.id(.site, "plant-a", hour: 0), Self.id(.line, "l1", hour: 0),
      ])
    #expect(try teller.turn(atMs: at(9)) == 0, "nothing changed, nothing is read")
    // A late event, a reason, a target: each changes what it is about.
    teller.add(at(5), "product_count", at: "S2")
    try teller.site.commit(atMs: at(9))
    try teller.turn(atMs: at(9))
    #expect(try teller.notices().suffix(2).map(\.revision) == [2, 2])
    _ = try teller.site.commands([
      ("stop", "reason", #"{"stop_id":"S3:\#(at(0) + 5_400_000)","reason":"setup"}"#)
    ])
    try teller.turn(atMs: at(9))
    let told = try teller.notices()
    #expect(told.last?.key == Self.id(.line, "l2", hour: 0).shifted(90) && told.last?.revision == 2)
    _ = try teller.site.commands([
      ("target", "set", #"{"scope":"line","id":"l1","units_per_hour":50,"from_ms":\#(at(2))}"#)
    ])
    try teller.turn(atMs: at(9))
    #expect(try teller.notices().last?.key == Self.id(.line, "l1", hour: 0))
    #expect(try teller.notices().last?.revision == 3)
    let count = try teller.notices().count
    try teller.restart()
    #expect(try teller.turn(atMs: at(9)) > 0, "read again after a restart")
    #expect(try teller.notices().count == count, "and not told again")
  }

  @Test func fault215_aShiftThatIsClosedAfterwardsIsTakenBackAndComesAgain() throws {
    let teller = try Teller()
    let at = { (hour: Int64) in Self.startMs + hour * Self.hourMs }
    teller.add(at(0), "working")
    try teller.site.commit(atMs: at(1))
    try teller.turn(atMs: at(9))
    let key = Self.id(.line, "l1", hour: 0)
    func close() throws {
      let answers = try teller.site.commands([
        ("calendar", "close", #"{"from":"2026-01-15","reason":"strike"}"#)
      ])
      #expect(answers.map(\.code) == ["ok"])
    }
    try close()
    try teller.turn(atMs: at(9))
    try teller.turn(atMs: at(10))
    try teller.restart()
    try teller.turn(atMs: at(10))
    var told = try teller.notices().filter { $0.key == key }
    #expect(told.map(\.revision) == [1, 2] && told.map(\.isRetracted) == [false, true])
    #expect(told[1].contents["figures"] == nil && told[1].contents["shift_id"] as? String == "early")
    _ = try teller.site.commands([("calendar", "clear", #"{"from":"2026-01-15"}"#)])
    try teller.turn(atMs: at(11))
    told = try teller.notices().filter { $0.key == key }
    #expect(told.map(\.revision) == [1, 2, 3] && told[2].contents == told[0].contents)
  }

  @Test func withoutShiftsInKPIWindowsNothingIsTold() throws {
    let site = try AlarmSite(
      Self.plant.replacing("lateness: 36h", with: "lateness: 36h, windows: [hour, day]"))
    #expect(!site.base.site.kpi.windows.contains("shift"))
  }

  /// Events in any order, reasons, targets, closures and restarts: in the end the last telling of each report is the
  /// report, revisions have no hole, and what is no shift any more is taken back.
  @Test(arguments: Seed.many(1..<7)) func fault214_whatWasToldLastIsTheReport(seed: UInt64) throws {
    var random = SeededRandom(state: seed &* 7919)
    func below(_ limit: Int64) -> Int64 { Int64(random.next() % UInt64(limit)) }
    let teller = try Teller()
    let site = teller.site
    var nowMs = Self.startMs
    site.clock.nowMs = nowMs
    for _ in 0..<110 {
      nowMs += 1000 * (1 + below(2400))
      for _ in 0..<below(6) {
        let lateMs = below(2) == 0 ? below(20_000) : below(30 * Self.hourMs)
        teller.add(
          nowMs - lateMs, ["working", "idle", "absent", "product_count"][Int(below(4))],
          at: "S\(1 + below(4))", worker: "W\(below(4))")
      }
      try site.commit(atMs: nowMs)
      switch below(8) {
      case 0:
        _ = try site.commands([
          ("stop", "reason", "S\(1 + below(3)) \(["material", "setup", "none"][Int(below(3))])")
        ])
      case 1:
        let fromMs = nowMs - below(30 * Self.hourMs)
        _ = try site.commands([
          ("target", "set", #"{"scope":"site","units_per_hour":\#(1 + below(90)),"from_ms":\#(fromMs)}"#)
        ])
      case 2:
        let day = "2026-01-\(14 + below(3))"
        _ = try site.commands([
          below(2) == 0
            ? ("calendar", "close", #"{"from":"\#(day)","reason":"x"}"#)
            : ("calendar", "clear", #"{"from":"\#(day)"}"#)
        ])
      default: break
      }
      if below(3) > 0 { try teller.turn(atMs: nowMs) }
      if below(12) == 0 { try teller.restart() }
    }
    _ = try check(teller, nowMs, seed)
    // What was closed is open again.
    _ = try site.commands([("calendar", "clear", "{}")])
    let count = try check(teller, nowMs, seed)
    #expect(count > 2, "seed \(seed)")
    #expect(try teller.notices().contains { $0.revision > 2 }, "seed \(seed)")
  }

  /// That the last telling of each report is the report, and how many there are.
  private func check(_ teller: Teller, _ nowMs: Int64, _ seed: UInt64) throws -> Int {
    let site = teller.site
    try teller.turn(atMs: nowMs)
    #expect(try teller.turn(atMs: nowMs) == 0, "seed \(seed): everything is settled")
    var last: [ReportKey: Notice] = [:]
    for notice in try teller.notices() {
      #expect(notice.revision == (last[notice.key]?.revision ?? 0) + 1, "seed \(seed): \(notice.key)")
      #expect(notice.revision > 1 || !notice.isRetracted)
      last[notice.key] = notice
    }
    let oldestMs = nowMs - 36 * Self.hourMs
    let ended = try site.store.calendars(of: site.base.site)
      .windows(.shift, endingAfter: oldestMs, upTo: nowMs).joined()
    let firstMs = try #require(try site.store.buckets(in: 0..<nowMs).first)
    var count = 0
    for window in ended where window.window.endMs > firstMs {
      for line in window.lines.map(Optional.some) + (window.isOfSite ? [nil] : []) {
        let startMs = window.window.startMs
        let report = try #require(
          try ShiftReportQuery(site: site.base.site, line: line)
            .report(site.store, atMs: startMs, nowMs: nowMs))
        #expect(report.key.startMs == startMs)
        let known = last.removeValue(forKey: report.key)
        let told = try #require(known, "seed \(seed): \(report.key)")
        let wanted = Self.contents(try #require(Self.object(ReportNotice(report, revision: 1).json)))
        #expect(!told.isRetracted && told.contents == wanted, "seed \(seed): \(report.key)")
        count += 1
      }
    }
    // Others are over for longer than corrections are told, or are taken back.
    let told = try site.store.toldReports(endingAfter: oldestMs, upTo: nowMs)
    for key in last.keys where told.contains(where: { $0.key == key }) {
      #expect(last[key]?.isRetracted == true, "seed \(seed): \(key)")
    }
    return count
  }

  /// A file of the version before has no table of what was told: everything is told once.
  @Test func aFileOfTheVersionBeforeIsMigrated() throws {
    let teller = try Teller()
    teller.add(Self.startMs, "working")
    try teller.site.commit(atMs: Self.startMs + Self.hourMs)
    let base = teller.site.base
    let copy = base.store.path + ".before"
    try base.store.backup(to: copy)
    try DatabaseQueue(path: copy).write { db in
      try db.execute(
        sql: "DROP TABLE told_report; DELETE FROM grdb_migrations WHERE identifier = 'told reports'")
    }
    let store = try SiteStore.openForWriting(path: copy, siteID: "plant-a")
    let nowMs = Self.startMs + 9 * Self.hourMs
    var live = LiveReports(site: base.site, graceMs: 0, paceMs: 0)
    #expect(try live.read(store, nowMs: nowMs).reports.count == 3)
    #expect(try store.toldReports(endingAfter: 0, upTo: .max).isEmpty)
  }
}

extension ReportKey {
  fileprivate func shifted(_ minutes: Int64) -> ReportKey {
    ReportKey(scope, id, startMs: startMs + minutes * 60_000)
  }
}
