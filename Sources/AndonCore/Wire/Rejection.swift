/// Why one event (or a whole message) was not accepted, for the person who corrects the sender.
public struct Rejection: Error, Sendable, Hashable {
  public var code: RejectionCode
  /// The offending field, when there is one.
  public var field: String?
  /// What was expected, e.g. `must be <= 1`.
  public var detail: String
  /// The sender's own id of the event, if it could be read.
  public var eventID: String?
  /// The event's time, epoch milliseconds; set when the event was refused because of it.
  public var timestampMs: Int64?
  /// The event's place in its camera's count, if it could be read: it has arrived, although it was refused.
  public var sequence: SequenceNumber?

  public init(code: RejectionCode, field: String?, detail: String, eventID: String? = nil) {
    self.code = code
    self.field = field
    self.detail = detail
    self.eventID = eventID
  }
}

extension Rejection {
  /// Why, as the payloads say it.
  package static let payloadFields: [PayloadField<Rejection>] = [
    .required("code", .word("Why")) { $0.code },
    .optional("field", .text("The offending field")) { $0.field },
    .required("detail", .text("What was expected")) { $0.detail },
  ]

  package static let eventIDField = PayloadField<Rejection>.optional(
    "event_id", .text("The sender's own id")
  ) { $0.eventID }
}
