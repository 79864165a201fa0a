import Foundation
import Mosquitto
import TestSupport

@testable import AndonAccess
@testable import AndonConfiguration

/// A running `andon overview` of two real brokers.
final class OverviewSite {
  let folder: URL
  let brokers: [Broker]
  let port: Int32
  private let file: String
  private(set) var process: AndonProcess

  /// - Parameters:
  ///   - overview: Further keys below `overview:`, after a comma.
  ///   - http: Further keys below `http:`, after a comma.
  ///   - more: Further sections.
  ///   - queue: Messages that the first broker has for one client at most; 0: no bound.
  init(overview: String = "", http: String = "", users: [UserRecord] = [], more: String = "", queue: Int = 0)
    throws
  {
    folder = try TemporaryFolder.make("overview")
    // The last line of a key counts.
    brokers = try [Broker(.init(lines: ["max_queued_messages \(queue)"])), Broker()]
    port = try Broker.freePort()
    file = folder.appending(path: "overview.yaml").path
    try "shared-secret\n".write(toFile: folder.path + "/token", atomically: true, encoding: .utf8)
    var listener = "listen: '127.0.0.1:\(port)', rate_limit: 0, token_file: \(folder.path)/token\(http)"
    if !users.isEmpty {
      let path = folder.appending(path: "users.yaml").path
      try UsersFile.change(path, owner: folder.path) { $0.users = users }
      listener += ", users_file: \(path)"
    }
    let list = zip(["north", "south"], brokers).map { name, broker in
      "{name: \(name), dashboard: 'http://\(name).example/#/{site}', broker: {url: 'mqtt://127.0.0.1:\(broker.port)'}}"
    }
    try """
    http: {\(listener)}
    overview: {brokers: [\(list.joined(separator: ", "))]\(overview)}
    \(more)
    """.write(toFile: file, atomically: true, encoding: .utf8)
    process = try AndonProcess(["overview", "--config", file], folder: folder)
    try waitUntilItAnswers()
  }

  private func waitUntilItAnswers() throws {
    try waitUntil("the overview", seconds: 60) {
      (try? RawHTTP.get(port: port, path: "/healthz").contains("200 OK")) == true
    }
  }

  /// Ends the process and starts another one.
  func restart() throws {
    process.signal(SIGTERM)
    _ = process.wait(seconds: 30)
    process = try AndonProcess(["overview", "--config", file], folder: folder)
    try waitUntilItAnswers()
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  static let token = "Authorization: Bearer shared-secret\r\n"

  func get(_ path: String, _ headers: String = "") throws -> String {
    try RawHTTP.get(port: port, path: path, headers: headers)
  }

  func post(_ path: String, _ headers: String = "") throws -> String {
    try RawHTTP.post(port: port, path: path, body: "", headers: headers)
  }

  /// Waits until the answer has the text.
  func wait(_ path: String, for text: String, _ headers: String = "") throws {
    var last = ""
    do {
      try waitUntil("\(text) in \(path)", seconds: 60) {
        last = try get(path, headers)
        return last.contains(text)
      }
    } catch {
      throw WaitFailure(what: "\(text) in \(path): \(last.suffix(600)); \(process.output.suffix(1000))")
    }
  }

  /// Publishes retained.
  func publish(_ messages: [(String, String)], to broker: Int = 0, qos: Int32 = 1) async throws {
    let client = try await TestClient(brokers[broker])
    try await client.publish(
      messages.map { Publication(topic: $0.0, payload: Array($0.1.utf8), qos: qos, retain: true) })
    try await client.disconnect()
  }
}
