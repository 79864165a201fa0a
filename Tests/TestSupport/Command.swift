import Foundation

/// A command run to its end.
public enum Command {
  public struct Failure: Error, CustomStringConvertible {
    public let description: String
  }

  /// Runs it and returns its standard output; throws for an exit code other than 0 with both outputs.
  @discardableResult
  public static func run(_ path: String, _ arguments: [String], in folder: String? = nil) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
    let output = Pipe()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let text = String(decoding: data, as: UTF8.self)
    guard process.terminationStatus == 0 else {
      throw Failure(description: "\(path) \(arguments) ended with \(process.terminationStatus): \(text)")
    }
    return text
  }

  /// What an MQTT 3.1.1 panel gets: the first `count` messages of a filter, each as `topic payload`, waiting
  /// at most `seconds` for them (then it throws).
  public static func readAsPanel(
    _ broker: Broker, filter: String, count: Int, withinSeconds seconds: Int = 10
  ) throws -> [String] {
    let address = broker.port == 0 ? ["--unix", broker.host] : ["-h", broker.host, "-p", "\(broker.port)"]
    let text = try run(
      "/usr/bin/mosquitto_sub",
      address + ["-V", "mqttv311", "-q", "1", "-t", filter, "-C", "\(count)", "-W", "\(seconds)", "-v"])
    return text.split(separator: "\n").map(String.init)
  }
}
