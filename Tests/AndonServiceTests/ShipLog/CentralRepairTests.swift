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

/// `andon central repair`: a database that was set back to an older backup, and a site's file that knows more.
@Suite(.ownThread) struct CentralRepairTests {
  private let server: PostgresServer
  private let name: String
  private let site: TestSite
  private let selection = ShipSelection(events: true, scopes: [.site], keepsState: true)

  init() throws {
    server = try PostgresServer.shared.get()
    name = try server.makeDatabase()
    _ = try CentralAdministration(try PostgresSettings(url: server.url(name))).initialize(layout: .native)
    site = try TestSite()
    // A bridge had it before the fleet did.
    _ = try server.run(
      """
      INSERT INTO andon.site (site_id, config) VALUES ('plant-a', 'sites: [{id: plant-a, timezone: UTC, kpi: {windows: [day]}}]');
      INSERT INTO andon.head (site_id, bridge_id) VALUES ('plant-a', 'bridge-01')
      """, in: name)
    try site.store.setLog(selection)
  }

  private func add(_ range: Range<Int64>) throws {
    for number in range {
      site.add(TestSite.event(TestSite.nowMs - 3_600_000 + number * 1000, worker: "W\(number % 3)"))
    }
    _ = try site.turn.commitAdded()
  }

  private func ship() throws {
    let settings = try PostgresSettings(url: server.url(name))
    let incarnation = UUID().uuidString
    let shipper = Shipper(
      bridge: "bridge-01", retentionMs: nil, place: settings.place, hurries: true,
      source: { [(site.site, site.store)] }
    ) { () throws(CentralError) in try CentralSession(settings, incarnation: incarnation) }
    defer { shipper.close() }
    for _ in 0..<2000 where shipper.round() == .idle { return }
    Issue.record("shipping does not end: \(shipper.status)")
  }

  /// A bridge that shipped under a fleet's lease and is gone.
  private func endBridge(_ database: String) throws {
    _ = try server.run("UPDATE andon.head SET bridge_id = NULL, incarnation = NULL", in: database)
  }

  private func run(_ database: String, _ more: String...) throws -> Command.Result {
    let file = site.folder + "/andon.yaml"
    try """
    bridge: {id: box, data_dir: \(site.folder)}
    central: {mode: fleet, url: '\(server.url(database))', scopes: [site], accept_single_node: true}
    """.write(toFile: file, atomically: true, encoding: .utf8)
    return try Command.outputs(AndonProcess.executable, ["central", "repair", "--config", file] + more)
  }

  @Test func anOlderDatabaseGetsWhatTheFileKnows() throws {
    try add(0..<20)
    try ship()
    let older = name + "_older"
    try waitUntil("the connections to end") {
      try server.run("SELECT count(*) FROM pg_stat_activity WHERE datname = '\(name)'") == "0"
    }
    _ = try server.run("CREATE DATABASE \(older) TEMPLATE \(name)", in: "postgres")
    // More than the log keeps.
    try add(20..<60)
    try ship()
    for step in 1..<4 { _ = try site.store.trimLog(nowMs: TestSite.nowMs + Int64(step) * 700_000) }
    try endBridge(older)
    let before = try FileDump.events(site.store)
    let epoch = try #require(try site.store.shipState()?.epoch)
    let locked = try run(older)
    #expect(locked.exitCode == 1, "\(locked)")
    try site.store.close()

    let same = try run(name)
    #expect(same.output == "plant-a: nothing to repair: a bridge can continue with this file\n", "\(same)")
    let trial = try run(older, "--dry-run")
    #expect(trial.output.contains("this command would send what is missing"), "\(trial)")
    #expect(try server.run("SELECT count(*) FROM andon.event", in: older) == "20")
    _ = try server.run(
      """
      INSERT INTO andon.bridge (bridge_id, incarnation, ttl_ms, capacity, version) VALUES ('b7', gen_random_uuid(), 8000, 1, '1');
      UPDATE andon.head SET bridge_id = b.bridge_id, incarnation = b.incarnation FROM andon.bridge b
      """, in: older)
    let held = try run(older)
    #expect(held.exitCode == 1 && held.errors.contains("b7 has the site at"), "\(held)")
    // It ended with the database that is no more: its row of the older one says nothing.
    _ = try server.run("UPDATE andon.bridge SET beat_at = now() - interval '1 day'", in: older)
    let done = try run(older)
    #expect(done.exitCode == 0 && done.output.contains("rows sent, bridges may take it"), "\(done)")
    #expect(try server.run("SELECT count(*) FROM andon.event", in: older) == "60")
    #expect(try run(older).output.contains("nothing to repair"))
    let head = try server.run("SELECT bridge_id IS NULL, epoch > \(epoch) FROM andon.head", in: older)
    #expect(head == "t|t")

    // What another bridge makes of it is this file.
    let path = try TemporaryFolder.make("repair").path + "/plant-a.sqlite"
    let source = try CentralRestore(try PostgresSettings(url: server.url(older)), site: "plant-a")
    defer { source.close() }
    _ = try SiteRestore(
      path: path, siteID: "plant-a", timeoutMs: site.site.ingest.stateTimeoutMs, selection: selection,
      limitBytes: 1 << 30, nowMs: TestSite.nowMs
    ).run(source)
    let (own, restored) = (
      try SiteStore.openForReading(path: site.settings.databasePath(site: "plant-a"), siteID: "plant-a"),
      try SiteStore.openForReading(path: path, siteID: "plant-a")
    )
    #expect(try FileDump.events(restored) == before)
    #expect(FileDump.differences(try FileDump.smallTables(own), try FileDump.smallTables(restored)) == [])
  }

  /// A database that went on without this file is right, not the file.
  @Test func aFileThatIsBehindIsLeftAlone() throws {
    try add(0..<20)
    try ship()
    try endBridge(name)
    try site.store.close()
    _ = try server.run("UPDATE andon.head SET seq = seq + 5, tip = tip + 1", in: name)
    let done = try run(name)
    #expect(
      done.exitCode == 0 && done.output.contains("left alone: a bridge makes the file again"), "\(done)")
    #expect(try server.run("SELECT count(*) FROM andon.event", in: name) == "20")
  }
}
