import AndonCore
import Foundation
import TestSupport
import Testing

@testable import AndonConfiguration
@testable import AndonIngest
@testable import AndonStore

/// `andon alerts report` against a count by a program of another language from the same file.
@Suite(.ownThread, .timeLimit(.minutes(5))) struct AlarmReportTests {
  private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appending(path: "../../scripts/alerts-count").standardized.path

  private let hourMs: Int64 = 3_600_000
  private let startMs = TestSite.nowMs

  /// A month of a plant: cameras that drop out and return, some of which chatter, a flood, people who acknowledge,
  /// judge and shelve, and cameras that are off for days.
  private func month() throws -> AlarmSite {
    let site = try AlarmSite(", alerts: {offline_delay: 0s, reannounce_after: 1m}")
    var random = SeededRandom(state: Seed.one)
    let cameras = (0..<24).map { "cam-\($0)" }
    for camera in cameras {
      site.add(TestSite.event(startMs, more: #","event_id":"\#(camera)""#), camera: camera)
    }
    try site.commit(atMs: startMs)
    var offline: Set<String> = []
    func toggle(_ camera: String, _ atMs: Int64) throws {
      let isBack = offline.remove(camera) != nil
      if !isBack { offline.insert(camera) }
      try site.setStatus(isBack ? "online" : "offline", of: camera, atMs: atMs)
      try site.tick(atMs: atMs)
    }
    for hour in Int64(0)..<32 * 24 {
      let atMs = startMs + hour * hourMs
      let camera = cameras[Int.random(in: 0..<cameras.count, using: &random)]
      // The last two change once a week: they stand for days.
      if !camera.hasSuffix("22"), !camera.hasSuffix("23") || hour % 168 == 0 {
        let isLoose = hour % 31 == 0
        for step in 0..<(isLoose ? 28 : Int64.random(in: 1...2, using: &random)) {
          try toggle(camera, atMs + step * (isLoose ? 60_000 : 130_000))
        }
      }
      if hour % 200 == 50 {
        for (index, camera) in cameras.prefix(20).enumerated() {
          try toggle(camera, atMs + 1_800_000 + Int64(index) * 1000)
        }
      }
      if hour == 77 || hour == 300 { try toggle("cam-22", atMs + 3_000_000) }
      site.clock.nowMs = atMs + 3_100_000
      try site.tick(atMs: atMs + 3_100_000)
      let alert = "plant-a/camera_offline/\(cameras[Int.random(in: 0..<cameras.count, using: &random)])"
      switch Int.random(in: 0..<6, using: &random) {
      case 0, 1: _ = try site.perform(alert, .acknowledge)
      case 2: _ = try site.perform(alert, .judge(isFalseAlarm: hour % 3 == 0))
      case 3 where hour % 5 == 0: _ = try site.perform(alert, .shelve(durationMs: hourMs, reason: "work"))
      default: break
      }
    }
    return site
  }

  private func object(_ bytes: [UInt8]) throws -> [String: NSObject] {
    let any = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]
    return try #require(any).compactMapValues { value in
      (value as? [String: Any]).map { NSDictionary(dictionary: $0) }
        ?? (value as? [Any]).map { NSArray(array: $0) } ?? value as? NSObject
    }
  }

  @Test func aSimulatedMonthEqualsACountByAnotherProgram() throws {
    let site = try month()
    let nowMs = startMs + 40 * 24 * hourMs
    let ranges = [
      (startMs + 24 * hourMs, startMs + 31 * 24 * hourMs), (startMs - hourMs, startMs + 50 * 24 * hourMs),
      (startMs + 301 * hourMs + 77, startMs + 330 * hourMs + 1), (startMs - 9 * hourMs, startMs - hourMs),
    ]
    for (from, to) in ranges {
      let report = try site.store.alarmReport(site.base.site, fromMs: from, toMs: to, nowMs: nowMs)
      var mine = try object(report.json())
      mine["bars"] = nil
      let printed = try Command.run(
        "/usr/bin/env", ["python3", Self.script, site.store.path, "\(from)", "\(to)", "\(nowMs)", "UTC"])
      let other = try object(Array(printed.utf8))
      for key in Set(mine.keys).union(other.keys).sorted() {
        let (left, right) = (
          "\(mine[key] ?? "nothing" as NSString)", "\(other[key] ?? "nothing" as NSString)"
        )
        #expect(mine[key] == other[key], "\(key): \(left) and counted \(right) in \(from)..<\(to)")
      }
    }
  }

  @Test func theMonthHasAllThatIsMeasured() throws {
    let site = try month()
    let report = try site.store.alarmReport(
      site.base.site, fromMs: startMs, toMs: startMs + 32 * 24 * hourMs, nowMs: startMs + 40 * 24 * hourMs)
    let figures = try object(report.json())
    func number(_ key: String) -> Double { (figures[key] as? NSNumber)?.doubleValue ?? -1 }
    for key in [
      "alerts", "pages", "merged", "bins_in_flood", "acknowledged", "false_alarms", "median_ack_s",
      "flood_pct",
    ] {
      #expect(number(key) > 0, "\(key) is \(number(key))")
    }
    #expect(number("judged") > number("false_alarms") && number("bins") == 32 * 24 * 6 + 1)
    for key in ["chattering", "standing", "most_frequent"] {
      #expect((figures[key] as? NSDictionary)?.count ?? 0 > 0, "\(key)")
    }
    #expect((figures["most_frequent"] as? NSDictionary)?.count == 10)
  }
}
