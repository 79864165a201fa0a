/// A point of the proleptic Gregorian calendar without a zone, and its arithmetic in integers.
///
/// `days(year:month:day:)` and its inverse follow Howard Hinnant's "chrono-Compatible Low-Level Date
/// Algorithms". They are exact for every year that an `Int64` of milliseconds can name; they use no clock and
/// no locale.
public struct CivilTime: Sendable, Hashable {
  public var year: Int
  /// 1…12.
  public var month: Int
  /// 1…31.
  public var day: Int
  public var hour: Int
  public var minute: Int
  public var second: Int
  public var millisecond: Int

  public static let millisecondsPerDay: Int64 = 86_400_000

  public init(
    year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0, millisecond: Int = 0
  ) {
    self.year = year
    self.month = month
    self.day = day
    self.hour = hour
    self.minute = minute
    self.second = second
    self.millisecond = millisecond
  }

  /// The civil time of an instant in UTC (or of a local reading, when the offset was added before).
  public init(epochMs: Int64) {
    let days = epochMs.flooredDivision(by: Self.millisecondsPerDay)
    let rest = Int(epochMs - days * Self.millisecondsPerDay)
    (year, month, day) = Self.civil(fromDays: Int(days))
    hour = rest / 3_600_000
    minute = rest / 60_000 % 60
    second = rest / 1000 % 60
    millisecond = rest % 1000
  }

  /// Milliseconds since 1970-01-01T00:00:00Z, read as UTC.
  public var epochMs: Int64 {
    let days = Int64(Self.days(year: year, month: month, day: day))
    let seconds = Int64(hour * 3600 + minute * 60 + second)
    return days * Self.millisecondsPerDay + seconds * 1000 + Int64(millisecond)
  }

  /// Days since 1970-01-01 of a date; months and days must be in range.
  public static func days(year: Int, month: Int, day: Int) -> Int {
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }

  /// The date that many days after 1970-01-01.
  public static func civil(fromDays days: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthIndex = (5 * dayOfYear + 2) / 153
    let month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * monthIndex + 2) / 5 + 1)
  }

  /// The number of days of a month.
  public static func daysInMonth(year: Int, month: Int) -> Int {
    switch month {
    case 4, 6, 9, 11: 30
    case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
    default: 31
    }
  }

  /// The RFC 3339 text of an instant in UTC with three fraction digits, e.g. `2026-11-21T00:00:00.123Z`.
  public static func text(epochMs: Int64) -> String {
    let time = CivilTime(epochMs: epochMs)
    var text = ""
    text.reserveCapacity(24)
    func append(_ value: Int, digits: Int) {
      let plain = String(value)
      for _ in plain.utf8.count..<max(digits, plain.utf8.count) { text.append("0") }
      text.append(plain)
    }
    append(time.year, digits: 4)
    text.append("-")
    append(time.month, digits: 2)
    text.append("-")
    append(time.day, digits: 2)
    text.append("T")
    append(time.hour, digits: 2)
    text.append(":")
    append(time.minute, digits: 2)
    text.append(":")
    append(time.second, digits: 2)
    text.append(".")
    append(time.millisecond, digits: 3)
    text.append("Z")
    return text
  }
}

extension Int64 {
  /// Division that rounds towards negative infinity; the divisor must be positive.
  package func flooredDivision(by divisor: Int64) -> Int64 {
    let quotient = self / divisor
    return self % divisor < 0 ? quotient - 1 : quotient
  }
}
