import Foundation
import GRDB
import TestSupport
import Testing

@testable import AndonAccess
@testable import AndonConfiguration
@testable import AndonRuntime
@testable import AndonStore

/// The log of looks at workers: one row for every answer with a person in it.
@Suite(.ownThread) struct AccessLogTests {
  private static let admin = "Authorization: Bearer shared-secret\r\n"

  private func site() throws -> AccessSite {
    let site = try AccessSite([
      try AccessSite.user("anna", .lead, ["plant-a"]), try AccessSite.user("vic", .viewer),
      try AccessSite.user("otto", .operator), try AccessSite.user("ada", .admin),
    ])
    let nowMs = WallClock.system.nowMs
    let events = (0..<30).map { TestSite.event(nowMs - 60_000 + Int64($0) * 1000, worker: "W\($0 % 3)") }
    let posted = try site.post(
      "/api/v1/sites/plant-a/cameras/cam-01/events", AccessSite.bearer("otto"),
      body: "[\(events.joined(separator: ",")),{\"worker_id\":\"W9\"}]")
    #expect(posted.contains(#""stored":30"#) && posted.contains(#""rejected":1"#), "\(posted)")
    return site
  }

  private func rows(_ site: AccessSite, _ id: String = "plant-a") throws -> [AccessRow] {
    let store = try SiteStore.openForReading(path: "\(site.folder.path)/data/sites/\(id).sqlite", siteID: id)
    var rows: [AccessRow] = []
    try store.visitAccessLog(fromMs: .min, toMs: .max) { rows.append($0) }
    return rows
  }

  /// Every kind of request, as every user: the answers with a worker's id in them, and the rows, are the same number.
  @Test func everyAnswerWithAPersonHasOneRow() throws {
    let site = try site()
    let base = "/api/v1/sites/plant-a"
    let paths = [
      "/api/v1/sites", "/status", "/metrics", "/api/v1/me", "\(base)/alerts", "\(base)/models",
      "\(base)/calendar?from=0&to=1", "\(base)/kpi?window=day", "\(base)/kpi?window=day&scope=workstation",
      "\(base)/kpi?window=day&scope=worker", "\(base)/kpi?window=day&scope=worker&limit=1",
      "\(base)/kpi?from=0&to=3600000&scope=worker", "\(base)/events?limit=5", "\(base)/events?worker=W1",
      "\(base)/events?from=0&to=5", "\(base)/quarantine", "\(base)/quarantine?code=json",
      "\(base)/events?nonsense=1",
    ]
    // The second round comes from the cache or finds the tag known.
    var answers = 0
    for _ in 0..<2 {
      for name in ["anna", "vic", "otto", "ada", ""] {
        for path in paths {
          let answer = try site.get(path, name.isEmpty ? "" : AccessSite.bearer(name))
          let isPersonal = answer.contains(" 200 ") && !path.hasSuffix("/sites")
          if isPersonal, answer.contains(/"(id|worker_id)":"W\d"/) || answer.contains(#"\"worker_id\""#) {
            answers += 1
          }
        }
      }
    }
    let rows = try rows(site)
    #expect(answers >= 20 && rows.count == answers, "\(answers) answers, \(rows.map(\.operation))")
    #expect(Set(rows.map(\.user)) == ["anna", "otto", "ada"])
    let one = try #require(rows.first { $0.workerID == "W1" })
    #expect(
      one.operation == "listEvents" && one.subjects == 1 && one.address == "127.0.0.1"
        && one.proof == "userToken")
    #expect(
      rows.contains { $0.operation == "listKPIs" && $0.subjects == 3 && $0.fromMs != nil && $0.toMs != nil })
    #expect(try self.rows(site, "plant-b").isEmpty)
  }

  @Test func aStreamWithPersonsHasOneRowAConnectionAndSite() throws {
    let site = try site()
    func open(_ path: String, _ user: String) throws {
      let connection = try RawHTTP(port: site.port)
      connection.send("GET \(path) HTTP/1.1\r\nHost: localhost\r\n\(AccessSite.bearer(user))\r\n")
      #expect(connection.receive(seconds: 0.5).contains("200 OK"), "\(path)")
    }
    try open("/api/v1/stream?type=kpi,alert", "ada")
    try open("/api/v1/stream", "vic")
    #expect(try rows(site).isEmpty, "no person in these")
    try open("/api/v1/stream", "anna")
    try open("/api/v1/stream?type=kpi&scope=worker", "ada")
    #expect(
      try rows(site).map(\.user) == ["anna", "ada"] && rows(site).allSatisfy { $0.operation == "stream" })
    #expect(try rows(site, "plant-b").map(\.user) == ["ada"], "anna may not see this site")
  }

  @Test func theLogTellsWhyAndIsForAdmins() throws {
    let site = try site()
    _ = try site.get("/api/v1/sites/plant-a/events?worker=W1&reason=complaint+17", AccessSite.bearer("anna"))
    _ = try site.get(
      "/api/v1/sites/plant-a/events?limit=1", AccessSite.bearer("anna") + "Andon-Reason: audit\r\n")
    _ = try site.get("/api/v1/sites/plant-a/events?limit=1", Self.admin)
    let path = "/api/v1/access-log?site=plant-a"
    for name in ["anna", "vic", "otto"] {
      #expect(AccessSite.status(try site.get(path, AccessSite.bearer(name))) == 403)
    }
    let log = try site.get(path, AccessSite.bearer("ada"))
    for part in [
      #""user":"anna""#, #""worker_id":"W1""#, #""reason":"complaint 17""#, #""reason":"audit""#,
      #""user":"shared token","proof":"sharedToken""#, #""site_id":"plant-a""#,
    ] { #expect(log.contains(part), "\(part) in \(log)") }
    // Pages, newest first.
    let first = try site.get(path + "&limit=2", AccessSite.bearer("ada"))
    #expect(first.contains(#""next_cursor":"2""#) && !first.contains("complaint"))
    #expect(try site.get(path + "&limit=2&cursor=2", AccessSite.bearer("ada")).contains("complaint 17"))
    #expect(try site.get(path + "&user=nobody", AccessSite.bearer("ada")).contains(#""items":[]"#))
    let text = try Command.outputs(
      AndonProcess.executable, ["access-log", "--config", site.file, "--site", "plant-a"])
    #expect(
      text.exitCode == 0 && text.output.contains("complaint 17") && text.output.contains("shared token"))
    let json = try Command.outputs(
      AndonProcess.executable,
      ["access-log", "--config", site.file, "--site", "plant-a", "--json", "--to", "5"])
    #expect(json.exitCode == 0 && json.output.isEmpty)
  }

  /// A full disk: what cannot be recorded is not shown.
  @Test func anAnswerThatCannotBeLoggedIsNotGiven() throws {
    let site = try site()
    let path = "\(site.folder.path)/data/sites/plant-a.sqlite"
    // As a full disk does, this refuses each write of the log.
    var configuration = Configuration()
    configuration.busyMode = .timeout(30)
    let database = try DatabaseQueue(path: path, configuration: configuration)
    try database.write {
      try $0.execute(
        sql: "CREATE TRIGGER full BEFORE INSERT ON access_log BEGIN SELECT RAISE(ABORT, 'disk is full'); END")
    }
    let refused = try site.get("/api/v1/sites/plant-a/events", AccessSite.bearer("anna"))
    #expect(AccessSite.status(refused) == 503 && refused.contains(#""code":"not_logged""#), "\(refused)")
    #expect(refused.contains("the access log of site plant-a cannot be written") && !refused.contains("W1"))
    let stream = try site.get("/api/v1/stream", AccessSite.bearer("anna"))
    #expect(AccessSite.status(stream) == 503)
    #expect(
      AccessSite.status(try site.get("/api/v1/sites/plant-a/kpi?window=day", AccessSite.bearer("anna")))
        == 200)
    try database.write { try $0.execute(sql: "DROP TRIGGER full") }
    #expect(AccessSite.status(try site.get("/api/v1/sites/plant-a/events", AccessSite.bearer("anna"))) == 200)
    #expect(try rows(site).count == 1)
  }

  // MARK: The table

  private func row(_ atMs: Int64) -> AccessRow {
    AccessRow(
      atMs: atMs, user: "anna", proof: "session", address: "::1", operation: "listEvents", subjects: 1)
  }

  @Test func rowsAreNeverChangedAndOnlyRetentionDeletesThem() throws {
    let site = try TestSite()
    try site.store.append([row(1000), row(2000), row(3000)])
    #expect(throws: DatabaseError.self) {
      try site.store.commit { try $0.db.execute(sql: "UPDATE access_log SET user = 'x'") }
    }
    _ = try site.store.pruneRecords(before: RecordCutoffs(2500))
    #expect(try site.store.accessLog(fromMs: 0, toMs: .max, limit: 10).map(\.atMs) == [3000])
    // The number of a deleted row is never used again: a gap would show.
    try site.store.append([row(4000)])
    #expect(try site.store.accessLog(fromMs: 0, toMs: .max, limit: 10).map(\.seq) == [4, 3])
  }

  /// A file of the schema before: it gets the table, and keeps what it has.
  @Test func anOlderFileGetsTheTable() throws {
    let folder = try TemporaryFolder.make("migration")
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "plant-a.sqlite").path
    let queue = try DatabaseQueue(path: path)
    try StoreSchema.migrator.migrate(queue, upTo: "0.1.0")
    try queue.write { try $0.execute(sql: "INSERT INTO site (id, site_id) VALUES (1, 'plant-a')") }
    try queue.close()
    let old = try SiteStore.openForReading(path: path, siteID: "plant-a")
    #expect(try old.accessLog(fromMs: 0, toMs: .max, limit: 10).isEmpty, "a reader before the first start")
    let store = try SiteStore.openForWriting(path: path, siteID: "plant-a")
    try store.append([row(1000)])
    #expect(try store.accessLog(fromMs: 0, toMs: .max, limit: 10).count == 1)
    try store.close()
  }
}
