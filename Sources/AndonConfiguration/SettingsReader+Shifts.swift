import AndonCore
import Yams

extension SettingsReader {
  mutating func readShifts(_ node: Node?, path: String) -> [ShiftSettings] {
    var shifts: [ShiftSettings] = []
    for (index, child) in list(node, path, of: "shifts").enumerated() {
      let childPath = "\(path)[\(index)]"
      guard let shift = readShift(child, path: childPath) else { continue }
      recordTwin(of: shift.id, in: shifts.map(\.id), child, "\(childPath).id")
      for other in shifts {
        guard let day = ShiftOverlap.overlap(other, shift) else { continue }
        let isDaily = [other, shift].allSatisfy { $0.days.count == 7 }
        report(
          child, childPath,
          "\"\(other.id)\" and \"\(shift.id)\" overlap" + (isDaily ? "" : " on \(day.rawValue)"))
      }
      shifts.append(shift)
    }
    return shifts
  }

  private mutating func readShift(_ node: Node, path: String) -> ShiftSettings? {
    let parts = parts(of: node, path, among: SiteKey.all.names(below: "shifts[]"))
    guard node.mapping != nil else { return nil }
    let id = readID(parts["id"], in: node, "\(path).id")
    let name = parts["name"].flatMap { readName($0, "\(path).name") }
    let start = readTime(parts["start"], in: node, "\(path).start")
    let end = readTime(parts["end"], in: node, "\(path).end")
    let breaks = list(parts["breaks"], "\(path).breaks", of: "breaks").enumerated().map { index, child in
      (child, readBreak(child, path: "\(path).breaks[\(index)]"))
    }
    let days = readDays(parts["days"], path: "\(path).days")
    guard let id, let start, let end else { return nil }
    var shift = ShiftSettings(
      id: id, name: name, startMinute: start, endMinute: end, breaks: [], days: days)
    var taken: [Range<Int>] = []
    for (index, (child, pause)) in breaks.enumerated() {
      guard let pause else { continue }
      guard let place = ShiftOverlap.place(pause, in: shift) else {
        report(child, "\(path).breaks[\(index)]", "must lie inside its shift and end after its start")
        continue
      }
      if taken.contains(where: { $0.overlaps(place) }) {
        report(child, "\(path).breaks[\(index)]", "overlaps another break")
      }
      taken.append(place)
      shift.breaks.append(pause)
    }
    return shift
  }

  /// Without the key, or after a mistake, all days.
  mutating func readDays(_ node: Node?, path: String) -> Set<Weekday> {
    let all = Weekday.allCases
    guard let node else { return Set(all) }
    let words = list(node, path, of: "days")
    if words.isEmpty, node.sequence != nil || Self.isNothing(node) {
      report(node, path, "must name at least one day; leave the key out for all seven")
    }
    var days: Set<Weekday> = []
    for word in words {
      let text = word.scalar?.string ?? ""
      guard let day = Weekday(rawValue: text) else {
        let expected = "must be a list of some of \(all.map(\.rawValue).joined(separator: ", "))"
        report(word, path, SettingValue.Failure(expected: expected).message(found: text))
        continue
      }
      days.insert(day)
    }
    return days.isEmpty ? Set(all) : days
  }

  private mutating func readBreak(_ node: Node, path: String) -> BreakSettings? {
    let parts = parts(of: node, path, among: SiteKey.all.names(below: "shifts[].breaks[]"))
    guard node.mapping != nil else { return nil }
    let start = readTime(parts["start"], in: node, "\(path).start")
    let end = readTime(parts["end"], in: node, "\(path).end")
    guard let start, let end else { return nil }
    return BreakSettings(startMinute: start, endMinute: end)
  }

  /// `"06:00"` as minutes since midnight. YAML 1.1 reads a bare 06:00 as a number; the text counts.
  mutating func readTime(_ node: Node?, in parent: Node, _ path: String) -> Int? {
    let failure = SettingValue.Failure(expected: "must be a time of day in quotes, e.g. \"06:00\"")
    guard let node else {
      report(parent, path, "\(failure.expected); it is missing")
      return nil
    }
    let text = node.scalar?.string ?? ""
    let digits = Array(text.utf8)
    guard digits.count == 5, digits[2] == UInt8(ascii: ":"), let hour = Self.number(digits[0], digits[1]),
      let minute = Self.number(digits[3], digits[4]), hour < 24, minute < 60
    else {
      report(node, path, failure.message(found: text) + (text == "24:00" ? "; midnight is \"00:00\"" : ""))
      return nil
    }
    return hour * 60 + minute
  }

  private static func number(_ tens: UInt8, _ ones: UInt8) -> Int? {
    let (tens, ones) = (tens &- UInt8(ascii: "0"), ones &- UInt8(ascii: "0"))
    return tens < 10 && ones < 10 ? Int(tens) * 10 + Int(ones) : nil
  }

  /// The items of a list, none for a missing or empty value. Records a mistake for anything else.
  mutating func list(_ node: Node?, _ path: String, of what: String) -> [Node] {
    guard let node, !Self.isNothing(node) else { return [] }
    guard let sequence = node.sequence else {
      report(node, path, "must be a list of \(what)")
      return []
    }
    return Array(sequence)
  }
}
