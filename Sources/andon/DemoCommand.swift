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
      Needs no configuration and leaves nothing behind. Cameras first catch up with the last two hours \
      at --speed, then go on in real time; camera cam-02 lets its model drift. Ctrl-C ends and removes \
      everything.
      """)

  @Option(name: .long, help: "How many times faster than real time the last two hours are caught up with.")
  var speed = 120.0
  @Option(
    name: .long,
    help: ArgumentHelp(
      "Port of the dashboard on 127.0.0.1; 0 takes a free one. Unless given 8080, or a free one where that is taken.",
      valueName: "port"))
  var port: Int?

  private static let usualPort = 8080

  func validate() throws {
    guard speed > 0, speed.isFinite, (0...65_535).contains(port ?? 0) else {
      throw ValidationError("--speed must be positive and --port a port")
    }
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
    let demo = try Failure.wrap { try Demo(speed: speed, httpPort: httpPort()) }
    defer { demo.remove() }
    LoggingSystem.bootstrap(LogFormat.text.handler(level: .warning))
    let settings = try Failure.wrap {
      try SettingsLoader.load(file: demo.configurationPath, environment: [:])
    }
    let bridge = try Failure.wrap {
      try Bridge(settings: settings, environment: [:], logger: Logger(label: "andon"))
    }
    Output.writeLine(Array(demo.greeting.utf8))
    demo.startCameras(settings)
    do { try await bridge.run() } catch { throw Failure(ErrorWords.text(error)) }
    Output.writeLine(Array("\nstopped; everything the demo made is removed".utf8))
  }
}
