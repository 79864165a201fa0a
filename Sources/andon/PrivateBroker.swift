import Foundation

/// The demo's own mosquitto.
enum PrivateBroker {
  private static let places = ["/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto", "/usr/bin/mosquitto"]

  /// Starts it on loopback and waits until it accepts connections.
  static func start(folder: String, port: Int) throws -> Process {
    guard let program = places.first(where: { FileManager.default.isExecutableFile(atPath: $0) }) else {
      throw Failure("mosquitto is not installed: run scripts/bootstrap, or apt-get install mosquitto")
    }
    let configuration = """
      listener \(port) 127.0.0.1
      allow_anonymous true
      persistence false
      max_queued_messages 0
      max_inflight_messages 0
      log_type error
      \(geteuid() == 0 ? "user root" : "")
      """
    let path = folder + "/mosquitto.conf"
    try configuration.write(toFile: path, atomically: true, encoding: .utf8)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = ["-c", path]
    try process.run()
    for _ in 0..<100 {
      if !process.isRunning { break }
      if !FreePort.isFree(port) { return process }
      usleep(50_000)
    }
    throw Failure("mosquitto did not start; its configuration is \(path)")
  }
}
