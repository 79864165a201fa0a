import AndonCore
package import AndonStore
import Foundation

/// Quarantine commands to a running bridge.
package struct QuarantineClient {
  private let client: CommandClient

  package init(_ client: CommandClient) { self.client = client }

  /// - Throws: as `CommandClient.perform`.
  package func perform(_ order: QuarantineCommand) throws -> QuarantineReport {
    let name = UUID().uuidString.lowercased()
    return Self.report(
      try client.perform(
        group: "quarantine", name: order.action.rawValue, requestID: name, payload: Self.json(order, name)))
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
}
