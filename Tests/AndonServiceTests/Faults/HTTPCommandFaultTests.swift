import Foundation
import Mosquitto
import TestSupport
import Testing

@testable import AndonIngest
@testable import AndonRuntime
@testable import AndonStore

/// Row 59 of docs/reliability.md: commands over HTTP need no broker, and neither do posted events.
@Suite(.ownThread) struct HTTPCommandFaultTests {
  private static let site = "/api/v1/sites/plant-a"
  private let folder: URL
  private let port: Int32
  private let file: URL

  init() throws {
    folder = try TemporaryFolder.make("http-command")
    port = try Broker.freePort()
    file = folder.appending(path: "andon.yaml")
    try "secret".write(to: folder.appending(path: "token"), atomically: true, encoding: .utf8)
  }

  private func configure(_ broker: Broker) throws {
    try """
    bridge: {id: b1, data_dir: \(folder.path)/data}
    broker: {url: 'mqtt://127.0.0.1:\(broker.port)'}
    http: {listen: '127.0.0.1:\(port)', token_file: \(folder.path)/token}
    kpi: {publish_interval: 200ms, windows: [day]}
    drift: {window: 30, on_delay: 1m, clear_delay: 30s}
    sites: [{id: plant-a, timezone: UTC}]
    """.write(to: file, atomically: true, encoding: .utf8)
  }

  private func post(_ path: String, body: String = "") throws -> String {
    try RawHTTP.post(
      port: port, path: Self.site + path, body: body, headers: "Authorization: Bearer secret\r\n")
  }

  /// Five minutes of a camera with low confidence.
  private func drift() -> String {
    let nowMs = WallClock.system.nowMs
    let events = (0..<100).map {
      TestSite.event(nowMs - 300_000 + Int64($0) * 3000, worker: "W\($0 % 5)", confidence: "0.55")
    }
    return "[\(events.joined(separator: ","))]"
  }

  @Test func fault59_commandsOverHTTPAreCommittedAndAnsweredWhileTheBrokerIsDown() async throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let broker = try Broker(Broker.Options(isPersistent: true))
    try configure(broker)
    let process = try AndonProcess(["run", "--config", file.path], folder: folder)
    try waitUntil("the bridge", seconds: 60) {
      (try? RawHTTP.get(port: port, path: "/readyz").contains("200 OK")) == true
    }
    broker.stop()
    try waitUntil("the loss of the broker") { try RawHTTP.get(port: port, path: "/readyz").contains(" 503 ") }

    #expect(try post("/cameras/cam-02/events", body: drift()).contains(#""received":100"#))
    #expect(try post("/cameras/cam-02/events", body: #"[{"worker_id":"W1"},{}]"#).contains(#""rejected":2"#))
    let alarm = "/alerts/plant-a%2Fdrift%2Fcam-02"
    for (command, expected) in [
      ("\(alarm)/ack?by=rossi&comment=lens", #""ok":true,"code":"ok""#),
      ("\(alarm)/ack?by=rossi", #""ok":true,"code":"nothing_to_ack""#),
      ("\(alarm)/shelve?duration_s=600", #""ok":true,"code":"ok""#),
      ("\(alarm)/unshelve", #""ok":true,"code":"ok""#),
      ("/alerts/plant-a%2Fdrift%2Fnone/ack", #""code":"unknown_alert""#),
      ("/quarantine/replay", #""taken":2"#), ("/quarantine/purge?all=true", #""taken":2"#),
    ] {
      let answer = try post(command)
      #expect(answer.contains(expected), "\(command): \(answer)")
    }
    // An answered command is committed: another connection sees it.
    let path = folder.path + "/data/sites/plant-a.sqlite"
    let store = try SiteStore.openForReading(path: path, siteID: "plant-a")
    let words = ["raised", "acknowledged", "shelved", "unshelved"]
    let journal = try store.alarmJournal(limit: 100, alertID: "plant-a/drift/cam-02").map(\.event)
    #expect(journal.filter(words.contains) == words)
    #expect(try store.outbox(after: 0, limit: 100).count >= words.count, "all of it waits for the broker")

    // With the broker back, the other panels receive it: each transition once, in order, and the current
    // state.
    try broker.start()
    let panel = try await TestClient(broker)
    try await panel.subscribe(
      "andon/v1/plant-a/alert/drift/cam-02", "andon/v1/plant-a/alert_event/drift/cam-02")
    let received = try await panel.received(within: .seconds(60)) { received in
      received.contains { $0.text.contains(#""event":"unshelved""#) }
        && received.contains {
          $0.topic.contains("/alert/drift/") && $0.text.contains(#""state":"acked_active""#)
        }
    }
    let told = received.filter { $0.topic.contains("/alert_event/") }.compactMap { message in
      words.first { message.text.contains(#""event":"\#($0)""#) }
    }
    #expect(told == words)
    process.signal(SIGTERM)
    #expect(process.wait(seconds: 15) == 0)
  }

  @Test func aCommandThatNobodyTakesIsWithdrawnAndSaysSo() async throws {
    let requests = try SiteCommandQueue()
    requests.setOpen(true)
    let command = AlarmCommand(alertID: "x", action: .acknowledge, by: "http")
    let late = await requests.send(.command(command), timeout: .milliseconds(20))
    #expect(late.code == "unavailable" && late.detail?.contains("nothing was done") == true)
    #expect(requests.dequeue().isEmpty, "it is not done after its sender heard that it was not")

    // The command was taken and not committed in time: it may take effect, and the sender is told so.
    async let taken = requests.send(.command(command), timeout: .milliseconds(200))
    var pendingCommands: [SiteCommandQueue.PendingCommand] = []
    while pendingCommands.isEmpty {
      pendingCommands = requests.dequeue()
      await Task.yield()
    }
    let result = await taken
    #expect(result.detail?.contains("it may yet") == true)
    pendingCommands[0].answer(.ok)
  }
}
