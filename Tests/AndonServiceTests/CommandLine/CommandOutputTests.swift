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

  @Test func helpIsAsItWasAndFitsATerminal() throws {
    let commands = [
      "", "run", "check", "demo", "simulate", "import", "export", "kpi", "stops", "report", "compare",
      "calendar",
      "drift",
      "quarantine",
      "quarantine list",
      "quarantine show", "quarantine replay", "quarantine purge", "alerts", "alerts report", "notify",
      "notify test", "store", "store check", "store backup",
      "store prune", "store restore", "user", "user add", "user remove", "user list", "user token",
      "access-log",
      "central", "central init", "central migrate", "central status",
      "fleet", "fleet apply", "fleet list", "fleet drain", "fleet move",
    ]
    var text = ""
    for command in commands {
      let arguments = command.split(separator: " ").map(String.init) + ["--help"]
      let result = try Command.outputs(AndonProcess.executable, arguments, environment: ["COLUMNS": "80"])
      #expect(result.exitCode == 0 && result.errors.isEmpty, "\(command): \(result.errors)")
      // The synopsis is one line of any length.
      for line in result.output.split(separator: "\n") where !line.hasPrefix("USAGE:") {
        #expect(line.count <= 80, "\(command): \(line)")
      }
      text += "$ andon \(arguments.joined(separator: " "))\n\(result.output)\n"
    }
    try Golden.expect(text, "help")
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
