/// One content line of an iCalendar file, unfolded (RFC 5545, 3.1).
struct HolidayLine {
  /// Where it begins in the file, counted from 1.
  var number: Int
  /// In upper case.
  var name: String
  /// Names in upper case.
  var parameters: [String: String] = [:]
  var value: String

  /// The lines that are not empty.
  static func lines(of bytes: [UInt8]) throws(HolidayFile.Failure) -> [HolidayLine] {
    var lines: [HolidayLine] = []
    var rest = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
    var number = 0
    var begun: (number: Int, bytes: [UInt8])?
    while !rest.isEmpty {
      let raw = rest.prefix { $0 != UInt8(ascii: "\n") }
      rest = rest.dropFirst(raw.count + 1)
      number += 1
      let line = raw.last == UInt8(ascii: "\r") ? raw.dropLast() : raw
      if let first = line.first, first == UInt8(ascii: " ") || first == UInt8(ascii: "\t"), begun != nil {
        // A fold may lie inside a character, so lines are joined as bytes.
        begun?.bytes += line.dropFirst()
        continue
      }
      if let begun, !begun.bytes.isEmpty { lines.append(try HolidayLine(begun.bytes, number: begun.number)) }
      begun = (number, Array(line))
    }
    if let begun, !begun.bytes.isEmpty { lines.append(try HolidayLine(begun.bytes, number: begun.number)) }
    return lines
  }

  private init(_ bytes: [UInt8], number: Int) throws(HolidayFile.Failure) {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw HolidayFile.Failure(line: number, message: "this is not UTF-8 text")
    }
    let malformed = HolidayFile.Failure(line: number, message: "this is no line of an iCalendar file")
    var parts: [Substring] = []
    var isQuoted = false
    var start = text.startIndex
    var value: Substring?
    for index in text.indices {
      switch text[index] {
      case "\"": isQuoted.toggle()
      case ";" where !isQuoted:
        parts.append(text[start..<index])
        start = text.index(after: index)
      case ":" where !isQuoted:
        parts.append(text[start..<index])
        value = text[text.index(after: index)...]
      default: break
      }
      if value != nil { break }
    }
    guard let value, let name = parts.first, !name.isEmpty else { throw malformed }
    self.number = number
    self.name = name.uppercased()
    self.value = String(value)
    for part in parts.dropFirst() {
      guard let equals = part.firstIndex(of: "=") else { throw malformed }
      let text = part[part.index(after: equals)...]
      parameters[part[..<equals].uppercased()] = String(text.filter { $0 != "\"" })
    }
  }

  /// Whether the value is a date without a time of day.
  var isDate: Bool { parameters["VALUE"]?.uppercased() == "DATE" || LocalDate(digits: value.utf8) != nil }

  /// The dates of a list, `20261224,20261225`.
  func dates() throws(HolidayFile.Failure) -> [LocalDate] {
    var dates: [LocalDate] = []
    for item in value.split(separator: ",", omittingEmptySubsequences: false) {
      guard let date = LocalDate(digits: item.utf8) else {
        throw failure("must be a date such as 20261224, not \"\(item.prefix(40))\"")
      }
      dates.append(date)
    }
    return dates
  }

  func date() throws(HolidayFile.Failure) -> LocalDate {
    let dates = try dates()
    guard dates.count == 1, let date = dates.first else { throw failure("must be one date") }
    return date
  }

  /// Text with its escapes undone (RFC 5545, 3.3.11), on one line.
  var text: String {
    var text = ""
    var isEscaped = false
    for character in value {
      if character == "\\", !isEscaped {
        isEscaped = true
        continue
      }
      text.append(isEscaped && (character == "n" || character == "N") ? " " : character)
      isEscaped = false
    }
    return String(
      text.filter { !$0.isNewline && $0.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 } }
        .prefix(200))
  }

  func failure(_ message: String) -> HolidayFile.Failure {
    HolidayFile.Failure(line: number, message: "\(name): \(message)")
  }
}
