import AndonCore

/// Whether shifts that repeat every week overlap, in minutes of the wall clock.
enum ShiftOverlap {
  private static let day = 1440

  /// Minutes from `start` forward to `minute`, 0…1439.
  static func offset(_ minute: Int, from start: Int) -> Int { (minute - start + day) % day }

  /// A shift's length, minutes; equal times mean a whole day.
  static func length(_ start: Int, _ end: Int) -> Int {
    let length = offset(end, from: start)
    return length == 0 ? day : length
  }

  /// The first day of the week on which two shifts share a minute; adjacent ones do not.
  static func overlap(_ left: ShiftSettings, _ right: ShiftSettings) -> Weekday? {
    let week = 7 * day
    func spans(_ shift: ShiftSettings) -> [Range<Int>] {
      shift.days.map { weekday in
        let start = (Weekday.allCases.firstIndex(of: weekday) ?? 0) * day + shift.startMinute
        return start..<start + length(shift.startMinute, shift.endMinute)
      }
    }
    let shared = spans(left).flatMap { one in
      spans(right).flatMap { other in
        [-week, 0, week].map { one.clamped(to: other.lowerBound + $0..<other.upperBound + $0) }
      }
    }
    return shared.filter { !$0.isEmpty }.map { $0.lowerBound % week / day }.min().map { Weekday.allCases[$0] }
  }

  /// A break in minutes after the start of its shift; nil when it is empty or not inside the shift.
  static func place(_ pause: BreakSettings, in shift: ShiftSettings) -> Range<Int>? {
    let from = offset(pause.startMinute, from: shift.startMinute)
    let to = length(shift.startMinute, pause.endMinute)
    guard from < to, to <= length(shift.startMinute, shift.endMinute) else { return nil }
    return from..<to
  }
}
