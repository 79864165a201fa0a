package import AndonConfiguration
import AndonCore
import AndonStatus
import Foundation
import Mosquitto

/// Sends a command to the running bridge of a site over the command topic, as a panel does. Blocks its thread.
package struct CommandClient {
  private let settings: Settings
  private let password: String?
  private let site: String
  private let topics: TopicNames
  /// How long the bridge may take for a command.
  private static let patienceMs = 30_000

  package init(_ settings: Settings, password: String?, site: String) {
    self.settings = settings
    self.password = password
    self.site = site
    topics = TopicNames(root: settings.topics.root)
  }

  /// Sends `payload`, whose `req_id` must be `requestID`, and returns the answer.
  ///
  /// - Throws: the broker's refusal, `Refused`, or `NoBridge` when no bridge answers.
  package func perform(
    group: String, name: String, requestID: String, payload: [UInt8]
  ) throws -> [String: Any] {
    var connection = ConnectionSettings(
      settings.broker, password: password,
      clientID: "andon-\(settings.bridge.id)-order-\(requestID.prefix(8))")
    connection.cleanStart = true
    connection.sessionExpirySeconds = 0
    let client = try CheckClient(connection)
    let (_, reason) = try client.connect()
    guard reason == 0 else { throw RefusedConnection(reason: reason) }
    defer { client.connection.disconnect() }
    let command = "\(settings.topics.root)/\(site)/cmd/\(group)/\(name)"
    let answers = topics.commandResult(site: site, group: group, name: name)
    guard try client.subscribe(answers) < 0x80 else { throw NoBridge(command: command, answers: answers) }
    guard try client.publish(command, payload: payload) < 0x80 else {
      throw NoBridge(command: command, answers: answers)
    }
    var answer: [String: Any]?
    try client.listen(milliseconds: Self.patienceMs) { messages in
      answer = messages.lazy.compactMap { Self.object($0.payload) }.first {
        $0["req_id"] as? String == requestID
      }
      return answer != nil
    }
    guard let answer else { throw NoBridge(command: command, answers: answers) }
    guard answer["ok"] as? Bool == true else {
      throw Refused(detail: "\(answer["code"] ?? ""): \(answer["detail"] ?? "")")
    }
    return answer
  }

  private static func object(_ payload: [UInt8]) -> [String: Any]? {
    (try? JSONSerialization.jsonObject(with: Data(payload))) as? [String: Any]
  }

  /// The bridge refused the command.
  struct Refused: Error, CustomStringConvertible {
    let detail: String
    var description: String { "the bridge refused: \(detail)" }
  }

  /// A bridge holds the site's file and did not answer.
  struct NoBridge: Error, CustomStringConvertible {
    let command: String
    let answers: String
    var description: String {
      "a running bridge holds this site and did not answer: its broker must let this user write \(command) and "
        + "read \(answers), and the site must have its session (/status); or stop the bridge"
    }
  }
}
