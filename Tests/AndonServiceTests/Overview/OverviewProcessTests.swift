import Foundation
import Mosquitto
import TestSupport
import Testing

@testable import AndonConfiguration

/// The whole `andon overview` with two real brokers.
@Suite(.ownThread) struct OverviewProcessTests {
  private typealias Sample = FleetSample

  private func nowMs() -> Int64 { Int64(Date().timeIntervalSince1970 * 1000) }

  /// Figures of now: the process has the real clock.
  private func kpi(_ site: String, quality: Int = 192) -> (String, String) {
    let (topic, text) = Sample.kpi(site, atMs: nowMs(), quality: quality)
    let (from, to) = ("\(Sample.nowMs - 3_600_000)", "\(Sample.nowMs + 3_600_000)")
    return (
      topic,
      text.replacing(from, with: "\(nowMs() - 3_600_000)").replacing(to, with: "\(nowMs() + 3_600_000)")
    )
  }

  @Test func sitesOfTwoBrokersOnOnePage() async throws {
    let site = try OverviewSite()
    let summaries = ["plant-a", "plant-b"].map { Sample.summary($0, active: 0, unacked: 0) }
    try await site.publish([
      summaries[0], kpi("plant-a"), Sample.name("plant-a", "Anvil"), Sample.alert("plant-a", severity: 900),
    ])
    try await site.publish(summaries + [kpi("plant-a", quality: 64), kpi("plant-b")], to: 1)
    try site.wait("/api/v1/fleet/sites?find=anvil", for: #""state":"critical""#)
    try site.wait("/api/v1/fleet/sites?broker=south", for: #""total":2"#)
    let list = try site.get("/api/v1/fleet/sites")
    let places = try ["critical", "incomplete", "ok"].map { state in
      try #require(list.range(of: #""state":"\#(state)""#)).lowerBound
    }
    #expect(places == places.sorted(), "the worst first")
    #expect(list.contains(#""dashboard":"http://north.example/#/plant-a""#))
    try site.wait("/api/v1/fleet/alerts", for: #""alert_id":"plant-a/drift/cam-01""#)
    #expect(try site.get("/").contains("/overview.js") && site.get("/overview.js").contains("fleet"))
    let page = try site.get("/api/v1/fleet/sites?order=name&limit=2")
    #expect(page.contains(#""next_cursor":"south/plant-a""#))
    let rest = try site.get("/api/v1/fleet/sites?order=name&limit=2&cursor=south/plant-a")
    #expect(rest.contains(#""site_id":"plant-b""#) && !rest.contains("next_cursor"))
    try site.wait("/readyz", for: " 200 ")
    let metrics = try site.get("/metrics")
    #expect(metrics.contains(#"andon_fleet_sites{state="critical"} 1"#))
    #expect(metrics.contains(#"andon_fleet_broker_connected{broker="south"} 1"#))
    #expect(try site.get("/openapi.json").contains("/api/v1/fleet/sites"))
    // What only bridges have.
    #expect(try site.get("/api/v1/sites").contains(" 404 "))
  }

  @Test func fault264_aBrokerThatIsAwayTakesOnlyItsOwnSites() async throws {
    let site = try OverviewSite()
    let summaries = ["a", "b", "c"].map { Sample.summary("plant-\($0)", active: 0, unacked: 0) }
    try await site.publish([summaries[0], summaries[2], kpi("plant-a"), kpi("plant-c")])
    try await site.publish([summaries[1], kpi("plant-b")], to: 1)
    try site.wait("/api/v1/fleet/sites", for: #""total":3"#)
    try site.wait("/readyz", for: " 200 ")
    site.brokers[0].stop(signal: SIGKILL)
    try site.wait("/api/v1/fleet/sites?state=offline", for: #""reason":"broker""#)
    #expect(try site.get("/api/v1/fleet/sites?state=ok").contains(#""site_id":"plant-b""#))
    #expect(try site.get("/readyz").contains(" 503 "))
    // It comes back and has forgotten all: what it does not bring is gone; plant-a is published again.
    try site.brokers[0].restart()
    try await site.publish([summaries[0], kpi("plant-a")])
    try site.wait("/api/v1/fleet/sites", for: #""total":2"#)
    try site.wait("/api/v1/fleet/sites?state=ok", for: #""total":2"#)
    try site.wait("/readyz", for: " 200 ")
  }

  /// A broker whose queue holds 100 messages drops most of what it keeps, as soon as the socket is full; the overview asks
  /// again, a few sites at a time.
  @Test func fault268_whatTheBrokersQueueDropsIsAskedForAgain() async throws {
    let site = try OverviewSite(queue: 100)
    let ids = (0..<150).map { "plant-\($0)" }
    let padding = String(repeating: "x", count: 100_000)
    for part in stride(from: 0, to: ids.count, by: 25) {
      try await site.publish(
        ids[part..<part + 25].flatMap { id in
          let (topic, text) = Sample.name(id, "N \(id)")
          return [
            kpi(id), Sample.alert(id), Sample.summary(id, active: 1, unacked: 1),
            (topic, text.replacing("[]", with: #"["\#(padding)"]"#)),
          ]
        }, qos: 0)
    }
    try site.restart()
    // What comes live makes all sites known; whether their alerts are is told by their summaries.
    try await site.publish(ids.map { kpi($0) })
    try site.wait("/api/v1/fleet/alerts?limit=1", for: #""total":150"#)
    try site.wait("/api/v1/fleet/sites?state=alert&limit=1", for: #""total":150"#)
    #expect(
      site.brokers[0].log.contains("messages are being dropped"),
      "nothing was dropped: the test shows nothing")
  }

  @Test func theStreamTellsWhatChanges() async throws {
    let site = try OverviewSite()
    let stream = try RawHTTP(port: site.port)
    stream.send("GET /api/v1/fleet/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
    try await site.publish([kpi("plant-a"), Sample.alert("plant-a")])
    var text = ""
    try waitUntil("the site and its alert on the stream", seconds: 60) {
      text += stream.receive(seconds: 0.2)
      return text.contains("event: site\n") && text.contains(#""open":true"#)
    }
    try await site.publish([("andon/v1/plant-a/alert/drift/cam-01", "")])
    try await site.publish([("andon/v1/plant-a/kpi/site/plant-a/shift", "")])
    try waitUntil("the site's end on the stream", seconds: 60) {
      text += stream.receive(seconds: 0.2)
      return text.contains("event: gone\ndata: {\"site_id\":\"plant-a\",\"broker\":\"north\"}")
    }
    #expect(text.contains("event: site\ndata: {\"site_id\":\"plant-a\""))
    #expect(text.contains(#""open":false"#))
  }

  // MARK: Acknowledging

  @Test func fault265_withoutWriteNothingIsSent() async throws {
    let site = try OverviewSite()
    try await site.publish([kpi("plant-a"), Sample.alert("plant-a")])
    try site.wait("/api/v1/fleet/alerts", for: "plant-a/drift/cam-01")
    let path = "/api/v1/fleet/sites/plant-a/alerts/plant-a%2Fdrift%2Fcam-01/ack"
    #expect(try site.post(path).contains(" 401 "))
    let answer = try site.post(path, OverviewSite.token)
    #expect(answer.contains(" 409 ") && answer.contains("read_only"), "\(answer)")
  }

  /// A real bridge at the broker: the alert is acknowledged there, under the name of the user.
  @Test func anAcknowledgementReachesTheBridge() async throws {
    let maintainer = try AccessSite.user("mia", .maintainer)
    let viewer = try AccessSite.user("vic", .viewer)
    let site = try OverviewSite(overview: ", write: true", users: [maintainer, viewer])
    try await site.publish([kpi("plant-a"), Sample.alert("plant-a")])
    let bridge = try await TestClient(site.brokers[0])
    try await bridge.subscribe("andon/v1/+/cmd/alert/ack")
    try site.wait("/api/v1/fleet/alerts", for: "plant-a/drift/cam-01", OverviewSite.token)
    let path = "/api/v1/fleet/sites/plant-a/alerts/plant-a%2Fdrift%2Fcam-01/ack"
    #expect(try site.post(path, AccessSite.bearer("vic")).contains(" 403 "))
    let unknown = path.replacing("cam-01", with: "cam-99")
    #expect(try site.post(unknown, AccessSite.bearer("mia")).contains("unknown_alert"))
    let port = site.port
    async let answer = Task.detached {
      try RawHTTP.post(
        port: port, path: path + "?by=eve&comment=seen", body: "", headers: AccessSite.bearer("mia"))
    }.value
    let command = try #require(try await bridge.received { !$0.isEmpty }.first)
    let text = String(decoding: command.payload, as: UTF8.self)
    #expect(command.topic == "andon/v1/plant-a/cmd/alert/ack")
    #expect(text.contains(#""by":"mia""#) && text.contains(#""comment":"seen""#))
    let id = try #require(text.firstMatch(of: /"req_id":"([^"]+)"/)).1
    // Answers to others change nothing.
    for other in ["x", String(id)] {
      try await bridge.publish(
        #"{"req_id":"\#(other)","cmd":"alert/ack","ok":true,"code":"\#(other == "x" ? "nothing_to_ack" : "ok")","timestamp_ms":1}"#,
        to: "andon/v1/plant-a/cmd_result/alert/ack")
    }
    let reply = try await answer
    #expect(reply.contains(" 200 ") && reply.contains(#""code":"ok""#) && reply.contains(#""by":"mia""#))
  }

  @Test func fault266_aBridgeThatDoesNotAnswer() async throws {
    let site = try OverviewSite(overview: ", write: true")
    try await site.publish([kpi("plant-a"), Sample.alert("plant-a")])
    try site.wait("/api/v1/fleet/alerts", for: "plant-a/drift/cam-01")
    let answer = try RawHTTP.post(
      port: site.port, path: "/api/v1/fleet/sites/plant-a/alerts/plant-a%2Fdrift%2Fcam-01/ack", body: "",
      headers: OverviewSite.token)
    #expect(answer.contains(" 503 ") && answer.contains("no_answer"))
  }

  // MARK: Access

  @Test func usersSeeOnlyTheirSites() async throws {
    let site = try OverviewSite(users: [
      try AccessSite.user("one", .maintainer, ["plant-a"]), try AccessSite.user("op", .operator, ["plant-a"]),
    ])
    try await site.publish([kpi("plant-a"), kpi("plant-b"), Sample.alert("plant-b"), Sample.alert("plant-a")])
    try site.wait("/api/v1/fleet/sites", for: #""total":2"#, OverviewSite.token)
    #expect(try site.get("/api/v1/fleet/sites").contains(" 401 "))
    for path in ["/api/v1/fleet/sites", "/api/v1/fleet/alerts"] {
      try site.wait(path, for: "plant-b", OverviewSite.token)
      let own = try site.get(path, AccessSite.bearer("one"))
      #expect(own.contains("plant-a") && !own.contains("plant-b") && own.contains(#""total":1"#), "\(path)")
    }
    // Nor how many others there are, or of which brokers.
    let status = try site.get("/api/v1/fleet", AccessSite.bearer("one"))
    #expect(status.contains(#""sites":1,"#) && status.contains("north") && !status.contains("south"))
    #expect(try site.get("/api/v1/fleet", OverviewSite.token).contains("south"))
    let metrics = try site.get("/metrics", AccessSite.bearer("op"))
    #expect(metrics.contains("andon_fleet_known_sites 1\n") && metrics.contains("north"), "\(metrics)")
    #expect(!metrics.contains("south"))
    let other = try site.post(
      "/api/v1/fleet/sites/plant-b/alerts/plant-b%2Fdrift%2Fcam-01/ack", AccessSite.bearer("one"))
    #expect(other.contains("unknown_site"))
    let history = try site.get("/api/v1/fleet/sites/plant-b/history", AccessSite.bearer("one"))
    #expect(history.contains("unknown_site"))
    let stream = try RawHTTP(port: site.port)
    stream.send("GET /api/v1/fleet/stream HTTP/1.1\r\nHost: localhost\r\n\(AccessSite.bearer("one"))\r\n")
    try await site.publish([kpi("plant-b"), ("andon/v1/plant-b/alert/drift/cam-01", "")])
    try await site.publish([("andon/v1/plant-a/alert/drift/cam-01", "")])
    var text = ""
    try waitUntil("the own alert's end", seconds: 60) {
      text += stream.receive(seconds: 0.2)
      return text.contains(#""open":false"#)
    }
    #expect(!text.contains("plant-b"))
  }

  // MARK: Command

  @Test func theCommandChecksAConfiguration() throws {
    let folder = try TemporaryFolder.make("overview-check")
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "o.yaml").path
    for (text, code, words) in [
      ("overview: {brokers: [{name: n, broker: {url: 'mqtt://h'}}]}", Int32(0), "1 broker, no mistakes"),
      ("overview: {brokers: []}", 1, "overview.brokers: must list at least one broker"),
    ] {
      try text.write(toFile: file, atomically: true, encoding: .utf8)
      let process = try AndonProcess(["overview", "--check", "--config", file], folder: folder)
      #expect(process.wait(seconds: 60) == code && process.output.contains(words), "\(process.output)")
    }
  }

  @Test func itEndsSoonAtSIGTERM() async throws {
    let site = try OverviewSite()
    site.brokers[1].freeze()
    site.process.signal(SIGTERM)
    #expect(site.process.wait(seconds: 30) == 0)
    site.brokers[1].thaw()
  }
}
