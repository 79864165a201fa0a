package import AndonCore

/// A command on the site's calendar, sent by MQTT or HTTP.
package struct CalendarCommand: Sendable, Hashable {
  package enum Action: Sendable, Hashable {
    case close(ClosedRange<LocalDate>)
    case open(LocalDate, shifts: Set<String>)
    /// Nil: everything that was changed by command.
    case clear(ClosedRange<LocalDate>?)
  }

  package var action: Action
  /// Only this line; nil: the whole site.
  package var line: String?
  package var reason: String
  /// The person who sent it.
  package var by: String
  /// Whether the name was proved by a login or a token: only over HTTP, and not with the shared token.
  package var isByVerified = false

  /// Reads a message on `cmd/calendar/{name}`.
  package static func read(_ name: String, _ body: CommandRequest.Body) -> Result<
    CalendarCommand, CommandRefusal
  > {
    do throws(CommandRefusal) {
      return .success(
        CalendarCommand(
          action: try action(name, body), line: body.line, reason: body.reason ?? "", by: body.by ?? "mqtt"))
    } catch {
      return .failure(error)
    }
  }

  private static func action(_ name: String, _ body: CommandRequest.Body) throws(CommandRefusal) -> Action {
    switch name {
    case "close":
      guard let dates = try dates(body) else { throw bad("from is missing: a date such as 2026-12-24") }
      guard body.reason != nil else { throw bad("reason is missing") }
      return .close(dates)
    case "open":
      guard let date = try date(body.date, "date") else { throw bad("date is missing: e.g. 2026-12-24") }
      guard let shifts = body.shifts else { throw bad("shifts is missing: a list of shifts of the site") }
      return .open(date, shifts: Set(shifts))
    case "clear": return .clear(try dates(body))
    default: throw CommandRefusal("unknown_command", "there is no command calendar/\(name)")
    }
  }

  /// `from` and `to`, both inclusive, or one `date`.
  private static func dates(_ body: CommandRequest.Body) throws(CommandRefusal) -> ClosedRange<LocalDate>? {
    let one = try date(body.date, "date")
    guard let first = try date(body.from, "from") ?? one else {
      guard body.to == nil else { throw bad("from is missing") }
      return nil
    }
    let last = try date(body.to, "to") ?? one ?? first
    guard first <= last else { throw bad("to lies before from") }
    guard last.dayNumber - first.dayNumber < longestDays else { throw bad("at most \(longestDays) days") }
    return first...last
  }

  /// The most days of one command.
  private static let longestDays: Int64 = 3660

  private static func date(_ text: String?, _ name: String) throws(CommandRefusal) -> LocalDate? {
    guard let text else { return nil }
    guard let date = LocalDate(text), LocalDate.supported.contains(date) else {
      throw bad("\(name) must be a date such as 2026-12-24")
    }
    return date
  }

  private static func bad(_ detail: String) -> CommandRefusal { CommandRefusal("bad_request", detail) }
}
