import AndonCore
import Foundation
import GRDB
import TestSupport
import Testing

@testable import AndonConfiguration
@testable import AndonRuntime

/// What programs and people get of figures whose events are deleted.
@Suite(.ownThread) struct FinalFiguresAnswerTests {
  private static let (hourMs, dayMs): (Int64, Int64) = (3_600_000, 86_400_000)

  @Test func fault182_theCommandAnswersAWindowAndRefusesWhatCutsOne() throws {
    let site = try CommandSite("store: {retention: {events: 30d, worker_figures: 90d, figures: 5y}}")
    let nowMs = WallClock.system.nowMs
    // Noon: inside a shift.
    let hour = (nowMs - 50 * Self.dayMs) / Self.dayMs * Self.dayMs + 12 * Self.hourMs
    let old = (0..<60).map { hour + Int64($0) * 120_000 }
    try site.receive(
      (old + [nowMs - 60_000]).map {
        ($0, Array(TestSite.event($0, worker: "W\($0 / 120_000 % 3)").utf8), "cam-01")
      })
    let range = ["--from", "\(hour)", "--to", "\(hour + Self.hourMs)"]
    let workers = ["--scope", "worker", "--json"]
    let before = try site.run(["kpi"], workers + range)
    let pruned = try site.run(["store", "prune"])
    #expect(pruned.output.contains("60 events deleted"), "\(pruned.output) \(pruned.errors)")
    let after = try site.run(["kpi"], workers + range)
    #expect(after.exitCode == 0 && after.output.contains(#""source":"final""#), "\(after.errors)")
    func figures(_ text: String) -> String {
      text.replacing(/"(timestamp_ms":\d+|ts":"[^"]*"),/, with: "").replacing(#","source":"final""#, with: "")
    }
    #expect(before.exitCode == 0 && figures(after.output) == figures(before.output))
    let shifts = try site.run(
      ["kpi"],
      ["--scope", "workstation", "--window", "shift", "--json", "--from", "\(hour - Self.dayMs)"]
        + ["--to", "\(hour + Self.dayMs)"])
    #expect(shifts.exitCode == 0 && shifts.output.contains(#""source":"final""#), "\(shifts.errors)")
    for cut in [
      ["--from", "\(hour)", "--to", "\(hour + 1)"], ["--window", "hour", "--as-of", "\(hour + 1)"],
      range + ["--recompute"],
    ] {
      let refused = try site.run(["kpi"], workers + cut)
      #expect(refused.exitCode == 1 && refused.output.isEmpty, "\(cut)")
      #expect(refused.errors.contains("are deleted (store.retention.events)"), "\(refused.errors)")
    }
  }

  @Test func fault182_theInterfaceRefusesWith409() throws {
    let site = try AccessSite([try AccessSite.user("vic", .viewer)])
    // As if all events before an hour ago had been deleted.
    let edgeMs = (WallClock.system.nowMs - Self.hourMs) / 900_000 * 900_000
    var waiting = Configuration()
    waiting.busyMode = .timeout(30)
    let path = "\(site.folder.path)/data/sites/plant-a.sqlite"
    try DatabaseQueue(path: path, configuration: waiting).write {
      try $0.execute(
        sql: "INSERT INTO final_range (id, from_ms, to_ms) VALUES (1, 0, ?)", arguments: [edgeMs])
    }
    let kpi = "/api/v1/sites/plant-a/kpi"
    let cut = try site.get("\(kpi)?from=\(edgeMs - 7)&to=\(edgeMs + 1)", AccessSite.bearer("vic"))
    #expect(cut.contains(" 409 ") && cut.contains(#""code":"events_deleted""#), "\(cut)")
    #expect(cut.contains("application/problem+json") && cut.contains(CivilTime.text(epochMs: edgeMs)))
    let rest = try site.get("\(kpi)?from=\(edgeMs)&to=\(edgeMs + 1)", AccessSite.bearer("vic"))
    #expect(rest.contains(" 200 ") && !rest.contains(#""source":"#), "\(rest)")
    let past = try site.get(
      "\(kpi)/series?from=\(edgeMs - Self.dayMs)&to=\(edgeMs)", AccessSite.bearer("vic"))
    #expect(past.contains(" 200 ") && past.contains(#""items":[]"#), "nothing is invented: \(past)")
  }
}
