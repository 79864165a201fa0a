/// A wall clock time of day, to the minute.
public struct LocalTime: Sendable, Hashable, Comparable {
  /// Minutes since midnight, 0…1439.
  public var minutes: Int

  public init(minutes: Int) { self.minutes = minutes }

  var milliseconds: Int64 { Int64(minutes) * 60_000 }

  public static func < (left: LocalTime, right: LocalTime) -> Bool { left.minutes < right.minutes }
}
