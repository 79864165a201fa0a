import AndonCore
import Foundation
import GRDB
import TestSupport
import Testing

@testable import AndonConfiguration
@testable import AndonIngest
@testable import AndonStore

/// Reasons by command: effective at once, kept over a restart, journalled, and kept by the part of a stop that overlaps
/// their time most.
@Suite(.ownThread) struct StopReasonCommandTests {
  private static let plant =
    #", ingest: {max_age: 30d}, shifts: [{id: early, start: "06:00", end: "14:00"}], "#
    + #"workstations: {S1: {name: Press}, S2: {name: Saw}}, "#
    + #"stops: {reasons: [{id: material, name: "No material"}, {id: setup, planned: true}]}"#
  /// 10:15; the shift began at 06:00.
  private static let nowMs = TestSite.nowMs
  private static let startMs = nowMs - 15_300_000

  private func run(_ site: AlarmSite, _ payload: String) throws -> AlarmSite.Answer {
    try #require(try site.commands([("stop", "reason", payload)]).first)
  }

  /// `workstation minutes reason` of each stop of today's shift.
  private func stops(_ site: AlarmSite) throws -> [String] {
    let nowMs = site.clock.nowMs
    return try StopQuery(site: site.base.site)
      .stops(overlapping: Self.startMs..<nowMs, site.store, nowMs: nowMs)
      .map { "\($0.stop.workstationID) \($0.stop.durationMs / 60_000) \($0.given?.reasonID ?? "-")" }
  }

  private func journal(_ site: AlarmSite) throws -> [GivenReason] {
    try site.store.givenReasons(overlapping: 0..<Int64.max / 2)
  }

  private static func event(_ atMs: Int64, _ kind: String = "working", at station: String = "S1") -> String {
    TestSite.event(atMs, kind).replacing(#""S1""#, with: "\"\(station)\"")
  }

  @Test func aReasonCountsAtOnceAndAfterARestart() throws {
    let site = try AlarmSite(Self.plant)
    #expect(try stops(site) == ["S1 255 -", "S2 255 -"])
    let first = try run(
      site,
      #"{"req_id":"1","stop_id":"S1:\#(Self.startMs)","reason":"material","comment":"steel","by":"m.rossi"}"#)
    #expect(first.code == "ok" && first.text.contains(#""stop_id":"S1:\#(Self.startMs)""#), "\(first)")
    #expect(try run(site, "S2 setup").code == "ok")
    let expected = ["S1 255 material", "S2 255 setup"]
    #expect(try stops(site) == expected)
    try site.restart()
    #expect(try stops(site) == expected)
    let rows = try journal(site)
    #expect(rows.map(\.by) == ["m.rossi", "mqtt"] && rows.map(\.comment) == ["steel", nil])
    #expect(rows.allSatisfy { $0.endMs == nil && $0.atMs == Self.nowMs && !$0.isByVerified })
    // The open stop is found by its workstation, also when it begins elsewhere; its id by any of its instants.
    #expect(try run(site, #"{"workstation_id":"S1","reason":"setup"}"#).code == "ok")
    #expect(try run(site, #"{"stop_id":"S2:\#(Self.nowMs - 60_000)","reason":"material"}"#).code == "ok")
    #expect(try stops(site) == ["S1 255 setup", "S2 255 material"])
    #expect(try run(site, "S1:\(Self.startMs) none").code == "ok")
    #expect(try stops(site) == ["S1 255 -", "S2 255 material"])
    #expect(try journal(site).map(\.reasonID) == ["material", "setup", "setup", "material", nil])
  }

  @Test func theSameAgainIsDoneOnce() throws {
    let site = try AlarmSite(Self.plant)
    for _ in 0..<3 { #expect(try run(site, "S1 material").code == "ok") }
    let numbered = #"{"req_id":"7","workstation_id":"S1","reason":"setup"}"#
    let first = try run(site, numbered)
    #expect(try run(site, "S1 material").code == "ok")
    #expect(try run(site, numbered) == first)
    #expect(try journal(site).map(\.reasonID) == ["material", "setup", "material"])
    #expect(try run(site, "S2 none").code == "ok")
    #expect(try journal(site).count == 3, "nothing was there to take away")
  }

  @Test(arguments: [
    ("S1 materials", "unknown_reason", "did you mean material?; the site has material, setup, none"),
    ("S1 power", "unknown_reason", "the site has material, setup, none"),
    ("S9 material", "no_stop", "workstation S9 has had no stop in the last seven days"),
    ("S1:7 material", "no_stop", "there is no stop S1:7"), ("S1", "bad_request", "such as S3 material"),
    ("S1 material now", "bad_request", "such as S3 material"),
    ("S1:x material", "bad_request", "stop_id must be"),
    (#"{"reason":"material"}"#, "bad_request", "stop_id or workstation_id is missing"),
    (#"{"workstation_id":"S1"}"#, "bad_request", "reason is missing"),
    (#"{"workstation_id":"S1","stop_id":"S1:7","reason":"setup"}"#, "bad_request", "one is enough"),
    (#"{"workstation_id":7,"reason":"setup"}"#, "bad_request", "workstation_id must be"),
  ])
  func whatCannotBeIsRefusedWithWords(_ payload: String, _ code: String, _ words: String) throws {
    let site = try AlarmSite(Self.plant)
    let answer = try run(site, payload)
    #expect(answer.code == code && answer.text.contains(words), "\(answer)")
    #expect(try journal(site).isEmpty)
  }

  @Test func withoutReasonsOrWithAnotherCommandItSaysSo() throws {
    let site = try AlarmSite(#", shifts: [{id: early, start: "06:00", end: "14:00"}]"#)
    #expect(try run(site, "S1 material").text.contains("list them under stops.reasons"))
    #expect(try site.commands([("stop", "cause", "S1 material")]).map(\.code) == ["unknown_command"])
  }

  @Test func theEventsThatCameBeforeTheCommandCount() throws {
    let site = try AlarmSite(Self.plant)
    // In one batch: work until ten minutes ago, then the command.
    site.add(Self.event(Self.nowMs - 1_200_000))
    site.add(Self.event(Self.nowMs - 600_000, "idle"))
    let answer = try run(site, "S1 material")
    #expect(answer.text.contains("S1:\(Self.nowMs - 600_000)"), "\(answer)")
    #expect(try stops(site).contains("S1 10 material"))
  }

  @Test func fault202_lateEventsMoveTheStopAndNotTheReason() throws {
    let site = try AlarmSite(Self.plant)
    #expect(try run(site, "S1 material").code == "ok")
    // Work at 09:00 that comes late: the part before it overlaps more.
    site.add(Self.event(Self.startMs + 10_800_000))
    site.add(Self.event(Self.startMs + 10_860_000, "idle"))
    _ = try site.turn.commitAdded()
    #expect(try stops(site) == ["S1 180 material", "S2 255 -", "S1 74 -"])
    // Work all the time: no stop is left, and the reason waits.
    for minute in stride(from: Int64(0), to: 255, by: 2) {
      site.add(Self.event(Self.startMs + minute * 60_000))
    }
    _ = try site.turn.commitAdded()
    #expect(try stops(site).allSatisfy { !$0.contains("material") })
    #expect(try journal(site).count == 1)
    try site.restart()
    #expect(try journal(site).map(\.reasonID) == ["material"])
  }

  @Test func aStuckButtonDoesNotFillTheFile() throws {
    let site = try AlarmSite(Self.plant)
    for number in 0..<StoreTransaction.reasonsForOneStop {
      #expect(try run(site, number % 2 == 0 ? "S1 material" : "S1 setup").code == "ok")
    }
    #expect(try run(site, "S1 material").code == "too_many")
    #expect(try run(site, "S2 material").code == "ok")
    #expect(try journal(site).count == StoreTransaction.reasonsForOneStop + 1)
  }

  @Test func fault203_theNameOfWhoGaveAReasonGoesAndTheReasonStays() throws {
    let site = try AlarmSite(Self.plant)
    site.add(Self.event(Self.nowMs - 3_600_000))
    #expect(try run(site, #"{"workstation_id":"S2","reason":"setup","by":"W1"}"#).code == "ok")
    _ = try site.turn.perform(EraseCommand(workerID: "W1", isTrial: false))
    #expect(try journal(site).map(\.by) == ["erased"])
    #expect(try run(site, #"{"workstation_id":"S2","reason":"material","by":"secret-anna"}"#).code == "ok")
    var cutoffs = RecordCutoffs(0)
    cutoffs.peopleNamesMs = Self.nowMs + 1
    while try site.store.pruneRecords(before: cutoffs) > 0 {}
    #expect(try journal(site).map(\.by) == ["", ""] && stops(site).contains("S2 255 material"))
    cutoffs = RecordCutoffs(0)
    cutoffs.figuresMs = Self.startMs + 1
    while try site.store.pruneRecords(before: cutoffs) > 0 {}
    #expect(try journal(site).isEmpty)
  }

  @Test func stopsThatAreNotShownTakeNoReason() throws {
    let site = try AlarmSite(Self.plant + ", privacy: {min_group: 2}")
    site.add(Self.event(Self.startMs, "idle"))
    _ = try site.turn.commitAdded()
    #expect(try run(site, "S1:\(Self.startMs) material").code == "no_stop")
    #expect(try run(site, "S2:\(Self.startMs) material").code == "ok")
  }

  @Test func aFileOfBeforeGetsTheJournal() throws {
    let test = try TestSite(Self.plant)
    test.add(Self.event(Self.nowMs))
    _ = try test.turn.commitAdded()
    let path = NSTemporaryDirectory() + "before-\(UUID().uuidString).db"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try FileManager.default.copyItem(atPath: test.store.path, toPath: path)
    // What is still in the log of the other file.
    try? FileManager.default.copyItem(atPath: test.store.path + "-wal", toPath: path + "-wal")
    try DatabaseQueue(path: path).write { db in
      try db.execute(
        sql: "DROP TABLE stop_reason; DELETE FROM grdb_migrations WHERE identifier = 'reasons of stops'")
    }
    let store = try SiteStore.openForWriting(path: path, siteID: "plant-a")
    #expect(try store.givenReasons(overlapping: 0..<Int64.max / 2).isEmpty && store.eventCount() == 1)
  }
}
