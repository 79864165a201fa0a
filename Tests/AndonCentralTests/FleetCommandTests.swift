import Foundation
import TestSupport
import Testing

@testable import AndonCentral

/// `andon fleet …`, the real program against a real server.
@Suite(.ownThread, .timeLimit(.minutes(5)))
struct FleetCommandTests {
  private let database: CentralTestDatabase
  private let folder: URL

  init() throws {
    database = try CentralTestDatabase()
    folder = try TemporaryFolder.make("fleet")
  }

  private func run(_ arguments: [String], role: String = "andon_owner") throws -> Command.Result {
    let password = folder.appending(path: role).path
    try (role + "\n").write(toFile: password, atomically: true, encoding: .utf8)
    return try Command.outputs(
      AndonProcess.executable,
      ["fleet"] + arguments
        + ["--url", database.server.url(database.name, user: role), "--password-file", password])
  }

  private func file(_ name: String, _ yaml: String) throws -> String {
    let path = folder.appending(path: name).path
    try yaml.write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  @Test func filesBecomeSites() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let north = try file(
      "north.yaml",
      """
      sites:
        - id: plant-a  # the first
          timezone: Europe/Berlin
          shifts: [{id: early, start: "06:00", end: "14:00"}]
        - {id: plant-b, timezone: UTC}

      """)
    let trial = try run(["apply", north, "--dry-run"])
    #expect(trial.errors == "")
    #expect(trial.output == "plant-a: added\nplant-b: added\n2 sites, 0 as before; nothing was written\n")
    #expect(try database.text("SELECT count(*) FROM andon.site") == "0")
    #expect(try run(["apply", north]).output == "plant-a: added\nplant-b: added\n2 sites, 0 as before\n")
    #expect(try database.text("SELECT count(*) FROM andon.head") == "2")
    // A comment is no change.
    _ = try file(
      "north.yaml",
      """
      sites:
        - id: plant-a
          timezone: Europe/Berlin
          shifts: [{id: early, start: "06:00", end: "14:00"}]
        - {id: plant-b, timezone: Europe/Paris}

      """)
    #expect(try run(["apply", north]).output == "plant-b: changed\n2 sites, 1 as before\n")
    #expect(
      try database.text("SELECT site_id, config_rev FROM andon.site ORDER BY 1") == "plant-a|1\nplant-b|2")
    // What is stored is a configuration of its own.
    let stored = try file(
      "stored.yaml", try database.text("SELECT config FROM andon.site WHERE site_id = 'plant-a'"))
    #expect(try run(["apply", stored]).output == "1 site, 1 as before\n")
    #expect(
      try run(["apply", stored, "--remove"]).output == "plant-b: removed\n1 site, 1 as before\n")
    #expect(try database.text("SELECT count(*) FROM andon.site") == "1")
    #expect(try database.text("SELECT count(*) FROM andon.head") == "2")
  }

  @Test func mistakesAreSaidAndNothingIsWritten() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let good = try file("good.yaml", "sites: [{id: plant-a, timezone: UTC}]\n")
    let bad = try file("bad.yaml", "sites:\n  - id: plant-b\n    timezone: Berlin\n")
    let wrong = try run(["apply", good, bad])
    #expect(wrong.exitCode == 1)
    #expect(wrong.errors.hasPrefix("Error: \(bad):3: sites[0].timezone: must be an IANA time zone"))
    let other = try file("other.yaml", "topics: {root: acme}\nsites: [{id: plant-c, timezone: UTC}]\n")
    #expect(
      try run(["apply", other]).errors
        == "Error: \(other):1: topics: only sites: may stand in a file of sites; this is in each bridge's own configuration\n"
    )
    let twice = try run(["apply", good, try file("twice.yaml", "sites: [{id: Plant-A, timezone: UTC}]\n")])
    #expect(twice.errors.contains("the site Plant-A stands in \(good), too"))
    #expect(try database.text("SELECT count(*) FROM andon.site") == "0")
    #expect(try run(["apply", good], role: "andon_reader").errors.contains("permission denied"))
  }

  /// The configuration of a fleet's bridge has no sites: commands ask the database for them.
  @Test func commandsOnABridgesMachineFindTheSites() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let sites = try file(
      "sites.yaml", "sites: [{id: plant-a, timezone: UTC}, {id: plant-b, timezone: UTC}]\n")
    _ = try run(["apply", sites])
    try "andon_bridge\n".write(
      to: folder.appending(path: "bridge.pw"), atomically: true, encoding: .utf8)
    func configuration(_ name: String, _ more: String) throws -> String {
      try file(
        name,
        """
        bridge: {id: bridge-01, data_dir: \(folder.path)/data}
        broker: {url: 'mqtt://127.0.0.1:1'}
        central: {mode: fleet, url: '\(database.server.url(database.name, user: "andon_bridge"))', password_file: \(folder.path)/bridge.pw\(more)}

        """)
    }
    let config = try configuration("bridge.yaml", ", accept_single_node: true")
    func andon(_ arguments: String...) throws -> Command.Result {
      try Command.outputs(AndonProcess.executable, arguments)
    }
    let unknown = try andon("quarantine", "list", "--config", config, "--site", "plant-z")
    #expect(
      unknown.errors
        == "Error: there is no site \"plant-z\" in the fleet of \(config); it has: plant-a, plant-b\n")
    // It is known, and has no file here.
    let none = try andon("quarantine", "list", "--config", config, "--site", "plant-a")
    #expect(none.exitCode == 1 && none.errors.contains("plant-a.sqlite"), "\(none.errors)")
    let checked = try andon("check", "--config", config)
    #expect(checked.output.contains("WARNING  fleet    "), "\(checked.output)")
    #expect(checked.output.contains("2 sites, whose documents can be read"), "\(checked.output)")
    let strict = try andon("check", "--config", try configuration("strict.yaml", ""))
    #expect(strict.output.contains("ERROR    fleet    "), "\(strict.output)")
  }

  @Test func peopleSeeAndMoveSites() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let sites = try file(
      "sites.yaml", "sites: [{id: plant-a, timezone: UTC}, {id: plant-b, timezone: UTC}]\n")
    // A bridge of its own has one of them.
    let history = try database.session()
    _ = try history.take(sites: ["plant-b"], bridge: "history-1", retentionMs: nil)
    #expect(
      try run(["apply", sites]).output.contains(
        "plant-b: history-1 holds it, which is not of the fleet; ship its log there, then use --take"))
    let empty = try run(["list"], role: "andon_reader")
    #expect(empty.errors == "")
    #expect(empty.output.contains("none") && empty.output.contains("plant-a"))
    let settings = FleetSettings(bridge: "bridge-07", version: "1.2.3")
    let session = try FleetSession(try database.settings("andon_bridge"), settings)
    let incarnation = UUID().uuidString
    #expect(try session.join(incarnation: incarnation))
    var claim = FleetClaim()
    claim.mostWeight = 9
    #expect(try session.claim(claim, incarnation: incarnation).map(\.siteID) == ["plant-a"])
    #expect(try run(["apply", sites, "--take"]).output == "plant-b: taken over\n2 sites, 2 as before\n")
    #expect(try run(["list", "--unowned"], role: "andon_reader").output.contains("plant-b  –       free"))
    let json = try run(["list", "--json"], role: "andon_reader").output
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: [[String: Any]]])
    #expect(object["bridges"]?.first?["bridge_id"] as? String == "bridge-07")
    #expect(object["bridges"]?.first?["sites"] as? Int == 1)
    #expect(object["sites"]?.map { $0["state"] as? String } == ["held", "free"])
    #expect(object["sites"]?.last?["unowned_ms"] as? Int != nil)
    #expect(
      try run(["move", "plant-a", "nowhere"]).errors
        == "Error: there is no bridge nowhere in the fleet; it has: bridge-07\n")
    #expect(try run(["move", "plant-z", "bridge-07"]).errors.contains("plant-z is no site of the fleet"))
    #expect(try run(["move", "plant-b", "bridge-07"]).output == "plant-b: pinned to bridge-07\n")
    #expect(try database.text("SELECT pinned_to FROM andon.site WHERE site_id = 'plant-b'") == "bridge-07")
    #expect(try run(["move", "plant-b", "--anywhere"]).output == "plant-b: runs anywhere\n")
    #expect(try run(["move", "plant-b"]).exitCode == 64)
    #expect(try run(["drain", "bridge-07"]).output == "bridge-07: gives its sites to the others\n")
    guard case .member(let picture) = try session.beat(FleetBeat(), incarnation: incarnation) else {
      Issue.record("it is no member")
      return
    }
    #expect(picture.isDraining)
    #expect(try run(["drain", "bridge-07", "--undo"]).output == "bridge-07: takes sites again\n")
    #expect(try run(["drain", "nowhere"]).errors.contains("there is no bridge nowhere in the fleet"))
  }
}
