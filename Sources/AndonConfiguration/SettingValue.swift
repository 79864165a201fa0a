import AndonCore

/// A parsed value of a key. Only the text counts, quoted or not.
package enum SettingValue: Sendable, Equatable {
  case text(String)
  /// Milliseconds, millionths or a plain number, depending on the key's kind.
  case number(Int64)
  case flag(Bool)
  case words([String])

  /// Why a text is no valid value: what was expected, and a hint.
  package struct Failure: Error {
    package var expected: String
    package var hint = ""

    /// The message for a person, with the text that was found (shortened, on one line).
    package func message(found text: String) -> String {
      "\(expected), not \"\(Self.excerpt(text))\"" + (hint.isEmpty ? "" : " (\(hint))")
    }

    package static func excerpt(_ text: String) -> String {
      let line = String(text.prefix(60).map { $0.isNewline ? " " : $0 })
      return text.count > 60 ? line + "…" : line
    }
  }

  /// The longest text, bytes.
  package static let maximumLength = 4096

  package init(_ text: String, kind: SettingKey.Kind) throws(Failure) {
    switch kind {
    case .text: self = .text(try Self.line(text))
    case .identifier:
      guard Identifier.isValid(text) else { throw Failure(expected: "must be 1 to 64 of [A-Za-z0-9_-]") }
      self = .text(text)
    case .topic:
      let levels = text.split(separator: "/", omittingEmptySubsequences: false)
      guard levels.allSatisfy({ Identifier.isValid(String($0)) }), text.utf8.count <= 256 else {
        throw Failure(expected: "must be levels of [A-Za-z0-9_-] with / between them, e.g. andon/v1")
      }
      self = .text(text)
    case .flag:
      guard text == "true" || text == "false" else { throw Failure(expected: "must be true or false") }
      self = .flag(text == "true")
    case .duration(let range, let stepMs): self = .number(try Self.milliseconds(text, range, stepMs))
    case .fraction: self = .number(try Self.ppm(text))
    case .integer(let range, _):
      guard let value = Self.digits(text), range.contains(value) else {
        throw Failure(expected: "must be a whole number in \(range.lowerBound)…\(range.upperBound)")
      }
      self = .number(value)
    case .word(let allowed):
      guard allowed.contains(text) else {
        throw Failure(expected: "must be one of \(allowed.joined(separator: ", "))")
      }
      self = .text(text)
    case .words(let allowed):
      let words = Self.items(text)
      guard words.allSatisfy(allowed.contains) else {
        throw Failure(expected: "must be a list of some of \(allowed.joined(separator: ", "))")
      }
      self = .words(words)
    case .list(let item):
      let words = Self.items(text).filter { !$0.isEmpty }
      for word in words { try Self.check(word, item) }
      self = .words(words)
    }
  }

  /// The items of `a, b` or `[a, b]`.
  private static func items(_ text: String) -> [String] {
    let inner = text.hasPrefix("[") && text.hasSuffix("]") ? String(text.dropFirst().dropLast()) : text
    return inner.split(separator: ",", omittingEmptySubsequences: false).map {
      String($0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
  }

  private static func check(_ word: String, _ item: SettingKey.Kind.ListItem) throws(Failure) {
    switch item {
    case .address:
      guard AddressRange(word) != nil else {
        throw Failure(expected: "must be addresses or ranges like 10.0.0.0/8 or ::1")
      }
    case .origin:
      let rest =
        word.hasPrefix("https://") ? word.dropFirst(8) : word.hasPrefix("http://") ? word.dropFirst(7) : ""
      let isClean = rest.utf8.allSatisfy { $0 > UInt8(ascii: " ") && $0 != UInt8(ascii: "/") && $0 < 0x7F }
      guard !rest.isEmpty, isClean else {
        throw Failure(expected: "must be web origins like https://panel.example:8443, without a path")
      }
    case .host:
      let isName = word.utf8.allSatisfy {
        UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 | 0x20 || UInt8(ascii: "-")...UInt8(ascii: "9") ~= $0
          || $0 == UInt8(ascii: "_")
      }
      guard !word.isEmpty, isName && !word.contains("/") || AddressRange(word) != nil else {
        throw Failure(expected: "must be host names or addresses like andon.plant.example, without a port")
      }
    }
  }

  /// One line of text: not empty, bounded, without characters that a terminal or a C string cannot hold.
  private static func line(_ text: String) throws(Failure) -> String {
    guard !text.isEmpty else { throw Failure(expected: "must not be empty") }
    guard text.utf8.count <= maximumLength,
      text.unicodeScalars.allSatisfy({ $0.value >= 32 && $0.value != 127 })
    else { throw Failure(expected: "must be one line of at most \(maximumLength) bytes") }
    return text
  }

  /// Decimal digits only: no sign, no `1_000`, no leading zero (YAML 1.1 reads 010 as 8).
  package static func digits(_ text: some StringProtocol) -> Int64? {
    guard !text.isEmpty, text.utf8.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }),
      text.utf8.count == 1 || !text.hasPrefix("0")
    else { return nil }
    return Int64(text)
  }

  private static let units: [(suffix: String, milliseconds: Int64)] = [
    ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
    ("y", 365 * 86_400_000),
  ]

  private static func milliseconds(
    _ text: String, _ range: ClosedRange<Int64>, _ stepMs: Int64
  ) throws(Failure) -> Int64 {
    let expected = "must be a number with its unit, e.g. 250ms, 20s, 10m, 24h or 7d"
    // Zero needs no unit.
    if text == "0", range.contains(0) { return 0 }
    guard digits(text) == nil else { throw Failure(expected: expected, hint: "the unit is missing") }
    let number = text.prefix { $0.isASCII && $0.isNumber }
    guard let unit = units.first(where: { $0.suffix == text.dropFirst(number.count) }),
      let count = digits(number)
    else { throw Failure(expected: expected) }
    let (value, overflow) = count.multipliedReportingOverflow(by: unit.milliseconds)
    guard !overflow, range.contains(value) else {
      throw Failure(expected: "must lie in \(duration(range.lowerBound))…\(duration(range.upperBound))")
    }
    guard value % stepMs == 0 else { throw Failure(expected: "must be a multiple of \(duration(stepMs))") }
    return value
  }

  /// A duration as written in the file.
  package static func duration(_ milliseconds: Int64) -> String {
    guard milliseconds > 0 else { return "0s" }
    let unit = units.last { milliseconds % $0.milliseconds == 0 } ?? units[0]
    return "\(milliseconds / unit.milliseconds)\(unit.suffix)"
  }

  /// Exact: at most six decimals, no binary floating point.
  private static func ppm(_ text: String) throws(Failure) -> Int64 {
    let failure = Failure(expected: "must be a fraction from 0 to 1 with at most 6 places, e.g. 0.75")
    let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    let places = parts.count == 2 ? String(parts[1]) : ""
    guard let first = parts.first, first == "0" || first == "1", places.utf8.count <= 6,
      parts.count == 1 || !places.isEmpty,
      places.utf8.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }),
      let fraction = Int64(places + String(repeating: "0", count: 6 - places.utf8.count))
    else { throw failure }
    let value = (first == "1" ? 1_000_000 : 0) + fraction
    guard value <= 1_000_000 else { throw failure }
    return value
  }

  /// Millionths as written in the file, e.g. `0.75`.
  package static func fraction(_ ppm: Int64) -> String {
    let digits = String(ppm % 1_000_000)
    let places = (String(repeating: "0", count: 6 - digits.utf8.count) + digits).reversed().drop { $0 == "0" }
    return "\(ppm / 1_000_000)" + (places.isEmpty ? "" : "." + String(places.reversed()))
  }
}
