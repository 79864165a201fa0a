import AndonCore
import Foundation
import Yams

extension SettingsReader {
  /// - Parameter lines: the shifts of the lines that have their own, by line. The calendar holds for them, too.
  mutating func readCalendar(
    _ node: Node?, path: String, shifts: [ShiftSettings], ofLines lines: [String: [ShiftSettings]]
  ) -> CalendarRules {
    guard let node, !Self.isNothing(node) else { return CalendarRules() }
    let parts = parts(of: node, path, among: SiteKey.all.names(below: "calendar"))
    var closed: [ClosedPeriod] = []
    for (index, child) in list(parts["closed"], "\(path).closed", of: "dates").enumerated() {
      if let dates = readDates(child, "\(path).closed[\(index)]") { closed.append(ClosedPeriod(dates)) }
    }
    if let file = parts["holidays_file"].flatMap({ readText($0, "\(path).holidays_file") }) {
      closed += readHolidays(file, "\(path).holidays_file")
    }
    var opened: [LocalDate: Set<String>] = [:]
    var openings: [(node: Node, path: String, date: LocalDate)] = []
    for (index, child) in list(parts["open"], "\(path).open", of: "sections").enumerated() {
      let childPath = "\(path).open[\(index)]"
      let known = ([shifts] + lines.sorted { $0.key < $1.key }.map(\.value)).joined().map(\.id)
      var seen: Set<String> = []
      let names = known.filter { seen.insert($0).inserted }
      guard let (date, names) = readOpening(child, path: childPath, shifts: names) else { continue }
      opened[date, default: []].formUnion(names)
      openings.append((child, childPath, date))
    }
    let rules = CalendarRules(closed: closed, opened: opened)
    for opening in openings {
      for (line, shifts) in [(nil, shifts)] + lines.sorted(by: { $0.key < $1.key }).map({ ($0, $1) }) {
        let definitions = shifts.map(ShiftDefinition.init)
        guard let (one, other) = rules.overlap(on: opening.date, among: definitions) else { continue }
        let place = line.map { " of line \"\($0)\"" } ?? ""
        report(opening.node, opening.path, "\"\(one)\" and \"\(other)\"\(place) overlap on \(opening.date)")
      }
    }
    return rules
  }

  /// `{date: "2026-12-19", shifts: [early]}`.
  private mutating func readOpening(
    _ node: Node, path: String, shifts known: [String]
  ) -> (LocalDate, Set<String>)? {
    let parts = parts(of: node, path, among: SiteKey.all.names(below: "calendar.open[]"))
    guard node.mapping != nil else { return nil }
    var date: LocalDate?
    if let child = parts["date"] {
      date = readDate(child, child.scalar?.string ?? "", "\(path).date", Self.dateForm)
    } else {
      report(node, "\(path).date", "\(Self.dateForm); it is missing")
    }
    var names: Set<String> = []
    let items = list(parts["shifts"], "\(path).shifts", of: "shifts of the site")
    if items.isEmpty, parts["shifts"]?.sequence != nil || parts["shifts"].map(Self.isNothing) ?? true {
      report(parts["shifts"] ?? node, "\(path).shifts", "must name at least one shift of the site")
    }
    for item in items {
      let name = item.scalar?.string ?? ""
      guard known.contains(name) else {
        let expected = "must be shifts of the site (\(known.joined(separator: ", ")))"
        let hint = Suggestion.text(for: name, among: known)
        report(item, "\(path).shifts", SettingValue.Failure(expected: expected).message(found: name) + hint)
        continue
      }
      names.insert(name)
    }
    return date.map { ($0, names) }
  }

  private static let dateForm = "must be a date such as \"2026-12-24\""

  /// `2026-05-01` or `2026-12-24..2027-01-01`, both ends inclusive.
  private mutating func readDates(_ node: Node, _ path: String) -> ClosedRange<LocalDate>? {
    let text = node.scalar?.string ?? ""
    let form = "\(Self.dateForm) or a range such as \"2026-12-24..2027-01-01\""
    let ends = text.components(separatedBy: "..")
    guard ends.count <= 2, let from = readDate(node, ends[0], path, form, whole: text) else {
      if ends.count > 2 { report(node, path, SettingValue.Failure(expected: form).message(found: text)) }
      return nil
    }
    guard ends.count == 2 else { return from...from }
    guard let to = readDate(node, ends[1], path, form, whole: text) else { return nil }
    guard from <= to else {
      report(node, path, SettingValue.Failure(expected: "must not end before it begins").message(found: text))
      return nil
    }
    return from...to
  }

  private mutating func readDate(
    _ node: Node, _ text: String, _ path: String, _ form: String, whole: String? = nil
  ) -> LocalDate? {
    guard let date = LocalDate(text) else {
      report(node, path, SettingValue.Failure(expected: form).message(found: whole ?? text))
      return nil
    }
    guard LocalDate.supported.contains(date) else {
      let (first, last) = (LocalDate.supported.lowerBound, LocalDate.supported.upperBound)
      report(
        node, path,
        SettingValue.Failure(expected: "must lie in \(first)…\(last)").message(found: whole ?? text))
      return nil
    }
    return date
  }

  /// Mistakes name the file of the holidays and its line.
  private mutating func readHolidays(_ file: String, _ path: String) -> [ClosedPeriod] {
    func mistake(_ line: Int?, _ message: String) -> SettingsError {
      SettingsError(file: file, line: line, path: path, message: message)
    }
    guard FileManager.default.fileExists(atPath: file) else {
      report(mistake(nil, "there is no such file"))
      return []
    }
    guard let handle = FileHandle(forReadingAtPath: file),
      let data = try? handle.read(upToCount: HolidayFile.maximumBytes + 1)
    else {
      report(mistake(nil, "this file cannot be read"))
      return []
    }
    guard data.count <= HolidayFile.maximumBytes else {
      report(mistake(nil, "must be at most \(HolidayFile.maximumBytes) bytes"))
      return []
    }
    do {
      return try HolidayFile.periods(Array(data))
    } catch {
      report(mistake(error.line, error.message))
      return []
    }
  }
}
