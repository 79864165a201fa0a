/// A break inside a shift, by the wall clock; it may lie after midnight.
public struct BreakDefinition: Sendable, Hashable {
  public var start: LocalTime
  public var end: LocalTime

  public init(start: LocalTime, end: LocalTime) {
    self.start = start
    self.end = end
  }
}
