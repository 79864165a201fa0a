import Foundation
import TestSupport
import Testing

@testable import AndonAccess
@testable import AndonConfiguration

@Suite(.ownThread) struct UsersFileTests {
  private func complaint(_ yaml: String) -> String {
    do {
      _ = try UsersFile.parse(yaml: yaml, file: "users.yaml")
      return ""
    } catch { return "\(error)" }
  }

  @Test func whatIsWrittenIsReadAgain() throws {
    var anna = try AccessSite.user("anna@plant.example", .lead, ["plant-a", "plant-b"])
    anna.tokens.append(.init(id: "t2", digest: RandomToken.digest("x"), created: "2026-11-29T00:00:00.000Z"))
    let file = UsersFile(users: [anna, UserRecord(name: "grafana", role: .viewer)])
    #expect(try UsersFile.parse(yaml: file.yaml, file: "f") == file)
    #expect(try UsersFile.parse(yaml: UsersFile().yaml, file: "f") == UsersFile())
    #expect(!file.yaml.contains("token-anna") && !file.yaml.contains(AccessSite.password))
  }

  @Test(arguments: [
    ("users: {a: b}", "users: must be a list"), ("user: []", "unknown key"),
    ("users: [{name: a b, role: viewer, sites: all}]", "letters, digits"),
    (
      "users: [{name: a, role: boss, sites: all}]", "must be one of viewer, lead, maintainer, operator, admin"
    ),
    ("users: [{name: a, role: viewer}]", "users[0].sites: is missing"),
    ("users: [{name: a, role: viewer, sites: []}]", "list of sites, or all"),
    ("users: [{name: a, role: viewer, sites: ['../x']}]", "ids of sites"),
    ("users: [{name: a, role: viewer, sites: all, password: hunter2}]", "a hash that `andon user` made"),
    ("users: [{name: a, role: viewer, sites: all}, {name: A, role: admin, sites: all}]", "stands twice"),
    ("users: [{name: a, role: viewer, sites: all, tokens: [{id: t, sha256: abc}]}]", "64 hexadecimal digits"),
  ])
  func mistakesAreNamed(_ yaml: String, _ words: String) {
    let complaint = complaint(yaml)
    #expect(complaint.contains(words), "\(complaint)")
    #expect(!complaint.contains("hunter2"), "a password in clear must not be shown")
  }

  @Test func theFileIsPrivateAndWhole() throws {
    let folder = try TemporaryFolder.make("users")
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "users.yaml").path
    try UsersFile.change(path, owner: folder.path) { $0.users = [UserRecord(name: "a", role: .viewer)] }
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    // A change that fails leaves the file as it was, and nothing beside it.
    struct Stop: Error {}
    #expect(throws: Stop.self) {
      try UsersFile.change(path, owner: folder.path) {
        $0.users = []
        throw Stop()
      }
    }
    #expect(try UsersFile.read(path).users.map(\.name) == ["a"])
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["users.yaml"])
    #expect(throws: SettingsErrors.self) { try UsersFile.read(path + ".none") }
  }

  /// The real program: the password comes from standard input, never from the command line.
  @Test func theCommandsAddListAndRemove() throws {
    let folder = try TemporaryFolder.make("users")
    defer { try? FileManager.default.removeItem(at: folder) }
    let (config, path) = (folder.path + "/andon.yaml", folder.path + "/users.yaml")
    try """
    bridge: {id: b1, data_dir: \(folder.path)/data}
    broker: {url: 'mqtt://127.0.0.1:1'}
    http: {users_file: \(path)}
    sites: [{id: plant-a, timezone: UTC}]
    """.write(toFile: config, atomically: true, encoding: .utf8)
    func run(_ words: String, input: String = "") throws -> Command.Result {
      let program = AndonProcess.executable
      return try Command.outputs("/bin/sh", ["-c", "printf '%s\\n' '\(input)' | \(program) user \(words)"])
    }
    let add = "add --config \(config) anna --role lead --sites plant-a"
    #expect(try run(add, input: "short").errors.contains("10 to 256 characters"))
    #expect(try run(add, input: "correct horse").exitCode == 0)
    #expect(try run(add, input: "correct horse").errors.contains("there is a user anna already"))
    #expect(
      try run("add --config \(config) bo --role lead --sites x", input: "").errors.contains("no site \"x\""))
    let token = try run("token --config \(config) anna --id grafana").output.split(separator: "\n").map(
      String.init)
    let made = try #require(token.first)
    #expect(made.hasPrefix("andon_") && made.count == 49)
    let directory = try UserDirectory(path: path)
    #expect(directory.owner(ofToken: made)?.name == "anna" && directory.owner(ofToken: "andon_") == nil)
    #expect(directory.hash(of: "anna").hash.matches("correct horse"))
    #expect(try run(add + " --replace", input: "another horse").exitCode == 0)
    try directory.reload()
    #expect(
      directory.owner(ofToken: made)?.name == "anna"
        && directory.hash(of: "anna").hash.matches("another horse"))
    let list = try run("list --config \(config)").output
    #expect(list.contains("anna") && list.contains("grafana") && !list.contains("scrypt"))
    #expect(try run("token --config \(config) anna --id grafana --revoke").exitCode == 0)
    try directory.reload()
    #expect(directory.owner(ofToken: made) == nil)
    #expect(try run("remove --config \(config) anna").exitCode == 0)
    #expect(try UsersFile.read(path).users.isEmpty)
    #expect(try run("remove --config \(config) anna").errors.contains("there is no user anna"))
  }
}
