package import AndonCore
package import AndonStore

/// The answer to a command.
package struct CommandResult: Sendable, Hashable {
  package var isOK: Bool
  /// `ok`, `nothing_to_ack`, `not_shelved`, `unknown_alert`,
  /// `not_out_of_service`, `unknown_camera`, `unknown_command`, `bad_request`, `unavailable`; of the calendar
  /// `no_shifts`, `unknown_shift`, `unknown_line`, `overlap`, `too_many`, `nothing_to_clear`; of targets also `no_shift`,
  /// `unknown_site`, `unknown_workstation`, `final`; of stops `unknown_reason`, `no_stop`, `events_deleted`.
  package var code: String
  package var detail: String?
  /// The camera that the command was about.
  package var cameraID: String?
  /// The stop that the command was about.
  package var stopID: String?
  /// The result of a quarantine command.
  package var quarantine: QuarantineReport?
  /// The result of an erasure.
  package var erasure: ErasureReport?

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
    Self.payload.json((self, cmd, requestID, cameraID == nil ? alertID : nil, nowMs), capacity: 256)
  }

  package static let payload = PayloadTable<
    (result: CommandResult, cmd: String, requestID: String?, alertID: String?, nowMs: Int64)
  >(
    "The answer to a command.",
    [
      .optional("req_id", .text("That of the request")) { $0.requestID },
      .required("cmd", .text("group/name")) { $0.cmd },
      .required("ok", .flag("It was done, or was so already")) { $0.result.isOK },
      .required("code", .text("ok, or what else")) { $0.result.code },
      .optional("detail", .text("In words")) { $0.result.detail },
      .optional("alert_id", .text("The alert")) { $0.alertID },
      .optional("camera_id", .text("The camera")) { $0.result.cameraID },
      .optional("stop_id", .text("The stop")) { $0.result.stopID },
    ],
    QuarantineReport.payloadFields(taken: "Of the quarantine: rows that left it").ifPresent {
      $0.result.quarantine
    }, ErasureReport.payloadFields.ifPresent { $0.result.erasure },
    [.required("timestamp_ms", .instant("When")) { $0.nowMs }])
}
