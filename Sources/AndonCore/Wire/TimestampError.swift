/// Why a text is no timestamp.
public enum TimestampError: Error, Sendable, Equatable {
  /// Not of the form `yyyy-mm-ddThh:mm:ss[.fraction](Z|±hh:mm)`.
  case malformed
  /// A date and time without an offset.
  case noZone
  /// The form is right but that month, day, hour, minute, second or offset does not exist.
  case outOfRange(String)

  /// The message for the sender.
  public var detail: String {
    switch self {
    case .malformed: "must be RFC 3339, e.g. 2026-01-15T10:15:00.250Z, or an integer of epoch milliseconds"
    case .noZone: "must carry an offset, Z or ±hh:mm"
    case .outOfRange(let part): "must name a time that exists: no such \(part)"
    }
  }
}
