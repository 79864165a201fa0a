import AndonCore
import Curl
import Foundation
import GRDB
import TestSupport
import Testing

@testable import AndonConfiguration
@testable import AndonIngest
@testable import AndonNotify
@testable import AndonStatus
@testable import AndonStore

/// Rows 140 ff. of docs/reliability.md: receivers of pages outside of MQTT that fail in every way.
@Suite(.ownThread, .timeLimit(.minutes(5))) struct NotifyFaultTests {
  private func hook(_ receiver: HTTPReceiver, id: String = "hook", _ more: String = "") -> String {
    "id: \(id), kind: webhook, url: '\(receiver.url)', timeout: 1s\(more.isEmpty ? "" : ", " + more)"
  }

  @Test func fault140_aPageAndItsJournalRowAreOneTransaction() throws {
    let receiver = try HTTPReceiver()
    let site = try NotifySite([hook(receiver)])
    try DatabaseQueue(path: site.store.path).write { db in
      try db.execute(
        sql: "CREATE TRIGGER no BEFORE INSERT ON notification BEGIN SELECT RAISE(ABORT, 'disk says no'); END")
    }
    #expect(throws: (any Error).self) { try site.goOffline() }
    #expect(try site.store.alarmJournal(limit: 10).isEmpty, "no page, no journal row")
    try DatabaseQueue(path: site.store.path).write { try $0.execute(sql: "DROP TRIGGER no") }
    try site.site.restart()
    try site.goOffline()
    #expect(try site.store.alarmJournal(limit: 10).count { $0.page } == 1)
    #expect(try site.waiting() == 1)
    try site.drain()
    #expect(receiver.told == ["raised cam-01"])
    // The body is the journal's object, byte for byte.
    #expect(try site.store.alarmJournal(limit: 10).last?.json == receiver.requests.first?.text)
  }

  @Test func fault141_aReceiverThatIsDownForTenMinutesGetsEachPageOnceAndInOrder() throws {
    let receiver = try HTTPReceiver()
    let site = try NotifySite([hook(receiver)], more: ", alerts: {reannounce_after: 0s}")
    receiver.answer(.status(503, body: "maintenance"))
    let began = site.nowMs
    for step in 0..<20 {
      let camera = "cam-\(step % 2)"
      try step / 2 % 2 == 0 ? site.goOffline(camera) : site.comeBack(camera)
      site.pass(milliseconds: 30_000)
      try site.turn(until: "an attempt") { !site.loop.isBusy }
    }
    #expect(site.nowMs - began == 600_000)
    #expect(site.routes[0].error?.contains("503 (maintenance)") == true)
    #expect(site.routes[0].failingSinceMs.map { $0 - began < 60_000 } == true)
    // Log lines: one, not one an attempt.
    #expect(site.log.lines.count { $0.contains("pages wait") } == 1)
    let attempts = receiver.requests.count
    #expect(attempts < 60, "it is asked with back-off")
    receiver.answer(.status(200))
    site.pass(milliseconds: 60_000)
    try site.drain()
    let told = receiver.told.dropFirst(attempts)
    // 20 changes: each of the two cameras went and came back five times.
    #expect(told.count == 20)
    for camera in ["cam-0", "cam-1"] {
      let own = told.filter { $0.hasSuffix(camera) }.map { $0.split(separator: " ")[0] }
      #expect(own == ["raised", "cleared"] + Array(repeating: ["reopened", "cleared"], count: 4).joined())
    }
    let revisions = receiver.requests.dropFirst(attempts).compactMap { try? AlertEvent($0.body) }
    #expect(Set(revisions.map { "\($0.alertID) \($0.revision)" }).count == 20, "each once")
    #expect(site.routes[0].error == nil && site.routes[0].delivered == 20)
    #expect(site.log.lines.count { $0.contains("takes pages again") } == 1)
  }

  @Test func fault142_aWrongCertificateIsRefusedAndSaid() throws {
    let certificates = try Certificates()
    func server(_ name: String) throws -> (ChildProcess, Int32) {
      let port = try Broker.freePort()
      let child = try ChildProcess(
        "/usr/bin/openssl",
        [
          "s_server", "-accept", "\(port)", "-cert", certificates.certificate(name), "-key",
          certificates.key(name), "-www",
        ],
        output: certificates.folder.appending(path: "\(name).log").path)
      try waitUntil("openssl") { (try? RawHTTP(port: port)) != nil }
      return (child, port)
    }
    func failure(_ name: String, ca: String?) throws -> String? {
      let (child, port) = try server(name)
      defer {
        child.signal(SIGKILL)
        child.wait()
      }
      var route = NotifyRouteSettings(
        route: NotifyRoute(id: "tls"), kind: .webhook, url: NotifyURL(text: "https://localhost:\(port)/"))
      route.caFile = ca
      let site = try TestSite().site
      do {
        _ = try NotifyTrial(route, site: site).reach()
        return nil
      } catch let error as NotifyTrialFailure { return error.description }
    }
    #expect(try failure("server", ca: certificates.authority) == nil)
    for (name, ca) in [
      ("server", nil), ("server", certificates.strangerAuthority), ("elsewhere", certificates.authority),
      ("expired", certificates.authority), ("future", certificates.authority),
    ] {
      let words = try #require(try failure(name, ca: ca), "\(name) must be refused")
      #expect(words.contains("no TLS connection") && words.contains("ca_file"), "\(words)")
    }
  }

  @Test func fault143_hostileAnswersEndInTimeAndHoldNoOtherRoute() throws {
    let (bad, good) = (try HTTPReceiver(), try HTTPReceiver())
    let elsewhere = try HTTPReceiver()
    let site = try NotifySite([hook(bad, id: "bad"), hook(good, id: "good")])
    let hostile: [(HTTPReceiver.Answer, String)] = [
      (.silence, "no answer in time"), (.slowHead, "no answer in time"), (.close, "mpty reply"),
      (.status(302, headers: ["Location: \(elsewhere.url)"]), "redirects are not followed"),
      (.status(301, headers: ["Location: file:///etc/passwd"]), "redirects are not followed"),
    ]
    for (number, (answer, words)) in hostile.enumerated() {
      bad.answer(answer)
      let (began, before) = (ContinuousClock.now, site.routes[0].failures)
      try site.goOffline("cam-\(number)")
      try site.turn(until: "the other route") { good.told.count == number + 1 }
      try site.turn(until: "the end of \(answer)") { !site.loop.isBusy && site.routes[0].failures > before }
      #expect(ContinuousClock.now - began < .seconds(20), "\(answer)")
      #expect(site.routes[0].error?.contains(words) == true, "\(site.routes[0].error ?? "")")
      #expect(site.routes[1].error == nil && site.routes[0].delivered == 0)
      site.pass(milliseconds: 60_000)
    }
    #expect(elsewhere.requests.isEmpty)
    // A receiver that says 200 took the page, even if it never stops talking.
    for answer in [HTTPReceiver.Answer.endlessHeaders, .endlessBody] {
      bad.answer(answer)
      let (began, before) = (ContinuousClock.now, site.routes[0].delivered)
      try site.turn(until: "a delivery") { site.routes[0].delivered > before }
      #expect(ContinuousClock.now - began < .seconds(20) && site.routes[0].error == nil, "\(answer)")
    }
    try site.drain()
    #expect(site.routes[0].delivered == Int64(hostile.count))
  }

  @Test func fault144_aPageEscalatesUntilItIsAcknowledged() throws {
    let receivers = try (0..<3).map { _ in try HTTPReceiver() }
    let site = try NotifySite([
      hook(receivers[0], id: "operator", "escalate_after: 5m"),
      hook(receivers[1], id: "foreman", "escalate_after: 10m"),
      hook(receivers[2], id: "manager", "send_resolved: false"),
    ])
    try site.goOffline("cam-1")
    try site.goOffline("cam-2")
    try site.goOffline("cam-3")
    try site.drain()
    #expect(receivers.map(\.told.count) == [3, 0, 0])
    #expect(site.routes.map(\.escalating) == [0, 3, 3])
    // Acknowledged in time: the next route is not called.
    #expect(try site.site.perform("plant-a/camera_offline/cam-1", .acknowledge).isOK)
    site.pass(milliseconds: 299_999)
    try site.drain()
    #expect(receivers.map(\.told.count) == [4, 0, 0])
    site.pass(milliseconds: 1)
    // Also over a kill in between.
    try site.restartLoop()
    try site.turn(until: "the foreman") { receivers[1].told.count == 2 }
    #expect(receivers[1].told == ["raised cam-2", "raised cam-3"])
    // It is over before the manager's turn: the foreman hears it, the manager is not called.
    try site.comeBack("cam-2")
    site.pass(milliseconds: 600_000)
    try site.turn(until: "the manager") { !receivers[2].told.isEmpty }
    try site.drain()
    #expect(receivers[2].told == ["raised cam-3"])
    #expect(receivers[1].told.last == "cleared cam-2")
    #expect(try site.site.perform("plant-a/camera_offline/cam-3", .acknowledge).isOK)
    try site.drain()
    #expect(receivers[1].told.last == "acknowledged cam-3" && receivers[2].told.count == 1)
  }

  @Test func fault145_atTheBoundTheOldestMakeRoomAndAreCounted() throws {
    let receiver = try HTTPReceiver()
    let site = try NotifySite([hook(receiver)])
    try site.goOffline()
    let machine = try #require(site.site.turn.engine.machines.values.first { $0.isRaised })
    let rules = site.site.base.site.notifyRules(SiteCalendar(site.site.base.site))
    let limit = Int(StoreTransaction.notificationLimit)
    let dropped = try site.store.commit { transaction -> Int in
      var (machine, dropped) = (machine, 0)
      for _ in 1...limit + 7 {
        let rows = machine.judge(isFalseAlarm: true, by: "x", comment: nil, nowMs: site.nowMs)
        var row = try #require(rows.first)
        (row.kind, row.page) = (.raised, true)
        dropped += try transaction.notify(AlarmRecord(siteID: "plant-a", transition: row), rules).dropped
      }
      return dropped
    }
    // One row was there before.
    #expect(dropped == 8)
    #expect(try site.waiting() == limit)
  }

  @Test func fault146_aPageThatIsRefusedHoldsOnlyItsOwnAlert() throws {
    let receiver = try HTTPReceiver()
    let site = try NotifySite([hook(receiver)])
    receiver.answer { $0.text.contains("cam-bad") ? .status(400, body: "no such camera") : .status(200) }
    try site.goOffline("cam-bad")
    try site.goOffline("cam-1")
    try site.comeBack("cam-bad")
    try site.goOffline("cam-2")
    try site.turn(until: "the others") { site.routes[0].delivered == 2 }
    #expect(try site.waiting() == 2)
    #expect(site.routes[0].error?.contains("plant-a/camera_offline/cam-bad: answered 400") == true)
    // Its own rows keep their order.
    let own = receiver.told.filter { $0.hasSuffix("cam-bad") }
    #expect(Set(own) == ["raised cam-bad"])
    receiver.answer(.status(200))
    site.pass(milliseconds: 60_000)
    try site.drain()
    #expect(
      receiver.told.filter { $0.hasSuffix("cam-bad") }.suffix(2) == ["raised cam-bad", "cleared cam-bad"])
    #expect(site.routes[0].error == nil)
    // Refused for a day: given up, counted and said.
    receiver.answer(.status(422))
    try site.goOffline("cam-3")
    try site.turn(until: "the refusal") { site.routes[0].error != nil && !site.loop.isBusy }
    site.pass(milliseconds: 86_400_000)
    try site.drain()
    #expect(site.routes[0].refused == 1 && site.log.text.contains("given up"))
  }

  @Test func fault147_noSecretIsShownEvenIfTheReceiverRepeatsIt() throws {
    let receiver = try HTTPReceiver()
    let folder = try TemporaryFolder.make("secrets")
    func file(_ name: String, _ text: String) throws -> String {
      let path = folder.appending(path: name).path
      try text.write(toFile: path, atomically: true, encoding: .utf8)
      return path
    }
    let url = try file("url", "http://127.0.0.1:\(receiver.port)/T0PSECRET/path")
    let site = try NotifySite([
      "id: hook, kind: webhook, url_file: '\(url)', secret_file: '\(try file("key", "SIGNKEY"))', "
        + "token_file: '\(try file("token", "T0KEN"))'"
    ])
    receiver.answer { request in
      .status(500, body: request.line + (request.headers["authorization"] ?? "") + " SIGNKEY")
    }
    try site.goOffline()
    try site.turn(until: "the failure") { site.routes[0].error != nil }
    let shown = site.log.text + "\(site.routes)" + (site.board.site("plant-a")?.warning ?? "")
    for secret in ["T0PSECRET", "T0KEN", "SIGNKEY"] { #expect(!shown.contains(secret)) }
    #expect(receiver.requests.first?.headers["authorization"] == "Bearer T0KEN")
    // The signature, computed by another program.
    let body = folder.appending(path: "body").path
    let request = try #require(receiver.requests.first)
    try Data(request.body).write(to: URL(fileURLWithPath: body))
    let other = try Command.run("/usr/bin/openssl", ["dgst", "-sha256", "-hmac", "SIGNKEY", body])
    let digits = other.split(separator: " ").last.map { $0.trimmingCharacters(in: .newlines) }
    #expect(request.headers["x-andon-signature"] == "sha256=\(digits ?? "")")
    // A secret that cannot be read is the route's trouble, with the file's name.
    try FileManager.default.removeItem(atPath: folder.appending(path: "key").path)
    site.pass(milliseconds: 60_000)
    try site.turn(until: "the missing file") { site.routes[0].error?.contains("cannot be read") == true }
  }

  @Test func fault148_whatWaitsForARouteThatIsGoneIsDroppedAndCounted() throws {
    let receiver = try HTTPReceiver()
    let site = try NotifySite([hook(receiver, id: "old"), hook(receiver, id: "stays")])
    try site.goOffline()
    #expect(try site.store.keepNotifications(of: ["old", "stays"]).isEmpty)
    #expect(try site.store.keepNotifications(of: ["stays"]) == ["old": 1])
    #expect(try site.store.openNotifications(route: "old", dueMs: .max, limit: 9).isEmpty)
    #expect(try site.store.notificationBacklogs(nowMs: site.nowMs).keys.sorted() == ["stays"])
  }

  @Test func fault149_anAlertmanagerThatForgetsHearsAgainAndHearsTheEnd() throws {
    let receiver = try HTTPReceiver()
    let site = try NotifySite(["id: am, kind: alertmanager, url: 'http://127.0.0.1:\(receiver.port)'"])
    struct Alert: Decodable {
      var labels: [String: String]
      var startsAt: String
      var endsAt: String
    }
    func alerts(_ index: Int) throws -> [Alert] {
      let bodies = receiver.requests.map(\.body)
      guard index < bodies.count else { return [] }
      return try JSONDecoder().decode([Alert].self, from: Data(bodies[index]))
    }
    try site.goOffline("cam-1")
    try site.goOffline("cam-2")
    try site.drain()
    #expect(receiver.requests.map(\.line) == Array(repeating: "POST /api/v2/alerts HTTP/1.1", count: 2))
    let first = try #require(try alerts(0).first)
    #expect(first.labels["alertname"] == "andon_camera_offline" && first.labels["severity"] == "medium")
    #expect(first.endsAt > CivilTime.text(epochMs: site.nowMs + 3_000_000))
    // It has no memory over a restart: each minute it hears of all that is open.
    site.pass(milliseconds: 60_000)
    try site.turn(until: "the reminder") { receiver.requests.count == 3 && !site.loop.isBusy }
    #expect(try alerts(2).map { $0.labels["source"] } == ["cam-1", "cam-2"])
    try site.comeBack("cam-1")
    try site.drain()
    let last = try #require(try alerts(3).first)
    #expect(last.labels == first.labels && last.endsAt <= CivilTime.text(epochMs: site.nowMs))
    site.pass(milliseconds: 60_000)
    try site.turn(until: "the next reminder") { receiver.requests.count == 5 && !site.loop.isBusy }
    #expect(try alerts(4).map { $0.labels["source"] } == ["cam-2"])
  }
}
