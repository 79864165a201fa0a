import AndonCore
import Foundation
import TestSupport
import Testing

@testable import AndonConfiguration
@testable import AndonIngest
@testable import AndonStore

/// Commands on targets: effective at once, kept over a restart, journalled, refused with words.
@Suite(.ownThread) struct TargetCommandTests {
  private static let plant =
    #", shifts: [{id: early, start: "06:00", end: "14:00", breaks: [{start: "09:00", end: "09:30"}]}], "#
    + "areas: [{id: hall, lines: [{id: l1, workstations: [S1, S2]}]}], "
    + "targets: [{scope: line, id: l1, units_per_hour: 100}]"
  private static let hourMs: Int64 = 3_600_000
  /// Thursday 2026-01-15, 10:15 UTC.
  private let nowMs = TestSite.nowMs

  private func run(_ site: AlarmSite, _ name: String, _ payload: String) throws -> AlarmSite.Answer {
    try #require(try site.commands([("target", name, payload)]).first)
  }

  private func shift(_ site: AlarmSite, _ scope: KPIScope, atMs: Int64? = nil) throws -> KPIRecord {
    let query = KPIQuery(site: site.base.site, scopes: [scope])
    return try #require(try query.window(.shift, site.store, nowMs: atMs ?? nowMs).first)
  }

  @Test func setAndClearCountAtOnceAndAfterARestart() throws {
    let site = try AlarmSite(Self.plant)
    // 06:00 to 10:15 without half an hour: 3.75 h.
    #expect(try shift(site, .line)[.targetUnits] == 375)
    #expect(try shift(site, .line)[.targetTotalUnits] == 750)
    let set = #"{"scope":"line","id":"l1","units":1500,"order":"4711","product":"hub","by":"lead"}"#
    #expect(try run(site, "set", set).code == "ok")
    for _ in 0..<2 {
      let record = try shift(site, .line)
      #expect(record[.targetTotalUnits] == 1500, "units are for the whole shift")
      #expect(record[.targetUnits] == 750)
      #expect(record[.gapUnits] == -750)
      #expect(record[.takt] == 18_000)
      #expect(record.labels == TargetLabels(order: "4711", product: "hub"))
      try site.restart()
    }
    // The next shift is as configured, and this one before now, too, after a clear from now on.
    #expect(try shift(site, .line, atMs: nowMs + 24 * Self.hourMs)[.targetTotalUnits] == 750)
    #expect(try run(site, "clear", #"{"scope":"line","id":"l1"}"#).code == "ok")
    #expect(try shift(site, .line)[.targetUnits] == 750)
    #expect(try shift(site, .line)[.targetTotalUnits] == 750 + 375)
    #expect(try shift(site, .line, atMs: nowMs + 1).labels == TargetLabels())
  }

  /// A station that makes nothing is behind its target, not missing.
  @Test func aWorkstationWithATargetHasARecordWithoutEvents() throws {
    let site = try AlarmSite(Self.plant)
    func station() throws -> KPIRecord {
      try #require(
        KPIQuery(site: site.base.site, scopes: [.workstation], id: "S2")
          .window(.shift, site.store, nowMs: nowMs).first)
    }
    #expect(try station()[.targetUnits] == nil)
    let from = nowMs - Self.hourMs
    let set = #"{"scope":"workstation","id":"S2","units_per_hour":12.5,"from_ms":\#(from)}"#
    #expect(try run(site, "set", set).code == "ok")
    let record = try station()
    #expect(record[.units] == 0)
    // 12.5 an hour in 09:15 to 10:15 without the break until 09:30: 9.375.
    #expect(record[.targetUnits] == 9)
    #expect(record[.gapUnits] == -9)
    #expect(record[.pace] == 0)
  }

  @Test(arguments: [
    ("set", #"{"scope":"line","id":"l1"}"#, "bad_request"),
    ("set", #"{"scope":"line","units":1}"#, "bad_request"),
    ("set", #"{"id":"l1","units":1}"#, "bad_request"),
    ("set", #"{"scope":"worker","id":"W1","units":1}"#, "bad_request"),
    ("set", #"{"scope":"line","id":"l1","units":1,"units_per_hour":2}"#, "bad_request"),
    ("set", #"{"scope":"line","id":"l1","units":0}"#, "bad_request"),
    ("set", #"{"scope":"line","id":"l1","units_per_hour":-3}"#, "bad_request"),
    ("set", #"{"scope":"line","id":"l1","units_per_hour":"many"}"#, "bad_request"),
    ("set", #"{"scope":"line","id":"l1","units_per_hour":true}"#, "bad_request"),
    ("set", #"{"scope":"line","id":"l1","units":true}"#, "bad_request"),
    ("set", #"{"scope":"site","id":7,"units_per_hour":5}"#, "bad_request"),
    ("set", #"{"scope":"line","id":"l2","units":1}"#, "unknown_line"),
    ("set", #"{"scope":"workstation","id":"S9","units":1}"#, "unknown_workstation"),
    ("set", #"{"scope":"site","id":"plant-b","units":1}"#, "unknown_site"),
    ("set", #"{"scope":"site","units":1,"from_ms":1768500000000}"#, "no_shift"),
    ("set", #"{"scope":"site","units_per_hour":1,"from_ms":9768500000000}"#, "bad_request"),
    ("clear", #"{"scope":"site"}"#, "nothing_to_clear"), ("raise", "{}", "unknown_command"),
  ])
  func whatCannotBeIsRefusedAndChangesNothing(_ name: String, _ payload: String, _ code: String) throws {
    let site = try AlarmSite(Self.plant)
    #expect(try run(site, name, payload).code == code)
    #expect(try site.store.targetChanges().isEmpty)
  }

  /// The same request again is answered the same and changes nothing.
  @Test func aRepeatedCommandIsDoneOnce() throws {
    let site = try AlarmSite(Self.plant)
    let set = #"{"req_id":"7","scope":"site","units_per_hour":60}"#
    let first = try run(site, "set", set)
    #expect(try run(site, "set", set) == first)
    #expect(try site.store.targetChanges().count == 1)
  }

  /// The journal is bounded: changes that decide nothing any more go, and the rest is refused from a limit on.
  @Test func theJournalIsBounded() throws {
    let site = try AlarmSite(Self.plant)
    let rate = try #require(TargetRate(unitsPerHour: 3))
    try site.store.commit { transaction in
      for number in 1..<SiteStore.targetChangeLimit {
        let change = TargetChange(
          TargetSubject(.site, "plant-a"), fromMs: nowMs + Int64(number) * 1000, rate: rate)
        try transaction.append(change, by: "x", isVerified: false, atMs: nowMs)
      }
    }
    for (number, code) in [(3000, "ok"), (3001, "too_many")] {
      let set = #"{"scope":"site","units_per_hour":5,"from_ms":\#(nowMs + Int64(number) * 1000)}"#
      #expect(try run(site, "set", set).code == code)
    }
    // Long after, only the last one decides anything.
    site.clock.nowMs += site.base.site.retention.eventsMs + 7 * 24 * Self.hourMs
    #expect(try run(site, "set", #"{"scope":"site","units_per_hour":5}"#).code == "ok")
    #expect(try site.store.targetChanges().count == 2)
  }

  @Test func aSiteWithoutShiftsHasTargetsAroundTheClock() throws {
    let site = try AlarmSite(", targets: [{scope: site, units_per_hour: 60}]")
    let record = try #require(
      try KPIQuery(site: site.base.site, scopes: [.site]).window(.hour, site.store, nowMs: nowMs).first)
    #expect(record[.targetUnits] == 15)
    #expect(record[.targetTotalUnits] == 60)
    #expect(try run(site, "set", #"{"scope":"site","units":5}"#).code == "no_shift")
  }

  @Test func ordersAreSummedOverTheirTargets() throws {
    let site = try AlarmSite(Self.plant)
    for (hour, order) in [(6, "a"), (7, "b"), (8, "a")] {
      let from = nowMs - nowMs % (24 * Self.hourMs) + Int64(hour) * Self.hourMs
      let set = #"{"scope":"line","id":"l1","units_per_hour":10,"order":"\#(order)","from_ms":\#(from)}"#
      #expect(try run(site, "set", set).code == "ok")
      site.add(
        """
        {"timestamp":\(from + 60_000),"worker_id":"W1","workstation_id":"S1","event_type":"product_count",
        "count":\(hour),"confidence":0.9}
        """)
    }
    try site.commit(atMs: nowMs)
    let sums = try #require(
      try KPIQuery(site: site.base.site, scopes: [.line, .site, .workstation])
        .orders(in: nowMs - 24 * Self.hourMs..<nowMs + Self.hourMs, site.store, nowMs: nowMs))
    #expect(sums.map { "\($0.order) \($0.units) of \($0.targetUnits)" } == ["a 14 of 28", "b 7 of 10"])
  }
}
