package import AndonConfiguration
import AndonCore
import AndonStatus
package import AndonStore
import Foundation
import Mosquitto

/// Sends a quarantine command to the running bridge of a site over the command topic, as a panel does. Blocks
/// its thread.
package struct QuarantineClient {
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

  /// - Throws: the broker's refusal, `Refused`, or `NoBridge` when no bridge answers.
  package func perform(_ order: QuarantineCommand) throws -> QuarantineReport {
    let name = UUID().uuidString.lowercased()
    var connection = ConnectionSettings(
      settings.broker, password: password, clientID: "andon-\(settings.bridge.id)-order-\(name.prefix(8))")
    connection.cleanStart = true
    connection.sessionExpirySeconds = 0
    let client = try CheckClient(connection)
    let (_, reason) = try client.connect()
    guard reason == 0 else { throw RefusedConnection(reason: reason) }
    defer { client.connection.disconnect() }
    let command = "\(settings.topics.root)/\(site)/cmd/quarantine/\(order.action.rawValue)"
    let answers = topics.commandResult(site: site, group: "quarantine", name: order.action.rawValue)
    guard try client.subscribe(answers) < 0x80 else { throw NoBridge(command: command, answers: answers) }
    guard try client.publish(command, payload: Self.json(order, name)) < 0x80 else {
      throw NoBridge(command: command, answers: answers)
    }
    var answer: [String: Any]?
    try client.listen(milliseconds: Self.patienceMs) { messages in
      answer = messages.lazy.compactMap { Self.object($0.payload) }.first { $0["req_id"] as? String == name }
      return answer != nil
    }
    guard let answer else { throw NoBridge(command: command, answers: answers) }
    guard answer["ok"] as? Bool == true else {
      throw Refused(detail: "\(answer["code"] ?? ""): \(answer["detail"] ?? "")")
    }
    return Self.report(answer)
  }

  private static func json(_ order: QuarantineCommand, _ name: String) -> [UInt8] {
    var writer = JSONWriter()
    writer.field("req_id", name)
    if let id = order.id { writer.field("id", id) }
    if let camera = order.cameraID { writer.field("camera_id", camera) }
    if let code = order.code { writer.field("code", code.rawValue) }
    if let fromMs = order.fromMs { writer.field("from_ms", fromMs) }
    if let toMs = order.toMs { writer.field("to_ms", toMs) }
    writer.field("after_id", order.afterID)
    if let last = order.upToID { writer.field("to_id", last) }
    writer.field("limit", order.limit)
    writer.field("all", order.isForAll)
    return writer.end()
  }

  private static func object(_ payload: [UInt8]) -> [String: Any]? {
    (try? JSONSerialization.jsonObject(with: Data(payload))) as? [String: Any]
  }

  private static func report(_ answer: [String: Any]) -> QuarantineReport {
    func number(_ name: String) -> Int { answer[name] as? Int ?? 0 }
    var report = QuarantineReport()
    (report.taken, report.kept, report.lastID) = (number("taken"), number("kept"), Int64(number("last_id")))
    report.hasMore = answer["has_more"] as? Bool ?? false
    for kind in ItemOutcome.Kind.allCases where number(kind.rawValue) > 0 {
      report.outcomes[kind] = number(kind.rawValue)
    }
    return report
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
