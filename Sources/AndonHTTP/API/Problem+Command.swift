import AndonIngest

extension Problem {
  /// A command that was refused.
  init(refused result: CommandResult) {
    let detail = result.detail ?? ""
    switch result.code {
    case "unknown_alert", "unknown_camera", "unknown_shift", "unknown_line", "unknown_reason", "no_stop",
      "unknown_workstation", "unknown_site":
      self = .notFound(detail, code: result.code)
    // Not committed: the store refuses it now, or the bridge is starting or stopping.
    case "unavailable": self = .busy(503, code: result.code, detail, retryAfterSeconds: 5)
    default: self.init(status: 409, code: result.code, detail: detail)
    }
  }
}
