/// A shift that begins at the same wall clock time on its days. An end at or before the start means the next
/// day.
public struct ShiftDefinition: Sendable, Hashable {
  public var id: String
  public var start: LocalTime
  public var end: LocalTime
  public var breaks: [BreakDefinition]
  /// The days on which it begins.
  public var days: Set<Weekday>

  public init(
    id: String, start: LocalTime, end: LocalTime, breaks: [BreakDefinition] = [],
    days: Set<Weekday> = Set(Weekday.allCases)
  ) {
    self.id = id
    self.start = start
    self.end = end
    self.breaks = breaks
    self.days = days
  }

  /// Its length by the wall clock, minutes: 1…1440.
  var minutes: Int { end.minutes - start.minutes + (end <= start ? 1440 : 0) }
}
