/// Whether shifts that repeat every day get into each other's time, on a clock face of 1440 minutes.
enum ShiftOverlap {
  private static let day = 1440

  /// Minutes from `start` forward to `minute`, 0…1439.
  static func offset(_ minute: Int, from start: Int) -> Int { (minute - start + day) % day }

  /// A shift's length; equal times mean a whole day.
  static func length(_ start: Int, _ end: Int) -> Int {
    let length = offset(end, from: start)
    return length == 0 ? day : length
  }

  /// The ids of the first two that overlap, or nil.
  static func find(in shifts: [ShiftSettings]) -> (String, String)? {
    for (index, left) in shifts.enumerated() {
      for right in shifts[(index + 1)...] {
        let leftLength = length(left.startMinute, left.endMinute)
        let rightLength = length(right.startMinute, right.endMinute)
        if offset(right.startMinute, from: left.startMinute) < leftLength
          || offset(left.startMinute, from: right.startMinute) < rightLength
        {
          return (left.id, right.id)
        }
      }
    }
    return nil
  }
}
