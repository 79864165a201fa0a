/// Why one event (or a whole message) was not accepted, for a person who has to mend the sender.
public struct Rejection: Error, Sendable, Hashable {
  public var code: RejectionCode
  /// The offending field, when there is one.
  public var field: String?
  /// What was expected, e.g. `must be <= 1`.
  public var detail: String
  /// The sender's own id of the event, when it could be read.
  public var eventID: String?
  /// The event's time, epoch milliseconds, where it was refused because of that.
  public var timestampMs: Int64?

  public init(code: RejectionCode, field: String?, detail: String, eventID: String? = nil) {
    self.code = code
    self.field = field
    self.detail = detail
    self.eventID = eventID
  }
}
