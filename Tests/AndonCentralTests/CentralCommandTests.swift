import Foundation
import TestSupport
import Testing

@testable import AndonCentral

/// `andon central …`, the real program against a real server.
@Suite(.ownThread, .timeLimit(.minutes(5)))
struct CentralCommandTests {
  private func run(
    _ command: String, _ database: CentralTestDatabase, role: String = "postgres", _ more: [String] = [],
    password: String? = nil, environment: [String: String] = [:]
  ) throws -> Command.Result {
    let folder = try TemporaryFolder.make("central")
    defer { try? FileManager.default.removeItem(at: folder) }
    var arguments = ["central", command, "--url", database.server.url(database.name, user: role)]
    if role != "postgres" {
      let file = folder.appending(path: "password").path
      try ((password ?? role) + "\n").write(toFile: file, atomically: true, encoding: .utf8)
      arguments += ["--password-file", file]
    }
    return try Command.outputs(AndonProcess.executable, arguments + more, environment: environment)
  }

  @Test func fromAnEmptyDatabaseToAStatus() throws {
    let database = try CentralTestDatabase(isInitialized: false)
    let none = try run("status", database)
    #expect(none.exitCode == 1)
    #expect(
      none.errors
        == "Error: 127.0.0.1:\(database.server.port)/\(database.name) has no schema of Andon's; make it with andon central init\n"
    )
    let made = try run("init", database)
    #expect(made.errors == "")
    #expect(made.output == "applied: history\napplied: fleet\napplied: fleet_watch\nschema 3\n")
    #expect(try run("init", database).output == "schema 3, nothing to do\n")
    #expect(try run("migrate", database, role: "andon_owner").output == "schema 3, nothing to do\n")
    let empty = try run("status", database, role: "andon_reader")
    #expect(empty.errors == "")
    #expect(empty.output.hasPrefix("schema 3 · layout native · cluster "))
    #expect(empty.output.hasSuffix("none\n"))
    #expect(try run("status", database, role: "andon_reader", ["--json"]).output == "[]\n")
    let session = try database.session()
    let epoch = try database.take(session, ["plant-a"])
    let shipment = database.shipment("plant-a", epoch: epoch, 1...7, counters: [9, 5]) {
      $0.add(database.event(0, "e1"), site: $1)
    }
    #expect(try session.ship(shipment) == [.applied(events: 1)])
    let text = try run("status", database, role: "andon_reader")
    #expect(text.output.contains("1 rows lie outside every partition"))
    #expect(text.output.contains("plant-a"))
    #expect(text.output.contains("bridge-01"))
    let json = try run("status", database, role: "andon_reader", ["--json"]).output
    let rows = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [[String: Any]])
    #expect(rows.count == 1)
    #expect(rows.first?["site_id"] as? String == "plant-a")
    #expect(rows.first?["seq"] as? Int == 7)
    #expect(rows.first?["stored"] as? Int == 5)
    #expect(rows.first?["newest_event_ms"] as? Int == Int(CentralTestDatabase.dayMs))
  }

  @Test func troublesAreSaidWithWhatToDo() throws {
    let database = try CentralTestDatabase()
    func words(_ result: Command.Result) -> String {
      #expect(result.exitCode == 1, "\(result.output) \(result.errors)")
      #expect(result.errors.hasPrefix("Error: "))
      #expect(result.output == "")
      #expect(!result.errors.contains("hunter2"))
      return result.errors
    }
    #expect(words(try run("status", database, role: "andon_bridge")).contains("permission denied"))
    #expect(words(try run("migrate", database, role: "andon_reader")).contains("permission denied"))
    let wrong = words(try run("status", database, role: "andon_reader", password: "hunter2"))
    #expect(wrong.contains("password authentication failed") && wrong.contains("docs/central.md"))
    #expect(words(try run("init", database, ["--timescale"])).contains("extension timescaledb"))
    for (url, said) in [
      ("postgresql://andon_reader:hunter2@127.0.0.1/andon", "--url: password must not stand in the URL"),
      ("postgresql://127.0.0.1/andon", "--url: it must name user, host and database"),
      ("postgresql://a@127.0.0.1:1/andon", "Connection refused"),
    ] {
      let result = try Command.outputs(AndonProcess.executable, ["central", "status", "--url", url])
      #expect(words(result).contains(said), "\(url)")
    }
    let missing = try Command.outputs(
      AndonProcess.executable,
      ["central", "status", "--url", "postgresql://a@127.0.0.1/b", "--password-file", "/no"])
    #expect(words(missing).contains("this file cannot be read"))
  }

  @Test func theConfigurationSaysWhereItIs() throws {
    let database = try CentralTestDatabase()
    let folder = try TemporaryFolder.make("central")
    defer { try? FileManager.default.removeItem(at: folder) }
    let (config, password) = (
      folder.appending(path: "andon.yaml").path, folder.appending(path: "password").path
    )
    try "andon_reader\n".write(toFile: password, atomically: true, encoding: .utf8)
    func status(_ central: String) throws -> Command.Result {
      let yaml = "\(central)\nsites: [{id: plant-a, timezone: UTC}]\n"
      try yaml.write(toFile: config, atomically: true, encoding: .utf8)
      return try Command.outputs(
        AndonProcess.executable, ["central", "status", "--json", "--config", config])
    }
    let url = database.server.url(database.name, user: "andon_reader")
    let found = try status("central: {url: '\(url)', password_file: '\(password)'}")
    #expect(found.errors == "")
    #expect(found.output == "[]\n")
    #expect(try status("").errors == "Error: \(config) has no central.url; set it, or give --url\n")
    let file = try status("central: {url: '\(url)', password_file: /no}")
    #expect(file.errors.contains("central.password_file: this file cannot be read"))
    let option = try status("central: {url: '\(url)?nonsense=1'}")
    #expect(
      option.errors
        == "Error: central.url: it is no valid connection URL: postgresql://user@host/database?sslmode=…\n")
  }

  /// Variables that psql users have must not send a command elsewhere.
  @Test func theVariablesOfTheLibraryChangeNothing() throws {
    let database = try CentralTestDatabase()
    let result = try run(
      "status", database, role: "andon_reader", ["--json"],
      environment: [
        "PGHOST": "192.0.2.1", "PGHOSTADDR": "192.0.2.1", "PGSERVICE": "elsewhere", "PGPASSWORD": "wrong",
        "PGDATABASE": "elsewhere", "PGOPTIONS": "-c search_path=elsewhere", "PGSSLMODE": "verify-full",
      ])
    #expect(result.errors == "")
    #expect(result.output == "[]\n")
  }
}
