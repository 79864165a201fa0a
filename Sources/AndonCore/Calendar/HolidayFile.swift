/// The all-day events of an iCalendar file (RFC 5545), as closed periods.
///
/// Events with a time of day and cancelled ones are left out. Of recurrence it understands dates that come
/// again every year, exceptions and further dates; anything else is an error, because a holiday that is
/// silently missing makes alarms.
public enum HolidayFile {
  public struct Failure: Error, Equatable {
    /// Counted from 1.
    public var line: Int
    public var message: String

    public init(line: Int, message: String) {
      self.line = line
      self.message = message
    }
  }

  /// The largest file, bytes.
  public static let maximumBytes = 1_048_576
  /// The most periods, every year's counted.
  static let maximumPeriods = 100_000

  /// The periods that touch the supported dates, in the order of the file.
  public static func periods(_ bytes: [UInt8]) throws(Failure) -> [ClosedPeriod] {
    var periods: [ClosedPeriod] = []
    var open: [String] = []
    var event: HolidayEvent?
    var isCalendar = false
    var lastLine = 1
    for line in try HolidayLine.lines(of: bytes) {
      lastLine = line.number
      switch line.name {
      case "BEGIN":
        open.append(line.value.uppercased())
        if open == ["VCALENDAR"] { isCalendar = true }
        if open == ["VCALENDAR", "VEVENT"] { event = HolidayEvent(line: line.number) }
      case "END":
        guard let last = open.popLast(), last == line.value.uppercased() else {
          throw Failure(line: line.number, message: "END:\(line.value) does not end what was begun")
        }
        if open == ["VCALENDAR"], let ended = event {
          periods += try ended.periods()
          event = nil
        }
      default: if open == ["VCALENDAR", "VEVENT"] { try event?.add(line) }
      }
      guard isCalendar else {
        throw Failure(line: line.number, message: "an iCalendar file begins with BEGIN:VCALENDAR")
      }
      guard periods.count <= maximumPeriods else {
        throw Failure(line: line.number, message: "more than \(maximumPeriods) closed periods")
      }
    }
    guard isCalendar else { throw Failure(line: 1, message: "an iCalendar file begins with BEGIN:VCALENDAR") }
    guard open.isEmpty else {
      throw Failure(line: lastLine, message: "END:\(open.last ?? "") is missing: the file is not whole")
    }
    return periods
  }
}
