/// A date of a site's wall clock.
public struct LocalDate: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// Days since 1970-01-01.
  public var dayNumber: Int64

  /// The dates whose time zone rules are known.
  public static let supported =
    LocalDate(
      dayNumber: Int64(CivilTime.days(year: 1990, month: 1, day: 1)))...LocalDate(
      dayNumber: Int64(CivilTime.days(year: 2059, month: 12, day: 31)))

  public init(dayNumber: Int64) { self.dayNumber = dayNumber }

  /// Nil for a date that does not exist, such as 30 February, and outside of the years 1 to 9999.
  public init?(year: Int, month: Int, day: Int) {
    guard 1...9999 ~= year, 1...12 ~= month, 1...CivilTime.daysInMonth(year: year, month: month) ~= day else {
      return nil
    }
    self.init(dayNumber: Int64(CivilTime.days(year: year, month: month, day: day)))
  }

  /// Reads `2026-12-24`; nil for anything else.
  public init?(_ text: some StringProtocol) {
    let digits = Array(text.utf8)
    guard digits.count == 10, digits[4] == UInt8(ascii: "-"), digits[7] == UInt8(ascii: "-") else {
      return nil
    }
    self.init(digits: digits[0..<4] + digits[5..<7] + digits[8..<10])
  }

  /// Reads eight digits, `20261224`.
  init?(digits: some Collection<UInt8>) {
    guard digits.count == 8, digits.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) else {
      return nil
    }
    let number = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    self.init(year: number / 10_000, month: number / 100 % 100, day: number % 100)
  }

  public var weekday: Weekday {
    // 1970-01-01 was a Thursday.
    let number = (dayNumber + 3) - (dayNumber + 3).flooredDivision(by: 7) * 7
    return Weekday.allCases[Int(number)]
  }

  /// Year, month and day.
  var civil: (year: Int, month: Int, day: Int) { CivilTime.civil(fromDays: Int(dayNumber)) }

  /// Midnight as a reading of the wall clock.
  var midnightMs: Int64 { dayNumber * CivilTime.millisecondsPerDay }

  public func advanced(by days: Int64) -> LocalDate { LocalDate(dayNumber: dayNumber + days) }

  public var description: String { String(CivilTime.text(epochMs: midnightMs).prefix(10)) }

  public static func < (left: LocalDate, right: LocalDate) -> Bool { left.dayNumber < right.dayNumber }
}
