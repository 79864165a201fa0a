import Foundation
import Postgres
import TestSupport
import Testing

@testable import AndonCentral
@testable import AndonConfiguration
@testable import AndonCore
@testable import AndonIngest
@testable import AndonRuntime
@testable import AndonStore

/// `andon central check|backfill|drain`: the real program, a site's file and a real PostgreSQL.
@Suite(.ownThread) struct CentralFileCommandTests {
  private let server: PostgresServer
  private let name: String
  private let site: TestSite
  private let file: String

  init() throws {
    server = try PostgresServer.shared.get()
    name = try server.makeDatabase()
    let url = server.url(name)
    _ = try CentralAdministration(try PostgresSettings(url: url)).initialize(layout: .native)
    site = try TestSite()
    file = site.folder + "/andon.yaml"
    try """
    bridge: {id: box, data_dir: \(site.folder)}
    central: {mode: history, url: '\(url)', events: true, retention: 3650d}
    sites: [{id: plant-a, timezone: UTC}]
    """.write(toFile: file, atomically: true, encoding: .utf8)
  }

  private func run(_ command: String, _ more: String...) throws -> Command.Result {
    try Command.outputs(AndonProcess.executable, ["central", command, "--config", file] + more)
  }

  private func add(_ range: Range<Int64>) throws {
    for number in range {
      site.add(TestSite.event(TestSite.nowMs - 3 * 86_400_000 + number * 1000, worker: "W\(number % 3)"))
    }
    _ = try site.turn.commitAdded()
  }

  @Test func whatIsMissingIsNamedAndBroughtBack() throws {
    try add(0..<20)
    let without = try run("check")
    #expect(without.exitCode == 1 && without.errors.contains("nothing is shipped of this site"), "\(without)")
    try site.store.setLog(ShipSelection(events: true, scopes: [.site]))
    try add(20..<30)
    let early = try run("check", "--wait", "1ms")
    #expect(early.exitCode == 1 && early.errors.contains("plant-a: 1 commits are not shipped"), "\(early)")
    // While another process writes the file, it is that one's to ship.
    let waiting = try run("drain", "--timeout", "300ms")
    #expect(waiting.exitCode == 1 && waiting.errors.contains("its bridge runs"), "\(waiting)")
    let unknown = try run("backfill", "--site", "plant-a", "--from", "2026-01-01")
    #expect(unknown.exitCode == 1 && unknown.errors.contains("no bridge has shipped this site"), "\(unknown)")
    try site.store.close()

    let drained = try run("drain")
    #expect(drained.exitCode == 0, "\(drained)")
    #expect(drained.output.hasPrefix("1 site: all is in 127.0.0.1:"), "\(drained)")
    // The time before the log.
    let missing = try run("check")
    #expect(missing.exitCode == 1, "\(missing)")
    #expect(
      missing.errors.hasPrefix(
        "Error: plant-a: 20 rows of event are missing on 1 day, first on 2026-01-12 (file 30, central 10): andon central "
          + "backfill --site plant-a --from 2026-01-12\n"), "\(missing)")
    let asked = try run("backfill", "--site", "plant-a", "--from", "2026-01-12", "--to", "2026-01-13")
    #expect(
      asked.exitCode == 0 && asked.output.hasPrefix("asked: plant-a from 2026-01-12T00:00:00"), "\(asked)")
    #expect(try run("drain").exitCode == 0)
    #expect(try server.run("SELECT count(*) FROM andon.backfill_request", in: name) == "0")
    // The back-fill was noted at the end of a round of its own.
    #expect(try run("drain").exitCode == 0)
    let whole = try run("check")
    #expect(whole.exitCode == 0, "\(whole)")
    #expect(whole.output.hasPrefix("1 site: the "), "\(whole)")
    #expect(try server.run("SELECT count(*) FROM andon.event", in: name) == "30")
    let json = try run("check", "--json").output
    let rows = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [[String: Any]])
    #expect(rows.contains { $0["table"] as? String == "event" && $0["central"] as? Int == 30 })
  }

  @Test func aDrainTakesNothingThatItMayNot() throws {
    try site.store.setLog(ShipSelection(events: true, scopes: [.site]))
    try add(0..<3)
    try site.store.close()
    let session = try CentralSession(
      try PostgresSettings(url: server.url(name)), incarnation: UUID().uuidString)
    _ = try session.take(sites: ["plant-a"], bridge: "other", retentionMs: nil)
    let refused = try run("drain")
    #expect(
      refused.exitCode == 1 && refused.errors.contains("plant-a: other holds it at 127.0.0.1"), "\(refused)")
    // What was logged as long as events might leave the plant does not leave it now.
    let yaml = try String(contentsOfFile: file, encoding: .utf8)
    try yaml.replacing("events: true", with: "events: false").write(
      toFile: file, atomically: true, encoding: .utf8)
    #expect(try run("drain", "--take").exitCode == 0)
    #expect(
      try server.run("SELECT (SELECT count(*) FROM andon.event), received FROM andon.head", in: name) == "0|3"
    )
    try yaml.replacing("mode: history", with: "mode: off").write(
      toFile: file, atomically: true, encoding: .utf8)
    let off = try run("drain")
    #expect(off.exitCode == 1 && off.errors.contains("central.mode is off"), "\(off)")
  }

  @Test func theCheckOfTheConfigurationAsksTheDatabase() throws {
    func central() throws -> [String] {
      let lines = try Command.outputs(
        AndonProcess.executable, ["check", "--config", file, "--listen", "1ms", "--queue", "0"])
      return lines.output.split(separator: "\n").map(String.init).filter { $0.contains(" central ") }
    }
    let lines = try central()
    #expect(lines.count == 2)
    #expect(
      lines.first?.hasPrefix(
        "ok       central  plant-a: figures of site, workstation, and events are sent to 127.0.0.1") == true,
      "\(lines)")
    #expect(lines.last?.hasSuffix("answers, schema \(CentralSchema.version)") == true, "\(lines)")
    _ = try server.run("UPDATE andon.meta SET oldest_writer = 99", in: name)
    #expect(try central().last?.hasPrefix("ERROR    central  127.0.0.1") == true)
    _ = try server.run("DROP SCHEMA andon CASCADE", in: name)
    #expect(try central().last?.contains("make it with andon central init") == true)
  }

  @Test func whatCannotBeReachedIsSaid() throws {
    try site.store.setLog(ShipSelection(events: true, scopes: [.site]))
    try add(0..<3)
    try site.store.close()
    try """
    bridge: {id: box, data_dir: \(site.folder)}
    central: {mode: history, url: 'postgresql://andon_bridge@127.0.0.1:1/andon'}
    sites: [{id: plant-a, timezone: UTC}]
    """.write(toFile: file, atomically: true, encoding: .utf8)
    let drain = try run("drain", "--timeout", "500ms")
    #expect(drain.exitCode == 1 && drain.errors.contains("plant-a: not all is shipped: waiting"), "\(drain)")
    #expect(drain.errors.contains("127.0.0.1:1/andon: "), "\(drain)")
    for command in ["check", "backfill"] {
      let result = try run(
        command, "--site", "plant-a", command == "check" ? "--wait=1ms" : "--from=2026-01-01")
      #expect(result.exitCode == 1 && result.errors.contains("127.0.0.1:1"), "\(result)")
    }
    // The file is free again.
    let store = try SiteStore.openForWriting(
      path: site.settings.databasePath(site: "plant-a"), siteID: "plant-a")
    #expect(try store.shipState()?.committed.seq == 1)
    try store.close()
  }
}
