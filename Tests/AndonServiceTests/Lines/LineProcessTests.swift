import AndonCore
import Foundation
import TestSupport
import Testing

@testable import AndonRuntime

/// The real program with lines, the unified namespace and Home Assistant's discovery: figures over MQTT, HTTP and the
/// command line, a command for one line, a reload and a restart that take things away.
@Suite(.ownThread) struct LineProcessTests {
  private static let root = "andon/v1/plant-a"
  private static let two =
    "[{id: hall, lines: [{id: l1, workstations: [S1], cameras: [cam-01]}, "
    + #"{id: l2, workstations: [S2], shifts: [{id: own, start: "00:00", end: "00:00"}]}]}]"#
  private static let one = "[{id: hall, lines: [{id: l1, workstations: [S1], cameras: [cam-01]}]}]"
  private let folder: URL
  private let port: Int32
  private let today: String
  private var file: String { folder.appending(path: "andon.yaml").path(percentEncoded: false) }

  init() throws {
    folder = try TemporaryFolder.make("lines")
    port = try Broker.freePort()
    today = String(CivilTime.text(epochMs: WallClock.system.nowMs).prefix(10))
  }

  private func configure(_ broker: Broker, areas: String, isNamespaced: Bool = true) throws {
    try """
    bridge: {id: b1, data_dir: \(folder.path)/data}
    broker: {url: 'mqtt://127.0.0.1:\(broker.port)'}
    \(isNamespaced ? "uns: {enterprise: acme}" : "")
    discovery: {home_assistant: true}
    http: {listen: '127.0.0.1:\(port)'}
    kpi: {publish_interval: 200ms, windows: [hour, shift]}
    sites:
      - id: plant-a
        timezone: UTC
        shifts: [{id: all, start: "00:00", end: "00:00"}]
        areas: \(areas)
    """.write(toFile: file, atomically: true, encoding: .utf8)
  }

  private func start() throws -> AndonProcess {
    let process = try AndonProcess(["run", "--config", file], folder: folder)
    try waitUntil("the bridge", seconds: 60) {
      (try? RawHTTP.get(port: port, path: "/readyz").contains("200 OK")) == true
    }
    return process
  }

  /// Waits until the newest message on a topic satisfies.
  private func wait(
    _ panel: TestClient, _ topic: String, _ isRight: @escaping @Sendable (String) -> Bool
  ) async throws {
    _ = try await panel.received(within: .seconds(60)) { received in
      received.last { $0.topic == topic }.map { isRight($0.text) } == true
    }
  }

  private func command(_ arguments: String...) throws -> String {
    try Command.outputs(
      AndonProcess.executable, [arguments[0], "--config", file, "--site", "plant-a"] + arguments.dropFirst()
    ).output
  }

  @Test func linesFromTheEventToTheirRemoval() async throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let broker = try Broker(Broker.Options(isPersistent: true))
    try configure(broker, areas: Self.two)
    var process = try start()
    let panel = try await TestClient(broker)
    try await panel.subscribe("\(Self.root)/kpi/#", "\(Self.root)/meta/#", "acme/#", "homeassistant/device/#")
    let nowMs = WallClock.system.nowMs
    let event =
      #"{"timestamp":\#(nowMs),"worker_id":"W1","workstation_id":"S1","event_type":"product_count","count":3}"#
    try await panel.publish(event, to: "\(Self.root)/camera/cam-01/event")
    try await wait(panel, "\(Self.root)/kpi/line/l1/shift") { $0.contains(#""units":3"#) }
    try await wait(panel, "acme/plant-a/hall/l1/S1/_kpi/shift") { $0.contains(#""units":3"#) }
    try await wait(panel, "acme/plant-a/hall/_kpi/shift") { $0.contains(#""units":3"#) }
    try await wait(panel, "\(Self.root)/meta/calendar_line/l2") { $0.contains(#""shift_id":"own""#) }

    // The same over HTTP and by the commands.
    for answer in [
      try RawHTTP.get(port: port, path: "/api/v1/sites/plant-a/kpi?scope=line&id=l1&window=shift"),
      try command("kpi", "--scope", "line", "--id", "l1", "--window", "shift", "--json"),
      try command("kpi", "--scope", "area", "--window", "shift", "--recompute", "--json"),
    ] {
      #expect(answer.contains(#""units":3"#), "\(answer.suffix(600))")
    }
    let (from, to) = ("\(today)T00:00:00Z", "\(today)T23:59:59Z")
    let shifts = try RawHTTP.get(
      port: port, path: "/api/v1/sites/plant-a/calendar?from=\(from)&to=\(to)&line=l2")
    let printed = try command("calendar", "--line", "l2", "--from", from, "--to", to, "--json")
    for answer in [shifts, printed] {
      #expect(answer.contains(#""shift_id":"own""#) && answer.contains(#""line_id":"l2""#), "\(answer)")
    }
    #expect(try RawHTTP.get(port: port, path: "/api/v1/sites").contains(#""line_id":"l2""#))

    // One line is closed.
    let close = #"{"req_id":"1","from":"\#(today)","reason":"service","line":"l2"}"#
    try await panel.publish(close, to: "\(Self.root)/cmd/calendar/close")
    try await wait(panel, "\(Self.root)/meta/calendar_line/l2") { $0.contains(#""closed_reason":"service""#) }
    try await wait(panel, "\(Self.root)/meta/calendar") { $0.contains(#""shift_id":"all""#) }

    // Home Assistant starts.
    let device = "homeassistant/device/andon_v1_plant-a/line-l2/config"
    try await wait(panel, device) { $0.contains(#""origin""#) }
    panel.forgetReceived()
    try await panel.publish("online", to: "homeassistant/status")
    try await wait(panel, device) { $0.contains(#""origin""#) }

    // A reload takes a line away, a restart the namespace.
    try configure(broker, areas: Self.one)
    process.signal(SIGHUP)
    for topic in [
      "\(Self.root)/kpi/line/l2/hour", "\(Self.root)/meta/calendar_line/l2", "acme/plant-a/hall/l2/_kpi/hour",
      device,
    ] {
      try await wait(panel, topic) { $0.isEmpty }
    }
    process.signal(SIGTERM)
    #expect(process.wait(seconds: 15) == 0)
    try configure(broker, areas: Self.one, isNamespaced: false)
    process = try start()
    for topic in ["acme/plant-a/_kpi/hour", "acme/plant-a/hall/l1/S1/_kpi/shift"] {
      try await wait(panel, topic) { $0.isEmpty }
    }
    process.signal(SIGTERM)
    #expect(process.wait(seconds: 15) == 0)
  }
}
