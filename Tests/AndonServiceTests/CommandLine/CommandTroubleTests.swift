import Foundation
import GRDB
import TestSupport
import Testing

@testable import AndonStore

/// Row 97 of docs/reliability.md: a command that fails says what failed, on which file of which site, and
/// what to do.
@Suite(.ownThread) struct CommandTroubleTests {
  private static let reading: [(name: [String], more: [String])] = [
    (["kpi"], ["--scope", "worker", "--window", "day"]), (["drift"], []), (["export"], []),
    (["quarantine", "list"], []), (["quarantine", "show"], ["1"]), (["store", "check"], ["--seed", "1"]),
    (["store", "backup"], ["--to", "BACKUPS"]), (["quarantine", "replay"], ["--all"]),
    (["quarantine", "purge"], ["--all"]),
  ]
  private static let writing: [(name: [String], more: [String])] = [
    (["store", "prune"], []), (["import"], ["EVENTS"]),
  ]

  /// A site with some events in one closed file, without a WAL file beside it.
  private func site() throws -> CommandSite {
    let site = try CommandSite()
    let nowMs = TestSite.nowMs
    var payloads: [(atMs: Int64, payload: [UInt8], camera: String)] = []
    for index in Int64(0)..<400 {
      let atMs = nowMs - 400_000 + index * 1000
      payloads.append((atMs, Array(TestSite.event(atMs).utf8), "cam-01"))
    }
    payloads.append((nowMs, Array("{]".utf8), "cam-01"))
    try site.receive(payloads)
    let queue = try DatabaseQueue(path: site.path)
    try queue.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
    try queue.close()
    _ = try site.write(TestSite.event(nowMs) + "\n", to: "EVENTS")
    return site
  }

  /// Runs all commands and returns what each printed, with the folder's name removed.
  private func words(
    _ site: CommandSite, _ commands: [(name: [String], more: [String])]
  ) throws -> String {
    var text = ""
    for (name, more) in commands {
      let paths = more.map { ["BACKUPS", "EVENTS"].contains($0) ? site.file($0) : $0 }
      let result = try site.run(name, paths)
      let said = result.errors.replacingOccurrences(of: site.folder.path, with: "FOLDER")
      #expect(result.exitCode == 1, "\(name): \(result.exitCode) \(said)")
      #expect(said.hasPrefix("Error: ") && said.hasSuffix("\n"), "\(name): \(said)")
      for jargon in ["Error Domain", "SQLite error", "Code=", "NSCocoa", "StoreError", "Optional("] {
        #expect(!said.contains(jargon), "\(name): \(said)")
      }
      // SQLite's error texts differ between its versions.
      let plain = said.replacing(/\(SQLite: [^)]*\)/, with: "(SQLite: …)")
      text += "andon \(name.joined(separator: " ")): \(plain)"
    }
    return text
  }

  private func change(_ path: String, _ body: (inout Data) -> Void) throws {
    for ending in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + ending) }
    var data = try Data(contentsOf: URL(fileURLWithPath: path))
    body(&data)
    try data.write(to: URL(fileURLWithPath: path))
  }

  @Test func fault97_everyCommandNamesSiteFileAndRemedy() throws {
    let all = Self.reading + Self.writing
    var text = ""
    func add(
      _ fault: String, _ commands: [(name: [String], more: [String])], _ spoil: (CommandSite) throws -> Void
    )
      throws
    {
      let site = try site()
      try spoil(site)
      let said = try words(site, commands)
      for line in said.split(separator: "\n") {
        #expect(line.contains("plant-a: ") && line.contains("FOLDER/data/sites"), "\(fault): \(line)")
      }
      text += "# \(fault)\n\(said)\n"
    }
    try add("no file", Self.reading) { try FileManager.default.removeItem(atPath: $0.path) }
    try add("not a database", all) { site in
      try change(site.path) { $0 = Data(String(repeating: "no database ", count: 2000).utf8) }
    }
    try add("the second half is missing", [Self.reading[2], Self.reading[5], Self.reading[6]]) { site in
      try change(site.path) { $0 = $0.prefix($0.count / 2 & ~4095) }
    }
    try add("all pages but the first are damaged", all) { site in
      try change(site.path) { data in
        for index in 4096..<data.count { data[data.startIndex + index] = 0xFF }
      }
    }
    try add("a newer Andon wrote it", all) { site in
      let queue = try DatabaseQueue(path: site.path)
      try queue.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('zz-newer')") }
      try queue.close()
    }
    try add("some other program's database", Self.reading) { site in
      try FileManager.default.removeItem(atPath: site.path)
      let queue = try DatabaseQueue(path: site.path)
      try queue.write { try $0.execute(sql: "CREATE TABLE note (text TEXT)") }
      try queue.close()
    }
    try add("a folder stands there", all) { site in
      try FileManager.default.removeItem(atPath: site.path)
      try FileManager.default.createDirectory(atPath: site.path, withIntermediateDirectories: true)
    }
    try Golden.expect(text, "troubles")
  }

  @Test(.enabled(if: geteuid() == 0)) func fault97_aUserWithoutTheRightsIsToldWhoHasThem() throws {
    let site = try site()
    chmod(site.path, 0o600)
    for (name, more) in [
      (["kpi"], ["--scope", "site", "--window", "day"]), (["import"], [site.file("EVENTS")]),
    ] {
      let result = try Command.outputs(
        "/usr/bin/setpriv",
        ["--reuid=65534", "--clear-groups", AndonProcess.executable] + name + [
          "--config", site.config, "--site", "plant-a",
        ] + more)
      #expect(result.exitCode == 1)
      #expect(result.errors.contains("plant-a: \(site.path)"), "\(result.errors)")
      #expect(result.errors.contains("run andon as the user that owns"), "\(result.errors)")
      #expect(!result.errors.contains("SQLite error"), "\(result.errors)")
    }
  }

  @Test func fault97_whatTheBridgeHoldsIsSaid() throws {
    let site = try site()
    let store = try SiteStore.openForWriting(path: site.path, siteID: "plant-a")
    defer { try? store.close() }
    let said = try words(site, Self.writing)
    for line in said.split(separator: "\n") {
      #expect(
        line.contains("plant-a: FOLDER/data/sites/plant-a.sqlite.lock is in use by another Andon"), "\(line)")
    }
    #expect(try site.run(["kpi"], ["--scope", "site", "--window", "day"]).exitCode == 0, "reading goes on")
  }

  @Test func fault97_aMistakeOfTheConfigurationIsSaidByEveryCommand() throws {
    let folder = try TemporaryFolder.make("config")
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "andon.yaml").path
    let every = Self.reading + Self.writing + [(["check"], ["--offline"]), (["run"], []), (["simulate"], [])]
    let unknownSite = "sites: [{id: plant-b, timezone: UTC}]"
    for (yaml, expected) in [
      (
        "bridge: {data_dir: ''}\nsites: [{id: plant-a, timezone: UTC}]",
        "\(file):1: bridge.data_dir: must not be empty"
      ),
      ("sites: [", "\(file):2: this is not YAML"),
      (unknownSite, "there is no site \"plant-a\" in \(file); it has: plant-b"),
      (nil, "\(file): there is no such file"),
    ] as [(String?, String)] {
      try? FileManager.default.removeItem(atPath: file)
      try yaml?.write(toFile: file, atomically: true, encoding: .utf8)
      for (name, more) in every {
        let isOfSite = name != ["check"] && name != ["run"]
        guard isOfSite || yaml != unknownSite else { continue }
        let result = try Command.outputs(
          AndonProcess.executable,
          name + ["--config", file] + (isOfSite ? ["--site", "plant-a"] : []) + more)
        #expect(result.exitCode == 1 && result.output.isEmpty, "\(name)")
        #expect(result.errors.hasPrefix("Error: \(expected)"), "\(name): \(result.errors)")
      }
    }
  }
}
