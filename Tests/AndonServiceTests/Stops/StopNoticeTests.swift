import AndonCore
import Foundation
import TestSupport
import Testing

@testable import AndonConfiguration
@testable import AndonIngest
@testable import AndonStore

/// What is told of stops: each change once, in order, and in the end what a query finds.
@Suite(.ownThread, .seeded) struct StopNoticeTests {
  private static let plant =
    #", ingest: {max_age: 30d}, shifts: [{id: early, start: "06:00", end: "14:00", breaks: [{start: "10:00", end: "10:15"}]}, "#
    + #"{id: late, start: "14:00", end: "22:00"}], workstations: {S1: {name: Press}, S2: {name: Saw}}, "#
    + #"stops: {ask_after: 10m, reasons: [{id: material, name: "No material"}, {id: setup, planned: true}]}"#
  /// 06:00 of the day.
  private static let startMs = TestSite.nowMs - 15_300_000
  private static let minuteMs: Int64 = 60_000

  private struct Notice: Equatable {
    var stopID: String
    var revision: Int64
    var isRetracted: Bool
    var isOpen: Bool
    var endMs: Int64?
    var seconds: Double
    var reason: String?
    var asks: Bool
  }

  /// A site whose stops are told as the service does it.
  private final class Teller {
    let site: AlarmSite
    var live: LiveStops
    init(_ more: String = "") throws {
      site = try AlarmSite(StopNoticeTests.plant + more)
      live = LiveStops(site: site.base.site)
    }

    /// Reads and tells at a time.
    @discardableResult func turn(atMs nowMs: Int64) throws -> [StopPart] {
      site.clock.nowMs = nowMs
      let reading = try live.read(site.store, nowMs: nowMs)
      let finding = StopFinding(
        fromMs: reading.fromMs, records: reading.parts.map { StopRecord($0, of: site.base.site) })
      _ = try site.turn.perform(SiteCommandQueue.PendingCommand(work: .stops(finding)) { _ in })
      return reading.parts
    }

    func add(_ atMs: Int64, _ kind: String, at station: String = "S1", worker: String = "W1") {
      site.add(TestSite.event(atMs, kind, worker: worker).replacing(#""S1""#, with: "\"\(station)\""))
    }

    func notices(after sequence: Int64 = 0) throws -> [Notice] {
      try site.store.outbox(after: sequence, limit: 100_000).filter { $0.topic.contains("/stop_event/") }.map
      {
        let object = try JSONSerialization.jsonObject(with: Data($0.payload)) as? [String: Any] ?? [:]
        return Notice(
          stopID: object["stop_id"] as? String ?? "", revision: object["rev"] as? Int64 ?? 0,
          isRetracted: object["retracted"] as? Bool ?? false, isOpen: object["open"] as? Bool ?? false,
          endMs: object["end_ms"] as? Int64, seconds: object["duration_s"] as? Double ?? -1,
          reason: object["reason"] as? String, asks: object["ask"] as? Bool ?? false)
      }
    }
  }

  private static func id(_ station: String, _ minute: Int64) -> String {
    "\(station):\(startMs + minute * minuteMs)"
  }

  @Test func aStopIsToldWhenItIsOneWhenItAsksAndWhenItEnds() throws {
    let teller = try Teller(", areas: [{id: a, lines: [{id: l, workstations: [S1, S2]}]}]")
    let at = { (minute: Int64) in Self.startMs + minute * Self.minuteMs }
    // A whole quiet night was before: what was told of it does not matter here.
    try teller.turn(atMs: at(0))
    let before = try teller.site.store.outbox(after: 0, limit: 1000).last?.sequence ?? 0
    teller.add(at(0), "working", at: "S2", worker: "W2")
    try teller.site.commit(atMs: at(1))
    try teller.turn(atMs: at(3))
    #expect(try teller.notices(after: before).isEmpty, "not longer than stops.min")
    try teller.turn(atMs: at(3) + 1)
    var first = Notice(
      stopID: Self.id("S1", 0), revision: 1, isRetracted: false, isOpen: true, endMs: nil, seconds: 180.001,
      reason: nil, asks: false)
    #expect(try teller.notices(after: before) == [first])
    try teller.turn(atMs: at(5))
    #expect(try teller.notices(after: before).count == 1, "time alone changes nothing")
    _ = try teller.site.commands([("stop", "reason", "S1 material")])
    try teller.turn(atMs: at(6))
    (first.revision, first.seconds, first.reason) = (2, 360, "material")
    #expect(try teller.notices(after: before).last == first)
    _ = try teller.site.commands([("stop", "reason", "S1 none")])
    try teller.turn(atMs: at(10) + 1)
    (first.revision, first.seconds, first.reason, first.asks) = (3, 600.001, nil, true)
    #expect(try teller.notices(after: before).last == first)
    teller.site.clock.nowMs = at(12)
    teller.add(at(12), "working")
    try teller.site.commit(atMs: at(12))
    try teller.turn(atMs: at(13))
    let told = try teller.notices(after: before).filter { $0.stopID == first.stopID }
    (first.revision, first.isOpen, first.endMs, first.seconds) = (4, false, at(12), 720)
    #expect(told.count == 4 && told.last == first, "\(told)")
    let retained = try #require(
      try teller.site.store.lastToldStops().first { $0.workstation == "S1" }?.last?.payload)
    #expect(String(decoding: retained, as: UTF8.self).contains(#""rev":4"#))
  }

  @Test func fault204_aStopThatLateEventsTakeAwayIsRetractedOnce() throws {
    let teller = try Teller()
    let at = { (minute: Int64) in Self.startMs + minute * Self.minuteMs }
    try teller.turn(atMs: at(20))
    // Work from the beginning on, which comes late.
    for minute in stride(from: Int64(0), through: 20, by: 5) { teller.add(at(minute), "working") }
    try teller.site.commit(atMs: at(21))
    for minute in Int64(21)...23 { try teller.turn(atMs: at(minute)) }
    try teller.site.restart()
    teller.live = LiveStops(site: teller.site.base.site)
    try teller.turn(atMs: at(24))
    let told = try teller.notices().filter { $0.stopID == Self.id("S1", 0) }
    #expect(told.map(\.isRetracted) == [false, true] && told.map(\.revision) == [1, 2], "\(told)")
    #expect(told.last?.seconds == 1200, "it shows what is taken back")
  }

  @Test func withholdingTakesBackWhatWasTold() throws {
    let teller = try Teller(", privacy: {min_group: 2}")
    let at = { (minute: Int64) in Self.startMs + minute * Self.minuteMs }
    try teller.turn(atMs: at(20))
    teller.add(at(19), "idle")
    try teller.site.commit(atMs: at(21))
    try teller.turn(atMs: at(21))
    let told = try teller.notices().filter { $0.stopID == Self.id("S1", 0) }
    #expect(told.map(\.isRetracted) == [false, true], "\(told)")
    #expect(try teller.site.store.lastToldStops().contains { $0.workstation == "S2" })
  }

  /// Random events in any order, commands, late ones, restarts: in the end each stop that a query finds was told, the
  /// last telling is that stop, and all others are retracted.
  @Test(arguments: Seed.many(1..<9)) func whatWasToldLastIsWhatThereIs(seed: UInt64) throws {
    var random = SeededRandom(state: seed &* 7919)
    func below(_ limit: Int64) -> Int64 { Int64(random.next() % UInt64(limit)) }
    let teller = try Teller()
    let site = teller.site
    var nowMs = Self.startMs + 3_600_000
    site.clock.nowMs = nowMs
    for step in 0..<120 {
      nowMs += 1000 * (1 + below(400))
      for _ in 0..<below(4) {
        // Half of them are late, up to some hours.
        let lateMs = below(2) == 0 ? below(20_000) : below(6 * 3_600_000)
        teller.add(
          nowMs - lateMs, ["working", "idle", "absent", "product_count"][Int(below(4))],
          at: "S\(1 + below(3))", worker: "W\(below(3))")
      }
      try site.commit(atMs: nowMs)
      if below(5) == 0 {
        let reason = ["material", "setup", "none"][Int(below(3))]
        _ = try site.commands([("stop", "reason", "S\(1 + below(2)) \(reason)")])
      }
      if below(3) > 0 {
        let parts = try teller.turn(atMs: nowMs)
        let query = StopQuery(site: site.base.site)
        let expected = try query.stops(
          overlapping: nowMs - 86_400_000..<nowMs, site.store, nowMs: nowMs)
        #expect(parts == expected, "seed \(seed), step \(step)")
      }
      if below(15) == 0 {
        try site.restart()
        teller.live = LiveStops(site: site.base.site)
      }
    }
    let parts = try teller.turn(atMs: nowMs)
    let all = try teller.notices()
    var last: [String: Notice] = [:]
    for notice in all {
      #expect(notice.revision == (last[notice.stopID]?.revision ?? 0) + 1, "seed \(seed): \(notice)")
      #expect(notice.revision > 1 || !notice.isRetracted)
      last[notice.stopID] = notice
    }
    for part in parts {
      let told = last.removeValue(forKey: part.stop.id)
      #expect(told?.isRetracted == false && told?.isOpen == part.stop.isOpen, "seed \(seed): \(part)")
      #expect(told?.reason == part.given?.reasonID, "seed \(seed): \(part)")
      if !part.stop.isOpen {
        #expect(told?.endMs == part.stop.endMs && told?.seconds == Double(part.stop.durationMs) / 1000)
      }
    }
    // Those of before the last day are not told any more.
    let left = last.values.filter { !$0.isRetracted }
    let fromMs = nowMs - 86_400_000
    #expect(
      left.allSatisfy { (Int64($0.stopID.split(separator: ":").last ?? "") ?? .max) < fromMs },
      "seed \(seed): \(left)")
    #expect(parts.count > 5 && all.contains { $0.isRetracted } && all.contains { $0.reason != nil })
  }
}
