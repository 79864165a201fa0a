import Foundation
import TestSupport
import Testing

@testable import AndonSimulation

/// What the commands print, as text and as JSON.
@Suite(.ownThread) struct CommandOutputTests {
  private static let fromMs: Int64 = 1_768_456_800_000  // 2026-01-15T06:00:00Z
  private static let nowMs = fromMs + 30 * 60_000

  /// Half an hour of three cameras with invalid payloads in between, the same in every run.
  private func site() throws -> CommandSite {
    let site = try CommandSite()
    var plan = SimulationSettings(siteID: "plant-a", fromMs: Self.fromMs, durationMs: 30 * 60_000)
    (plan.workers, plan.workstations, plan.cameras) = (3, 3, 3)
    (plan.seed, plan.scenario) = (7, .chaos)
    try site.receive(
      Simulation(plan).filter { $0.kind == .event && !$0.payload.isEmpty }.map {
        (max($0.atMs, Self.fromMs), $0.payload, $0.cameraID)
      })
    return site
  }

  @Test func whatIsAskedOfAStoreIsPrintedTheSameEachTime() throws {
    let site = try site()
    let asOf = ["--as-of", "\(Self.nowMs)"]
    let commands: [(name: [String], more: [String], lines: Int)] = [
      (["kpi"], ["--scope", "worker", "--window", "hour"] + asOf, .max),
      (["kpi"], ["--scope", "workstation", "--window", "shift"] + asOf, .max),
      (["kpi"], ["--scope", "site", "--window", "day", "--json"] + asOf, .max),
      (["kpi"], ["--scope", "site", "--window", "day", "--json", "--recompute"] + asOf, .max),
      (["calendar"], ["--from", "\(Self.fromMs)", "--to", "\(Self.fromMs + 86_400_000)"], .max),
      (["calendar"], ["--from", "\(Self.fromMs)", "--to", "\(Self.nowMs)", "--json"], .max),
      (["stops"], ["--from", "\(Self.fromMs)", "--to", "\(Self.nowMs)"] + asOf, .max),
      (["stops"], ["--from", "\(Self.fromMs)", "--to", "\(Self.nowMs)", "--json"] + asOf, .max),
      (["stops"], ["--from", "\(Self.fromMs)", "--to", "\(Self.nowMs)", "--pareto"] + asOf, .max),
      (["drift"], asOf, .max), (["drift"], ["--json"] + asOf, .max),
      (["quarantine", "list"], ["--limit", "8"], .max),
      (["quarantine", "list"], ["--limit", "2", "--json"], .max), (["quarantine", "show"], ["3"], .max),
      (["store", "check"], ["--seed", "1"], .max), (["export"], [], 6), (["export"], ["--format", "csv"], 6),
    ]
    var text = ""
    for (name, more, lines) in commands {
      let result = try site.run(name, more)
      #expect(result.exitCode == 0 && result.errors.isEmpty, "\(name): \(result.errors)")
      let kept = result.output.split(separator: "\n", omittingEmptySubsequences: false).prefix(lines)
      text += "$ andon \((name + more).joined(separator: " "))\n\(kept.joined(separator: "\n"))\n\n"
    }
    try Golden.expect(text, "store")
  }
}
