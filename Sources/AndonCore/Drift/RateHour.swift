/// The events of one camera in one hour in which they were expected.
public struct RateHour: Sendable, Hashable {
  /// Hours since 1970.
  public var hour: Int64
  /// The hour of the week on the site's wall clock, 0…167.
  public var slot: Int
  public var count: Int64

  public init(hour: Int64, slot: Int, count: Int64) {
    (self.hour, self.slot, self.count) = (hour, slot, count)
  }

  /// The slot of an instant on the wall clock.
  ///
  /// - Parameter localMs: the clock's reading as if it were epoch milliseconds.
  public static func slot(localMs: Int64) -> Int {
    let week = 168 * HourSum.milliseconds
    return Int((localMs - localMs.flooredDivision(by: week) * week) / HourSum.milliseconds)
  }
}
