import AndonCore
import Foundation
import TestSupport
import Testing

@testable import AndonConfiguration
@testable import AndonRuntime
@testable import AndonStore

/// `andon worker` beside a running bridge and without one, at a real broker.
@Suite(.ownThread) struct EraseProcessTests {
  private static let root = "andon/v1/plant-a"
  private static let worker = "Zq7Marker"
  private let folder: URL
  private let port: Int32
  private var file: String { folder.path + "/andon.yaml" }
  private var database: String { folder.path + "/data/sites/plant-a.sqlite" }

  init() throws {
    folder = try TemporaryFolder.make("erase")
    port = try Broker.freePort()
  }

  private func configure(_ broker: Broker) throws {
    try """
    bridge: {id: b1, data_dir: \(folder.path)/data}
    broker: {url: 'mqtt://127.0.0.1:\(broker.port)'}
    topics: {scalar_tags: true}
    http: {listen: '127.0.0.1:\(port)'}
    kpi: {publish_interval: 200ms, windows: [hour]}
    sites: [{id: plant-a, timezone: UTC, workers: {\(Self.worker): {name: Mia}}}]
    """.write(toFile: file, atomically: true, encoding: .utf8)
  }

  private func start() throws -> AndonProcess {
    let process = try AndonProcess(["run", "--config", file], folder: folder)
    try waitUntil("the bridge", seconds: 60) {
      (try? RawHTTP.get(port: port, path: "/readyz").contains("200 OK")) == true
    }
    return process
  }

  private func worker(_ arguments: String...) throws -> Command.Result {
    try Command.outputs(
      AndonProcess.executable,
      ["worker", arguments[0], "--config", file, "--site", "plant-a", "--id", Self.worker]
        + arguments.dropFirst())
  }

  private func object(_ result: Command.Result) throws -> [String: Any] {
    try #require(
      try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any],
      "\(result.output) \(result.errors)")
  }

  private func bytes() throws -> Int {
    try ["", "-wal"].reduce(0) { try $0 + FileScan.count(of: Self.worker, in: database + $1) }
  }

  @Test func aPersonLeavesFileAndBrokerWhileTheBridgeRuns() async throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let broker = try Broker(Broker.Options(isPersistent: true))
    try configure(broker)
    let process = try start()
    let camera = try await TestClient(broker)
    let panel = try await TestClient(broker)
    try await panel.subscribe("\(Self.root)/kpi/worker/#", "\(Self.root)/tag/worker/#")
    let nowMs = WallClock.system.nowMs
    for (number, name) in [Self.worker, "W2", Self.worker].enumerated() {
      try await camera.publish(
        TestSite.event(
          nowMs - 3000 + Int64(number), worker: name, more: #","event_id":"\#(name)-\#(number)""#),
        to: "\(Self.root)/camera/cam-01/event")
    }
    try await camera.publish(#"{"worker_id":"\#(Self.worker)"}"#, to: "\(Self.root)/camera/cam-01/event")
    let topic = "\(Self.root)/kpi/worker/\(Self.worker)/hour"
    _ = try await panel.received(within: .seconds(60)) { received in
      received.contains { $0.topic == topic && !$0.text.isEmpty }
        && received.contains { $0.topic.hasSuffix("tag/worker/\(Self.worker)/hour/quality") }
    }
    let document = try object(worker("export"))
    #expect((document["events"] as? [Any])?.count == 2 && document["name"] as? String == "Mia")
    #expect((document["rejected_events"] as? [Any])?.count == 1)
    try Command.run(
      AndonProcess.executable, ["store", "backup", "--config", file, "--to", folder.path + "/backups"])
    let trial = try object(worker("erase", "--dry-run"))
    #expect(
      trial["events"] as? Int == 2 && trial["dry_run"] as? Bool == true && trial["is_swept"] as? Bool == true)
    #expect((trial["left_in"] as? [String: Any])?.isEmpty == false)

    let result = try worker("erase", "--backups", folder.path + "/backups")
    let report = try object(result)
    #expect(result.exitCode == 0, "\(result.output) \(result.errors) \(process.output)")
    #expect(report["events"] as? Int == 2 && report["event_ids"] as? Int == 2)
    #expect(report["quarantine_rows"] as? Int == 1 && report["topics_to_empty"] as? Int == 0)
    #expect((report["left_in"] as? [String: Any])?.isEmpty == true && report["is_swept"] as? Bool == true)
    #expect((report["backups"] as? [String])?.count == 1 && report["in_configuration"] as? Bool == true)
    #expect(try bytes() == 0)
    // Nothing retained is left at the broker, and the site's own figures go on.
    let late = try await TestClient(broker)
    try await late.subscribe("\(Self.root)/#")
    let retained = try await late.received(within: .seconds(60)) { received in
      received.contains { $0.topic == "\(Self.root)/kpi/worker/W2/hour" }
        && received.contains { $0.topic == "\(Self.root)/kpi/site/plant-a/hour" }
    }
    #expect(!retained.contains { $0.topic.contains(Self.worker) && !$0.text.isEmpty })
    process.signal(SIGTERM)
    #expect(process.wait(seconds: 60) == 0)
    #expect(try bytes() == 0 && !process.output.contains(Self.worker))
  }

  @Test func withoutABridgeTheTopicsAreEmptiedByTheNextOne() async throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let broker = try Broker(Broker.Options(isPersistent: true))
    try configure(broker)
    var process = try start()
    let client = try await TestClient(broker)
    try await client.subscribe("\(Self.root)/kpi/worker/#")
    try await client.publish(
      TestSite.event(WallClock.system.nowMs - 1000, worker: Self.worker),
      to: "\(Self.root)/camera/cam-01/event")
    let topic = "\(Self.root)/kpi/worker/\(Self.worker)/hour"
    _ = try await client.received(within: .seconds(60)) { received in
      received.contains { $0.topic == topic && !$0.text.isEmpty }
    }
    process.signal(SIGKILL)
    _ = process.wait(seconds: 60)
    let first = try worker("erase")
    #expect(
      first.exitCode == 1 && first.errors.contains("retained topics"), "\(first.output) \(first.errors)")
    #expect(try object(first)["events"] as? Int == 1)
    process = try start()
    _ = try await client.received(within: .seconds(60)) { received in
      received.last { $0.topic == topic }?.text.isEmpty == true
    }
    // The second run finds nothing more, and proves it.
    try waitUntil("the file to be cleaned", seconds: 60) {
      try SiteStore.openForReading(path: database, siteID: "plant-a").erasureState().unswept == 0
    }
    let second = try worker("erase")
    #expect(second.exitCode == 0, "\(second.output) \(second.errors) \(process.output)")
    #expect(try bytes() == 0)
  }
}
