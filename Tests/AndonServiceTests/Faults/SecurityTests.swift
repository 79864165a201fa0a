import Foundation
import Mosquitto
import TestSupport
import Testing

@testable import AndonRuntime
@testable import AndonStatus
@testable import AndonStore

/// Row 40 of docs/reliability.md, and the example access list for the broker.
@Suite(.ownThread) struct SecurityTests {
  private static let password = "correct-horse-battery-staple"
  private static let wrongPassword = "wrong-horse-battery-staple"
  private static let token = "token-0123456789abcdef"

  /// A broker with the example access list and a user for each role.
  private func guardedBroker(_ folder: URL) throws -> Broker {
    let passwords = folder.appending(path: "passwords").path
    let users = [
      "bridge", "plant-a/camera/cam-01", "plant-a/camera/cam-02", "plant-b/camera/cam-01", "plant-a-panel",
    ]
    for (index, user) in users.enumerated() {
      try Command.run(
        "/usr/bin/mosquitto_passwd", ["-b"] + (index == 0 ? ["-c"] : []) + [passwords, user, Self.password])
    }
    let rules = FileManager.default.currentDirectoryPath + "/mosquitto/acl.example"
    return try Broker(
      .init(
        allowsAnonymous: false, lines: ["password_file \(passwords)", "acl_file \(rules)", "sys_interval 1"]))
  }

  private func client(_ broker: Broker, _ user: String) throws -> SyncClient {
    var settings = broker.settings()
    settings.username = user
    settings.password = Secret(Self.password)
    return try SyncClient(settings)
  }

  @Test func aCameraCannotWriteIntoAnotherCameraOrAnotherSite() async throws {
    let folder = try TemporaryFolder.make("acl")
    defer { try? FileManager.default.removeItem(at: folder) }
    let broker = try guardedBroker(folder)
    let bridge = try TestBridge(
      broker, brokerLines: "  username: bridge", sites: ["plant-a", "plant-b"],
      environment: ["ANDON_BROKER_PASSWORD": Self.password])
    try await bridge.runReady { board in
      let camera = try client(broker, "plant-a/camera/cam-01")
      let event = TestSite.event(WallClock.system.nowMs)
      // 0x87: not authorized. The topic decides, so a forged camera_id would not help either.
      for topic in [
        TestBridge.topic("plant-a", camera: "cam-02"), TestBridge.topic("plant-b", camera: "cam-01"),
        "andon/v1/plant-a/kpi/site/plant-a/day", "andon/v1/plant-a/cmd/alert/ack",
        "andon/v1/_bridge/b1/availability",
      ] { #expect(try camera.publish(event, to: topic) == [0x87], "\(topic)") }
      #expect(try camera.publish(event, to: TestBridge.topic("plant-a", camera: "cam-01")) == [0])
      try await TestBridge.until("its own event") { board.site("plant-a").counters.received >= 1 }
      // A forbidden message would arrive before this one.
      let other = try client(broker, "plant-b/camera/cam-01")
      #expect(try other.publish(event, to: TestBridge.topic("plant-b", camera: "cam-01")) == [0])
      try await TestBridge.until("the other's") { board.site("plant-b").counters.received >= 1 }
      #expect(board.site("plant-a").counters.received == 1 && board.site("plant-b").counters.received == 1)
      #expect(board.site("plant-a").counters.stored == 1)
      // The access list lets the bridge read the count of dropped messages.
      try await TestBridge.until("$SYS") { try bridge.reading().progress().brokerDroppedAtMs != nil }
    }
  }

  @Test func aPanelReadsItsPlantAndWritesCommandsOnly() throws {
    let folder = try TemporaryFolder.make("acl")
    defer { try? FileManager.default.removeItem(at: folder) }
    let broker = try guardedBroker(folder)
    let panel = try client(broker, "plant-a-panel")
    #expect(try panel.publish("x", to: TestBridge.topic("plant-a", camera: "cam-01")) == [0x87])
    #expect(try panel.publish("x", to: "andon/v1/plant-b/cmd/alert/ack") == [0x87])
    // 0x10: accepted, no matching subscribers.
    #expect(try panel.publish("x", to: "andon/v1/plant-a/cmd/alert/ack") == [0x10])
  }

  /// Runs the real program with every secret, with and without faults, and searches everything that it wrote,
  /// logged or served.
  @Test(arguments: ["json", "text"])
  func fault40_noSecretIsEverWritten(format: String) throws {
    let folder = try TemporaryFolder.make("secrets")
    defer { try? FileManager.default.removeItem(at: folder) }
    let broker = try guardedBroker(folder)
    let secrets = [Self.password, Self.wrongPassword, Self.token]
    var written: [String] = []
    let tokenFile = folder.appending(path: "token")
    try Self.token.write(to: tokenFile, atomically: true, encoding: .utf8)
    for password in [Self.wrongPassword, Self.password] {
      let passwordFile = folder.appending(path: "password")
      try (password + "\n").write(to: passwordFile, atomically: true, encoding: .utf8)
      let port = try Broker.freePort()
      let file = folder.appending(path: "andon.yaml")
      try """
      bridge: {id: b1, data_dir: \(folder.path)/data}
      broker: {url: 'mqtt://127.0.0.1:\(broker.port)', username: bridge, password_file: \(passwordFile.path)}
      http: {listen: '127.0.0.1:\(port)', token_file: \(tokenFile.path)}
      sites: [{id: plant-a, timezone: UTC}]
      """.write(to: file, atomically: true, encoding: .utf8)
      let process = try AndonProcess(
        ["run", "--config", file.path, "--log-format", format, "--log-level", "trace"], folder: folder)
      let isRight = password == Self.password
      try waitUntil("the bridge in \(isRight ? "order" : "trouble")", seconds: 60) {
        process.output.contains(isRight ? "site has its session" : "not authorized")
          && process.output.contains("HTTP listens")
      }
      for path in ["/status", "/readyz", "/healthz", "/metrics", "/nowhere"] {
        written.append(try RawHTTP.get(port: port, path: path))
      }
      for name in ["cmdline", "environ", "comm"] {
        written.append(
          String(
            decoding: (try? Data(
              contentsOf: URL(fileURLWithPath: "/proc/\(process.processIdentifier)/\(name)"))) ?? Data(),
            as: UTF8.self))
      }
      process.signal(SIGTERM)
      _ = process.wait(seconds: 20)
      written.append(process.output)
      written.append(
        try Command.run(AndonProcess.executable, ["check", "--config", file.path, "--offline"]))
    }
    // A password in the wrong place is refused and not printed.
    let wrongPlace = folder.appending(path: "wrong.yaml")
    for line in ["url: 'mqtt://bridge:\(Self.password)@h:1'", "password: \(Self.password)"] {
      try "broker: {\(line)}\nsites: [{id: p, timezone: UTC}]\n".write(
        to: wrongPlace, atomically: true, encoding: .utf8)
      let failure = #expect(throws: Command.Failure.self) {
        try Command.run(AndonProcess.executable, ["check", "--config", wrongPlace.path, "--offline"])
      }
      written.append(failure?.description ?? "")
    }
    let data = folder.appending(path: "data")
    for path in try FileManager.default.subpathsOfDirectory(atPath: data.path) {
      written.append(
        String(decoding: (try? Data(contentsOf: data.appending(path: path))) ?? Data(), as: UTF8.self))
    }
    written.append(broker.log)
    #expect(written.count > 15 && written.contains { $0.contains("plant-a") })
    for text in written {
      for secret in secrets { #expect(!text.contains(secret), "\(text.prefix(300))") }
    }
  }
}
