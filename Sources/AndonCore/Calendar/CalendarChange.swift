/// What a person changed in the calendar by command. For its dates it counts more than the configuration and
/// than what was said before it.
public struct CalendarChange: Sendable, Hashable {
  public enum Action: Sendable, Hashable {
    /// No shift begins.
    case close(reason: String)
    /// These shifts begin; others are as they were.
    case open(shifts: Set<String>)
    /// As configured; for a line, as at the site.
    case clear
  }

  public var dates: ClosedRange<LocalDate>
  public var action: Action
  /// Only this line; nil: the whole site with its lines.
  public var line: String?

  public init(_ action: Action, on dates: ClosedRange<LocalDate>, line: String? = nil) {
    self.action = action
    self.dates = dates
    self.line = line
  }
}
