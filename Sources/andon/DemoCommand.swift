import AndonBridge
import AndonConfiguration
import AndonRuntime
import AndonStore
import ArgumentParser
import Foundation
import Logging

/// `andon demo`
struct DemoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo", abstract: "See it all work: a private broker, simulated cameras and the bridge.",
    discussion: """
      Needs no configuration and leaves nothing behind. Yesterday and today are in the store when it starts; \
      then the cameras go on in real time. A line is behind its target, a workstation stands, and the model of \
      camera cam-02 drifts: its alert is due within a minute or two. Ctrl-C ends and removes everything.
      """, examples: ["andon demo", "andon demo --fresh --port 9000"])

  @Flag(name: .long, help: "Begin with an empty store.") var fresh = false
  @Option(
    name: .long,
    help: ArgumentHelp(
      "Port of the dashboard on 127.0.0.1; 0 takes a free one. Unless given 8080, or a free one where that is taken.",
      valueName: "port"))
  var port: Int?

  private static let usualPort = 8080

  func validate() throws {
    guard (0...65_535).contains(port ?? 0) else { throw ValidationError("--port must be a port") }
  }

  /// A requested port must be free; the default one is replaced by another when it is in use.
  private func httpPort() throws -> Int {
    if let port { return try FreePort.claim(port) }
    if FreePort.isFree(Self.usualPort) { return Self.usualPort }
    let free = try FreePort.find()
    Output.note("port \(Self.usualPort) of 127.0.0.1 is in use: the dashboard is on \(free)")
    return free
  }

  func run() async throws {
    let demo = try Failure.wrap { try Demo(httpPort: httpPort()) }
    defer { demo.remove() }
    LoggingSystem.bootstrap(LogFormat.text.handler(level: .warning))
    let settings = try Failure.wrap {
      try SettingsLoader.load(file: demo.configurationPath, environment: [:])
    }
    let cameras = try Failure.wrap { try demo.prepare(settings, isFresh: fresh) }
    let bridge = try Failure.wrap {
      try Bridge(settings: settings, environment: [:], logger: Logger(label: "andon"))
    }
    Output.writeLine(Array(demo.greeting.utf8))
    demo.startCameras(cameras, settings)
    let ticker = Task { [settings] in
      // The bridge makes the file when the demo begins empty.
      try await Task.sleep(for: .seconds(1))
      await DemoTicker(settings)?.run()
    }
    defer { ticker.cancel() }
    do { try await bridge.run() } catch { throw Failure(ErrorWords.text(error)) }
    Output.writeLine(Array("\nstopped; everything the demo made is removed".utf8))
  }
}
