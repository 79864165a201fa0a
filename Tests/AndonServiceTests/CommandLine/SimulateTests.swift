import Foundation
import TestSupport
import Testing

/// Row 99 of docs/reliability.md: a command does not report work that it did not do.
@Suite(.ownThread) struct SimulateTests {
  private func config(_ port: Int32) throws -> (folder: URL, file: String) {
    let folder = try TemporaryFolder.make("simulate")
    let file = folder.appending(path: "andon.yaml").path
    try """
    bridge: {data_dir: \(folder.path)/data}
    broker: {url: 'mqtt://127.0.0.1:\(port)'}
    sites: [{id: plant-a, timezone: UTC}]
    """.write(toFile: file, atomically: true, encoding: .utf8)
    return (folder, file)
  }

  private func simulate(_ broker: Broker, _ more: [String] = ["--duration", "10m"]) throws -> Command.Result {
    let (folder, file) = try config(broker.port)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try Command.outputs(
      AndonProcess.executable, ["simulate", "--config", file, "--site", "plant-a", "--speed", "max"] + more)
  }

  @Test func fault99_whatTheBrokerDroppedIsNotSaidToHaveArrived() throws {
    let broker = try Broker(.init(lines: ["max_queued_messages 10", "sys_interval 1"]))
    // A session without a connection, like a stopped bridge's.
    try Command.run(
      "/usr/bin/mosquitto_sub",
      [
        "-p", "\(broker.port)", "-V", "5", "-x", "600", "-i", "away", "-c", "-q", "1", "-t", "andon/v1/#",
        "-E",
      ])
    let result = try simulate(broker)
    #expect(result.exitCode == 1, "\(result.errors)")
    #expect(
      result.errors.contains("messages published and acknowledged\nthe broker dropped "), "\(result.errors)")
    #expect(result.errors.contains("raise max_queued_messages"))
  }

  @Test func fault99_nobodyWhoListensIsSaidAndNothingDroppedIsFine() throws {
    let result = try simulate(try Broker(.init(lines: ["sys_interval 1"])))
    #expect(result.exitCode == 0, "\(result.errors)")
    #expect(result.errors.contains("of them had no subscriber"), "\(result.errors)")
    #expect(!result.errors.contains("dropped"), "\(result.errors)")
  }

  @Test func fault99_aPortThatIsTakenIsRefusedAndNothingIsLeftBehind() throws {
    let broker = try Broker()
    let folder = try TemporaryFolder.make("demo")
    defer { try? FileManager.default.removeItem(at: folder) }
    let result = try Command.outputs(
      AndonProcess.executable, ["demo", "--port", "\(broker.port)"],
      environment: ["TMPDIR": folder.path + "/"])
    #expect(result.exitCode == 1 && result.output.isEmpty)
    #expect(result.errors.hasPrefix("Error: port \(broker.port) of 127.0.0.1 is in use"), "\(result.errors)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }

  @Test func fault99_aBrokerThatGoesAwayIsNoSuccess() async throws {
    let broker = try Broker()
    let (folder, file) = try config(broker.port)
    defer { try? FileManager.default.removeItem(at: folder) }
    // In real time, so that the command still runs when the broker stops.
    let process = try AndonProcess(
      ["simulate", "--config", file, "--speed", "1", "--duration", "1h"], folder: folder)
    try await TestBridge.until("the cameras to publish", seconds: 30) {
      broker.log.contains("Sending PUBACK to andon-simulate-plant-a")
    }
    broker.stop(signal: SIGKILL)
    #expect(process.wait(seconds: 30) == 1, "\(process.output)")
    #expect(process.output.contains("messages published and acknowledged"), "\(process.output)")
    #expect(process.output.contains("it ended early: the connection was lost"), "\(process.output)")
  }
}
