import Foundation

/// Runs a command to its end.
public enum Command {
  public struct Failure: Error, CustomStringConvertible {
    public let description: String
  }

  /// Runs it and returns what it printed to both outputs; throws for an exit code other than 0.
  @discardableResult
  public static func run(_ path: String, _ arguments: [String]) throws -> String {
    let output = FileManager.default.temporaryDirectory.appending(path: "andon-output-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: output) }
    let code = try ChildProcess(path, arguments, output: output.path).wait()
    let text = String(decoding: try Data(contentsOf: output), as: UTF8.self)
    guard code == 0 else {
      throw Failure(description: "\(path) \(arguments) ended with \(code): \(text)")
    }
    return text
  }

  /// The result of a command that ended.
  public struct Result: Sendable {
    public let exitCode: Int32
    public let output: String
    public let errors: String
  }

  /// Runs it to its end, for any exit code, and returns each output separately.
  ///
  /// - Parameter environment: Variables that are set in addition to this process's own.
  public static func outputs(
    _ path: String, _ arguments: [String], environment: [String: String] = [:]
  ) throws -> Result {
    let folder = try TemporaryFolder.make("outputs")
    defer { try? FileManager.default.removeItem(at: folder) }
    let (output, errors) = (folder.appending(path: "output").path, folder.appending(path: "errors").path)
    let variables = environment.map { "\($0)=\($1)" }
    let child = try ChildProcess(
      "/bin/sh",
      ["-c", "f=$0; exec \"$@\" 2> \"$f\"", errors, "/usr/bin/env"] + variables + [path] + arguments,
      output: output)
    let code = child.wait()
    func text(_ path: String) throws -> String {
      String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
    }
    return Result(exitCode: code, output: try text(output), errors: try text(errors))
  }

  /// Reads as an MQTT 3.1.1 panel: the first `count` messages of a filter, each as `topic payload`, waiting
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
