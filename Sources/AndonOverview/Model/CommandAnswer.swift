/// A bridge's answer to a command.
package struct CommandAnswer: Sendable, Equatable {
  package var requestID: String
  package var isOK: Bool
  /// `ok`, `nothing_to_ack`, `unknown_alert`, …
  package var code: String
  package var detail: String?

  package init(requestID: String, isOK: Bool, code: String, detail: String? = nil) {
    self.requestID = requestID
    self.isOK = isOK
    self.code = code
    self.detail = detail
  }
}
