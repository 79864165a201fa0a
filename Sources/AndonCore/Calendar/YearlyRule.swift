/// A recurrence rule of an iCalendar event that comes again every year on the date of its start (RFC 5545,
/// 3.3.10).
struct YearlyRule {
  /// The dates on which it comes, up to the last supported year.
  private(set) var dates: [LocalDate] = []

  init(_ line: HolidayLine, start: LocalDate) throws(HolidayFile.Failure) {
    var parts: [String: String] = [:]
    for part in line.value.uppercased().split(separator: ";") {
      let pair = part.split(separator: "=", maxSplits: 1)
      guard pair.count == 2, parts.updateValue(String(pair[1]), forKey: String(pair[0])) == nil else {
        throw line.failure("\"\(line.value.prefix(80))\" is not a rule")
      }
    }
    let (_, month, day) = start.civil
    // Many programs repeat what the start says already.
    let known = ["FREQ": "YEARLY", "BYMONTH": "\(month)", "BYMONTHDAY": "\(day)"]
    var interval = 1
    var count = Int.max
    var until = LocalDate.supported.upperBound
    for (name, value) in parts {
      switch name {
      case "WKST": break
      case "INTERVAL": interval = try Self.number(value, line)
      case "COUNT": count = try Self.number(value, line)
      case "UNTIL":
        guard let date = LocalDate(digits: value.prefix(8).utf8),
          value.count == 8 || value.dropFirst(8).first == "T"
        else {
          throw line.failure("UNTIL must be a date such as 20301231")
        }
        until = min(until, date)
      default:
        guard known[name] == value else { throw Self.refusal(line) }
      }
    }
    guard parts["FREQ"] != nil, parts["BYMONTH"] != nil || parts["BYMONTHDAY"] == nil,
      parts["COUNT"] == nil || parts["UNTIL"] == nil
    else { throw Self.refusal(line) }
    var year = start.civil.year
    while count > 0, year <= until.civil.year {
      // 29 February comes in leap years only, and counts then only.
      if let date = LocalDate(year: year, month: month, day: day) {
        guard date <= until else { break }
        dates.append(date)
        count -= 1
      }
      year += interval
    }
  }

  private static func number(_ text: String, _ line: HolidayLine) throws(HolidayFile.Failure) -> Int {
    guard text.utf8.count <= 4, let number = Int(text), number > 0 else { throw refusal(line) }
    return number
  }

  private static func refusal(_ line: HolidayLine) -> HolidayFile.Failure {
    line.failure(
      "\"\(line.value.prefix(80))\" is not understood; only FREQ=YEARLY on the date of the event, with INTERVAL, COUNT or UNTIL, is"
    )
  }
}
