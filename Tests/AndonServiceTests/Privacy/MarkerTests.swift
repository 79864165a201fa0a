import AndonCore
import Foundation
import Mosquitto
import TestSupport
import Testing

@testable import AndonStore

/// A worker's id is planted in every form in which it can come, by every way in. Then every byte that lies on the disk or
/// leaves the process is searched for it.
@Suite(.ownThread) struct MarkerTests {
  private static let marker = "MARKERworker7"
  private static let escaped = #"\u004dARKERworker7"#
  private static let token = "Authorization: Bearer secret\r\n"
  private static let mapping = """
    mappings:
      - name: gate
        site: plant-a
        topic: "gate/{w}/{c}"
        fields: {camera_id: "{c}", worker_id: "{w}", workstation_id: /at, event_type: /do, confidence: /p,
          timestamp: {from: /t, unit: ms}}
      - name: badge
        site: plant-a
        topic: "badge/{c}"
        payload: text
        fields: {camera_id: "{c}", worker_id: $, workstation_id: {value: S1}, event_type: {value: working},
          confidence: {value: "0.9"}, timestamp: receipt}
    """

  /// Payloads of Andon's own format with the marker: accepted ones, and one for each way to be refused.
  private static func payloads(_ nowMs: Int64) -> [String] {
    func event(_ offset: Int64, _ more: String = "", worker: String? = nil, kind: String = "working")
      -> String
    {
      #"{"timestamp":\#(nowMs - offset),"worker_id":\#(worker ?? "\"\(marker)\""),"workstation_id":"S1","#
        + #""event_type":"\#(kind)","confidence":0.9\#(more)}"#
    }
    return [
      event(10_000), event(11_000, worker: "\"\(escaped)\""), event(12_000, #","event_id":"\#(marker)-1""#),
      "[\(event(13_000)),\(event(14_000, kind: "idle"))]", event(15_000, kind: "product_count"),
      event(10_000), event(10_000, #","model_version":"other""#),  // a duplicate, and one that differs
      event(16_000, #","employee":"\#(marker)","more":{"who":["\#(marker)"]}"#),
      // Refused: kind, confidence, age, future, ids that contradict the topic, a field of the wrong form.
      event(17_000, kind: "sleeping"), event(18_000, #","count":3"#), event(400 * 86_400_000),
      event(-86_400_000), event(19_000, #","site_id":"other""#), event(20_000, #","camera_id":"other""#),
      event(21_000, #","event_id":"\#(marker) !""#), event(22_000, worker: #"{"id":"\#(marker)"}"#),
      event(23_000, worker: #"["\#(marker)"]"#), event(24_000, worker: "\"\(marker) \(marker)\""),
      #"{"timestamp":"yesterday","worker_id":"\#(marker)"}"#, #"{"worker_id":"\#(marker)"}"#,
      #"{"workerId":"\#(marker)","event_id":"\#(marker)"}"#,
      // No JSON, no object, cut off, twice the same key, too large.
      marker, "\"\(marker)\"", #"{"worker_id":"\#(marker)""#,
      #"{"worker_id":"\#(marker)","worker_id":"\#(marker)"}"#,
      "[7,\"\(marker)\",\(event(25_000, kind: "x"))]",
      event(26_000, #","padding":"\#(String(repeating: marker + " ", count: 6000))""#),
      "[" + Array(repeating: "\"\(marker)\"", count: 70_000).joined(separator: ",") + "]",
    ]
  }

  /// What cameras send: in Andon's format, in others, and of more workers than the site takes.
  private static func messages(_ nowMs: Int64) -> [Publication] {
    let topic = "andon/v1/plant-a/camera/cam-01/event"
    var sent = payloads(nowMs).map { Publication(topic: topic, payload: Array($0.utf8)) }
    func gate(_ p: String, _ more: String = "") -> String {
      #"{"at":"S1","do":"working","p":\#(p),"t":\#(nowMs - 30_000)\#(more)}"#
    }
    sent += [gate("0.9"), gate("7"), gate("0.9", ",,"), "{}"].map {
      Publication(topic: "gate/\(marker)/cam-02", payload: Array($0.utf8))
    }
    sent += [marker, "\u{1}\(marker)", "\(marker) \(marker)"].map {
      Publication(topic: "badge/cam-03", payload: Array($0.utf8))
    }
    // More workers than the site takes: valid events that are refused for what the site knows.
    for number in 0..<6 {
      let text =
        #"{"timestamp":\#(nowMs - 40_000),"worker_id":"\#(marker)x\#(number)","workstation_id":"S1","#
        + #""event_type":"idle","confidence":0.9,"event_id":"\#(marker)x\#(number)-7"}"#
      sent.append(Publication(topic: topic, payload: Array(text.utf8)))
    }
    return sent
  }

  @Test(arguments: ["pseudonym", "off"])
  func theIDIsNowhere(mode: String) async throws {
    let broker = try Broker(.init(isPersistent: true))
    let pager = try HTTPReceiver()
    let bridge = try PrivateBridge(broker, mode: mode, pager: pager, mapping: Self.mapping)
    let listener = try await TestClient(broker)
    try await listener.subscribe("#")
    let file = bridge.file
    var process = try AndonProcess(["run", "--config", file, "--log-level", "trace"], folder: bridge.folder)
    let publisher = try SyncClient(broker)
    try waitUntil("the subscription") { bridge.isReady }
    let nowMs = Int64(Date().timeIntervalSince1970 * 1000)
    let sent = Self.messages(nowMs)
    try publisher.publish(sent)
    var answers = ""
    for payload in Self.payloads(nowMs).prefix(12) {
      answers += try RawHTTP.post(
        port: bridge.port, path: "/api/v1/sites/plant-a/cameras/cam-04/events", body: payload,
        headers: Self.token + "Content-Type: application/json\r\n")
    }
    try waitUntil("the events") {
      let counters = (try? bridge.counters()) ?? OutcomeCounters()
      return counters.stored + counters.duplicate + counters.rejected >= Int64(sent.count) + 12
    }
    // A page for a camera of which the marker's events came.
    try publisher.publish([
      Publication(topic: "andon/v1/plant-a/camera/cam-01/status", payload: Array("offline".utf8))
    ])
    try waitUntil("the page") { !pager.requests.isEmpty }
    // Replay, and what the answers of people's questions say.
    answers += try Self.commands(bridge, file)
    answers += try Self.reads(bridge)
    let lines = process.output
    let crash = try Self.crash(process)
    answers += try Self.imports(nowMs, file)
    process = try AndonProcess(["run", "--config", file, "--log-level", "trace"], folder: bridge.folder)
    try waitUntil("the second subscription") { bridge.isReady }
    answers += try Self.reads(bridge)
    let events = try RawHTTP.get(
      port: bridge.port, path: "/api/v1/sites/plant-a/events?limit=1000", headers: Self.token)
    process.signal(SIGTERM)
    #expect(process.wait(seconds: 60) == 0)
    let published = try await listener.received { $0.contains { $0.topic.contains("/kpi/site/") } }
    let counters = try bridge.counters()
    #expect(counters.stored >= 8 && counters.rejected >= 20 && counters.duplicate >= 2)

    let pages = pager.requests.map { "\($0.line) \($0.headers) \($0.text)" }.joined()
    for (what, text) in [("answers", answers), ("log", lines + crash + process.output), ("pages", pages)] {
      #expect(!text.contains(Self.marker), "\(what): \(Self.around(text))")
    }
    Self.checkPublished(published)
    let found = try Self.files(below: bridge.folder.path).filter { path in
      try Data(contentsOf: URL(fileURLWithPath: path)).range(of: Data(Self.marker.utf8)) != nil
    }
    #expect(found == [], "files with the id")
    if mode == "off" {
      #expect(!published.contains { $0.topic.contains("/worker/") && !$0.payload.isEmpty })
      #expect(!answers.contains(#""scope":"worker""#))
      #expect(events.contains("workstation_id") && !events.contains("worker_id"))
    } else {
      #expect(published.contains { $0.topic.contains("/kpi/worker/P-") })
    }
  }

  /// What a crash writes into the log. After a signal from outside the process lives on, where it writes anything.
  private static func crash(_ process: AndonProcess) throws -> String {
    process.signal(SIGABRT)
    try waitUntil("the text of a crash") {
      process.wait(seconds: 0.01) != nil || process.output.contains("Backtrace took")
    }
    process.signal(SIGKILL)
    #expect(process.wait(seconds: 60) != nil)
    let text = process.output
    #expect(!text.contains("Registers:"), "registers and the memory they point at may hold an id")
    return text
  }

  /// Everything but what the cameras sent themselves.
  private static func checkPublished(_ published: [Received]) {
    let leaks = published.filter { message in
      !message.topic.hasPrefix("gate/") && !message.topic.hasPrefix("badge/")
        && !message.topic.hasSuffix("/event")
        && (message.topic + String(decoding: message.payload, as: UTF8.self)).contains(marker)
    }
    #expect(leaks.map(\.topic) == [])
    for prefix in ["spBv1.0/", "homeassistant/device/", "acme/", "andon/v1/plant-a/alert_event/"] {
      #expect(published.contains { $0.topic.hasPrefix(prefix) }, "\(prefix)")
    }
  }

  /// A configuration of one site with a folder of its own; the broker's files lie elsewhere.
  private struct PrivateBridge {
    let folder: URL
    let file: String
    let port: Int32

    init(_ broker: Broker, mode: String, pager: HTTPReceiver, mapping: String) throws {
      folder = try TemporaryFolder.make("private")
      port = try Broker.freePort()
      file = folder.appending(path: "andon.yaml").path
      let yaml = """
        bridge: {id: b1, data_dir: \(folder.path)/data}
        broker: {url: 'mqtt://127.0.0.1:\(broker.port)'}
        http: {listen: '127.0.0.1:\(port)', rate_limit: 0, token_file: '\(folder.path)/token'}
        kpi: {publish_interval: 200ms}
        privacy: {workers: \(mode)}
        sparkplug: {enabled: true}
        topics: {scalar_tags: true}
        uns: {enterprise: acme}
        discovery: {home_assistant: true}
        alerts: {offline_delay: 0s, group_window: 0s}
        notify: {routes: [{id: oncall, kind: webhook, url: '\(pager.url)'}]}
        \(mapping)
        sites: [{id: plant-a, timezone: UTC, limits: {workers: 3}}]
        """
      try "secret\n".write(toFile: folder.path + "/token", atomically: true, encoding: .utf8)
      try yaml.write(toFile: file, atomically: true, encoding: .utf8)
    }

    /// What is published before the subscription is granted reaches no bridge.
    var isReady: Bool { (try? RawHTTP.get(port: port, path: "/readyz").contains("200 OK")) == true }

    func counters() throws -> OutcomeCounters {
      let store = try SiteStore.openForReading(
        path: folder.path + "/data/sites/plant-a.sqlite", siteID: "plant-a")
      defer { try? store.close() }
      return try store.counters()
    }
  }

  private static func around(_ text: String) -> String {
    guard let place = text.range(of: marker) else { return "" }
    let start = text.index(place.lowerBound, offsetBy: -200, limitedBy: text.startIndex) ?? text.startIndex
    return String(text[start..<place.upperBound])
  }

  private static func files(below folder: String) throws -> [String] {
    guard let all = FileManager.default.enumerator(atPath: folder) else { return [] }
    return all.compactMap { $0 as? String }.map { "\(folder)/\($0)" }.filter {
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(atPath: $0, isDirectory: &isFolder) && !isFolder.boolValue
    }
  }

  /// The same events from a file, while no bridge runs; the file is not of the bridge.
  private static func imports(_ nowMs: Int64, _ file: String) throws -> String {
    let folder = try TemporaryFolder.make("import")
    defer { try? FileManager.default.removeItem(at: folder) }
    let input = folder.appending(path: "events.jsonl")
    try payloads(nowMs + 1).filter { $0.utf8.count < 4096 }.joined(separator: "\n")
      .write(to: input, atomically: true, encoding: .utf8)
    let result = try Command.outputs(
      AndonProcess.executable,
      ["import", "--config", file, "--site", "plant-a", "--camera", "cam-05", input.path])
    #expect(result.output.contains(#""stored":"#) && result.errors.contains("rejected"), "\(result)")
    return "\(result)"
  }

  /// Replay, export, backup, figures and the quarantine by the command line.
  private static func commands(_ bridge: PrivateBridge, _ file: String) throws -> String {
    let backup = bridge.folder.appending(path: "backup").path
    var output = ""
    for arguments in [
      ["quarantine", "replay", "--all"], ["quarantine", "list"], ["quarantine", "list", "--json"], ["export"],
      ["export", "--format", "csv"], ["kpi", "--scope", "site", "--window", "day", "--json"],
      ["kpi", "--scope", "workstation", "--window", "hour"], ["store", "backup", "--to", backup],
    ] {
      let (command, rest) = (arguments.prefix { !$0.hasPrefix("-") }, arguments.drop { !$0.hasPrefix("-") })
      let result = try Command.outputs(
        AndonProcess.executable, command + ["--config", file, "--site", "plant-a"] + rest)
      output += "\(result)"
    }
    return output
  }

  private static func reads(_ bridge: PrivateBridge) throws -> String {
    let site = "/api/v1/sites/plant-a"
    return try [
      "/status", "/metrics", "/api/v1/sites", "\(site)/events?limit=1000", "\(site)/quarantine?limit=1000",
      "\(site)/kpi?scope=site&window=day", "\(site)/kpi?scope=worker&window=day",
      "\(site)/kpi?scope=workstation&window=day", "\(site)/alerts", "\(site)/models",
    ].map { try RawHTTP.get(port: bridge.port, path: $0, headers: token) }.joined()
  }
}
