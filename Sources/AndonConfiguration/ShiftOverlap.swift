/// Whether shifts that repeat every day overlap, on a clock face of 1440 minutes.
enum ShiftOverlap {
  private static let day = 1440

  /// Minutes from `start` forward to `minute`, 0…1439.
  static func offset(_ minute: Int, from start: Int) -> Int { (minute - start + day) % day }

  /// A shift's length, minutes; equal times mean a whole day.
  static func length(_ start: Int, _ end: Int) -> Int {
    let length = offset(end, from: start)
    return length == 0 ? day : length
  }

  /// Whether two daily spans share a minute; adjacent spans do not.
  static func overlap(_ left: ShiftSettings, _ right: ShiftSettings) -> Bool {
    offset(right.startMinute, from: left.startMinute) < length(left.startMinute, left.endMinute)
      || offset(left.startMinute, from: right.startMinute) < length(right.startMinute, right.endMinute)
  }

  /// A break in minutes after the start of its shift; nil when it is empty or not inside the shift.
  static func place(_ pause: BreakSettings, in shift: ShiftSettings) -> Range<Int>? {
    let from = offset(pause.startMinute, from: shift.startMinute)
    let to = length(shift.startMinute, pause.endMinute)
    guard from < to, to <= length(shift.startMinute, shift.endMinute) else { return nil }
    return from..<to
  }
}
