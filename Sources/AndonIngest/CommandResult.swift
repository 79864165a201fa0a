import AndonCore
package import AndonStore

/// The answer to a command.
package struct CommandResult: Sendable, Hashable {
  package var isOK: Bool
  /// `ok`, `nothing_to_ack`, `not_shelved`, `unknown_alert`,
  /// `not_out_of_service`, `unknown_camera`, `unknown_command`, `bad_request`, `unavailable`.
  package var code: String
  package var detail: String?
  /// The camera that the command was about.
  package var cameraID: String?
  /// The result of a quarantine command.
  package var quarantine: QuarantineReport?

  package init(isOK: Bool, code: String, detail: String? = nil) {
    self.isOK = isOK
    self.code = code
    self.detail = detail
  }

  init(_ report: QuarantineReport) {
    self.init(isOK: true, code: "ok")
    quarantine = report
  }

  package static let ok = CommandResult(isOK: true, code: "ok")

  package static func refused(_ code: String, _ detail: String) -> CommandResult {
    CommandResult(isOK: false, code: code, detail: detail)
  }

  /// The flat object of the topic `cmd_result`.
  package func json(cmd: String, requestID: String?, alertID: String?, nowMs: Int64) -> [UInt8] {
    var writer = JSONWriter(capacity: 256)
    if let requestID { writer.field("req_id", requestID) }
    writer.field("cmd", cmd)
    writer.field("ok", isOK)
    writer.field("code", code)
    if let detail { writer.field("detail", detail) }
    if let cameraID {
      writer.field("camera_id", cameraID)
    } else if let alertID {
      writer.field("alert_id", alertID)
    }
    quarantine?.append(to: &writer)
    writer.field("timestamp_ms", nowMs)
    return writer.end()
  }
}
