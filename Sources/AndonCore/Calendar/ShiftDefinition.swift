/// A shift that begins every day at the same wall clock time. An end at or before the start means the next
/// day.
public struct ShiftDefinition: Sendable, Hashable {
  public var id: String
  public var start: LocalTime
  public var end: LocalTime
  public var breaks: [BreakDefinition]

  public init(id: String, start: LocalTime, end: LocalTime, breaks: [BreakDefinition] = []) {
    self.id = id
    self.start = start
    self.end = end
    self.breaks = breaks
  }
}
