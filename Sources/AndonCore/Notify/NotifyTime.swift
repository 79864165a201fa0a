/// A span of the week by the site's wall clock, e.g. Monday to Friday, 22:00 to 06:00.
public struct NotifyTime: Sendable, Hashable {
  /// The days on which the span begins.
  public var days: Set<Weekday>
  /// Minutes since midnight. An end at or before the start lies on the next day.
  public var startMinute: Int
  public var endMinute: Int

  public init(days: Set<Weekday>, startMinute: Int, endMinute: Int) {
    self.days = days
    self.startMinute = startMinute
    self.endMinute = endMinute
  }

  /// Whether the span contains a minute of a day; its beginning belongs to it, its end does not.
  public func contains(_ day: Weekday, minute: Int) -> Bool {
    let lasts = endMinute > startMinute ? endMinute - startMinute : endMinute - startMinute + Self.dayMinutes
    func contains(_ day: Weekday, _ minute: Int) -> Bool {
      days.contains(day) && startMinute <= minute && minute < startMinute + lasts
    }
    return contains(day, minute) || contains(day.previous, minute + Self.dayMinutes)
  }

  private static let dayMinutes = 1440
}
