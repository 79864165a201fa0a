/// One VEVENT of an iCalendar file while it is read.
struct HolidayEvent {
  private let line: Int
  private var single: [String: HolidayLine] = [:]
  private var excluded: [HolidayLine] = []
  private var added: [HolidayLine] = []
  /// Properties of which an event has at most one.
  private static let singles: Set = [
    "DTSTART", "DTEND", "DURATION", "RRULE", "STATUS", "SUMMARY", "EXRULE", "RECURRENCE-ID",
  ]

  init(line: Int) { self.line = line }

  mutating func add(_ line: HolidayLine) throws(HolidayFile.Failure) {
    switch line.name {
    case "EXDATE": excluded.append(line)
    case "RDATE": added.append(line)
    case let name where Self.singles.contains(name):
      guard single.updateValue(line, forKey: name) == nil else {
        throw line.failure("stands twice in one event")
      }
    default: break
    }
  }

  func periods() throws(HolidayFile.Failure) -> [ClosedPeriod] {
    guard let startLine = single["DTSTART"] else {
      throw HolidayFile.Failure(line: line, message: "an event without DTSTART")
    }
    guard startLine.isDate, single["STATUS"]?.value.uppercased() != "CANCELLED" else { return [] }
    for name in ["EXRULE", "RECURRENCE-ID"] {
      if let line = single[name] { throw line.failure("is not understood") }
    }
    let start = try startLine.date()
    let days = try length(from: start)
    var starts: Set = [start]
    if let line = single["RRULE"] { starts = Set(try YearlyRule(line, start: start).dates) }
    for line in added { starts.formUnion(try line.dates()) }
    for line in excluded { starts.subtract(try line.dates()) }
    let reason = single["SUMMARY"]?.text ?? ""
    return starts.sorted().map { ClosedPeriod($0...$0.advanced(by: days - 1), reason: reason) }
      .filter { $0.dates.overlaps(LocalDate.supported) }
  }

  /// Its days. The end of an all-day event is the day after its last one.
  private func length(from start: LocalDate) throws(HolidayFile.Failure) -> Int64 {
    if let line = single["DTEND"] {
      let end = try line.date()
      guard end >= start else { throw line.failure("lies before DTSTART") }
      return max(1, end.dayNumber - start.dayNumber)
    }
    guard let line = single["DURATION"] else { return 1 }
    let value = line.value.uppercased()
    let digits = value.dropFirst().dropLast()
    guard value.hasPrefix("P"), value.hasSuffix("D") || value.hasSuffix("W"), digits.utf8.count <= 4,
      let count = Int64(digits), count > 0
    else { throw line.failure("must be whole days or weeks, e.g. P2D") }
    return value.hasSuffix("W") ? 7 * count : count
  }
}
