import AndonCore
package import AndonStore
import Foundation
package import Mosquitto

/// A parsed message on `cmd/{group}/{name}`.
package struct CommandRequest: Sendable {
  package var group: String
  package var name: String
  /// Where the sender wants its answer, in addition to `cmd_result`.
  package var reply: MessageBatch.ReplyAddress?
  package var body: Result<Body, Refusal>

  package struct Refusal: Error { var detail: String }

  /// The fields of all commands.
  package struct Body: Sendable, Equatable {
    package var requestID: String?
    package var alertID: String?
    package var by: String?
    package var comment: String?
    package var durationSeconds: Int64?
    package var reason: String?
    package var fromMs: Int64?
    package var toMs: Int64?
    package var untilMs: Int64?
    package var level: String?
    var rowID: Int64?
    package var cameraID: String?
    package var code: String?
    package var afterID: Int64?
    package var upToID: Int64?
    package var limit: Int64?
    package var isForAll = false
    /// Dates and shifts of a calendar command.
    package var from: String?
    package var to: String?
    package var date: String?
    package var shifts: [String]?
    package var line: String?
    /// Of a target.
    package var scope: String?
    package var subject: String?
    package var unitsPerHour: Double?
    package var units: Int64?
    package var order: String?
    package var product: String?
    /// Of a stop.
    package var stopID: String?
    package var workstationID: String?
    /// Of an erasure.
    package var workerID: String?
    package var isTrial = false

    package init(alertID: String? = nil) { self.alertID = alertID }

    /// The fields as a quarantine command. Deleting all rows needs `"all": true`.
    package func order(_ action: QuarantineCommand.Action) -> Result<QuarantineCommand, Refusal> {
      var order = QuarantineCommand(action)
      (order.id, order.cameraID, order.fromMs, order.toMs) = (rowID, cameraID, fromMs, toMs)
      (order.afterID, order.upToID) = (afterID ?? 0, upToID)
      if let code {
        guard let known = RejectionCode(rawValue: code) else {
          let words = RejectionCode.allCases.map(\.rawValue).joined(separator: ", ")
          return .failure(Refusal(detail: "code must be one of \(words)"))
        }
        order.code = known
      }
      if let limit {
        guard let rows = Int(exactly: limit), QuarantineCommand.limits.contains(rows) else {
          return .failure(Refusal(detail: "limit must be 1…1000"))
        }
        order.limit = rows
      }
      guard action == .replay || isForAll || !order.isForAll else {
        return .failure(Refusal(detail: "say which rows, or \"all\": true"))
      }
      return .success(order)
    }
  }

  /// Longer payloads are refused.
  package static let maximumBytes = 8192
  static let maximumTextBytes = 512

  package var cmd: String { "\(group)/\(name)" }

  init(group: String, name: String, payload: [UInt8], reply: MessageBatch.ReplyAddress?) {
    self.group = group
    self.name = name
    self.reply = reply
    body = Self.read(payload, group: group)
  }

  /// Reads an object, an empty payload, or what a panel's button sends: the bare alarm id, or a workstation and a reason.
  private static func read(_ payload: [UInt8], group: String) -> Result<Body, Refusal> {
    guard payload.count <= maximumBytes else { return .failure(Refusal(detail: "is longer than 8 KiB")) }
    guard let text = String(validating: payload, as: UTF8.self), !text.utf8.contains(0) else {
      return .failure(Refusal(detail: "is not UTF-8 text"))
    }
    let word = text.trimmingCharacters(in: .whitespacesAndNewlines)
    if word.isEmpty { return .success(Body()) }
    guard word.hasPrefix("{") else {
      // A panel may send its text in quotes.
      let bare =
        word.count > 1 && word.hasPrefix("\"") && word.hasSuffix("\"")
        ? String(word.dropFirst().dropLast()) : word
      if group == SiteEngine.stopGroup { return readReason(bare) }
      let isPlain = bare.utf8.allSatisfy { $0 > 32 && $0 < 127 } && bare.utf8.count <= maximumTextBytes
      return isPlain
        ? .success(Body(alertID: bare)) : .failure(Refusal(detail: "is neither an object nor an id"))
    }
    guard let object = (try? JSONSerialization.jsonObject(with: Data(payload))) as? [String: Any] else {
      return .failure(Refusal(detail: "is not a JSON object"))
    }
    return read(object)
  }

  /// `S3 material`, or a stop's id and a reason.
  private static func readReason(_ text: String) -> Result<Body, Refusal> {
    let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
    guard words.count == 2, text.utf8.count <= maximumTextBytes else {
      return .failure(
        Refusal(detail: "is neither an object nor a workstation and a reason, such as S3 material"))
    }
    var body = Body()
    if words[0].contains(":") { body.stopID = words[0] } else { body.workstationID = words[0] }
    body.reason = words[1]
    return .success(body)
  }

  private static func read(_ object: [String: Any]) -> Result<Body, Refusal> {
    var body = Body()
    do {
      body.requestID = try text(object, "req_id", limit: 64)
      body.alertID = try text(object, "alert_id")
      body.by = try text(object, "by", limit: 64)
      body.comment = try text(object, "comment")
      body.reason = try text(object, "reason")
      body.durationSeconds = try integer(object, "duration_s")
      body.fromMs = try integer(object, "from_ms")
      body.toMs = try integer(object, "to_ms")
      body.untilMs = try integer(object, "until_ms")
      // A row of the quarantine, or what a target is for.
      if object["id"] is String {
        body.subject = try text(object, "id", limit: 64)
      } else {
        body.rowID = try integer(object, "id")
      }
      body.scope = try text(object, "scope", limit: 16)
      body.unitsPerHour = try number(object, "units_per_hour")
      body.units = try integer(object, "units")
      body.order = try text(object, "order", limit: 64)
      body.product = try text(object, "product", limit: 64)
      body.cameraID = try text(object, "camera_id", limit: 64)
      body.code = try text(object, "code", limit: 64)
      body.afterID = try integer(object, "after_id")
      body.upToID = try integer(object, "to_id")
      body.limit = try integer(object, "limit")
      body.isForAll = try flag(object, "all")
      body.level = try text(object, "level", limit: 16)
      body.from = try text(object, "from", limit: 10)
      body.to = try text(object, "to", limit: 10)
      body.date = try text(object, "date", limit: 10)
      body.shifts = try identifiers(object, "shifts")
      body.line = try text(object, "line", limit: 64)
      body.stopID = try text(object, "stop_id", limit: 96)
      body.workstationID = try text(object, "workstation_id", limit: 64)
      body.workerID = try text(object, "worker_id", limit: 64).flatMap { Identifier.isValid($0) ? $0 : nil }
      body.isTrial = try flag(object, "dry_run")
      return .success(body)
    } catch {
      return .failure(error)
    }
  }

  private static func text(
    _ object: [String: Any], _ name: String, limit: Int = maximumTextBytes
  ) throws(Refusal) -> String? {
    guard let value = object[name] else { return nil }
    // A panel may number its requests.
    if name == "req_id", let number = value as? Int64 { return String(number) }
    guard let text = value as? String, !text.isEmpty, text.utf8.count <= limit,
      text.unicodeScalars.allSatisfy({ $0.value >= 32 && $0.value != 127 })
    else { throw Refusal(detail: "\(name) must be one line of 1 to \(limit) bytes") }
    return text
  }

  private static func identifiers(_ object: [String: Any], _ name: String) throws(Refusal) -> [String]? {
    guard let value = object[name] else { return nil }
    guard let list = value as? [String], 1...64 ~= list.count, list.allSatisfy(Identifier.isValid) else {
      throw Refusal(detail: "\(name) must be a list of 1 to 64 ids")
    }
    return list
  }

  /// Whether a value is `true` or `false`, which casts take for 1 and 0.
  private static func isFlag(_ value: Any) -> Bool {
    (value as? NSNumber).map { String(cString: $0.objCType) == "c" } ?? false
  }

  /// Only `true` and `false`: a cast to `Bool` would take the number 1 for true.
  private static func flag(_ object: [String: Any], _ name: String) throws(Refusal) -> Bool {
    guard let value = object[name] else { return false }
    guard let flag = value as? Bool, isFlag(value) else {
      throw Refusal(detail: "\(name) must be true or false")
    }
    return flag
  }

  private static func number(_ object: [String: Any], _ name: String) throws(Refusal) -> Double? {
    guard let value = object[name] else { return nil }
    guard !isFlag(value), let number = value as? Double, number.isFinite else {
      throw Refusal(detail: "\(name) must be a number")
    }
    return number
  }

  private static func integer(_ object: [String: Any], _ name: String) throws(Refusal) -> Int64? {
    guard let value = object[name] else { return nil }
    guard !isFlag(value), let number = value as? Double, number == number.rounded(), abs(number) < 1e15 else {
      throw Refusal(detail: "\(name) must be a whole number")
    }
    return Int64(number)
  }
}
