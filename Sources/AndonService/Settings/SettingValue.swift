import AndonCore

/// A parsed value of a key.
enum SettingValue: Sendable, Equatable {
  case text(String)
  /// Milliseconds, millionths or a plain number, by the key's kind.
  case number(Int64)
  case flag(Bool)
  case words([String])

  /// Why a text is no value of a kind: what was expected.
  struct Failure: Error { var expected: String }

  init(_ text: String, kind: SettingKey.Kind) throws(Failure) {
    switch kind {
    case .text:
      guard !text.isEmpty else { throw Failure(expected: "must not be empty") }
      self = .text(text)
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
    case .duration(let range):
      guard let value = Self.milliseconds(text) else {
        throw Failure(expected: "must be a number with its unit, e.g. 250ms, 20s, 10m, 24h or 7d")
      }
      guard range.contains(value) else {
        throw Failure(
          expected: "must lie in \(Self.duration(range.lowerBound))…\(Self.duration(range.upperBound))")
      }
      self = .number(value)
    case .fraction:
      self = .number(try Self.ppm(text))
    case .integer(let range):
      guard let value = Int64(text), range.contains(value) else {
        throw Failure(expected: "must be a whole number in \(range.lowerBound)…\(range.upperBound)")
      }
      self = .number(value)
    case .words(let allowed):
      let inner = text.hasPrefix("[") && text.hasSuffix("]") ? String(text.dropFirst().dropLast()) : text
      let words = inner.split(separator: ",").map { String($0).trimmingSpaces }
      guard !words.isEmpty, words.allSatisfy(allowed.contains) else {
        throw Failure(expected: "must be a list of some of \(allowed.joined(separator: ", "))")
      }
      self = .words(words)
    }
  }

  private static func milliseconds(_ text: String) -> Int64? {
    let units: [(String, Int64)] = [
      ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
    ]
    for (suffix, factor) in units where text.hasSuffix(suffix) {
      guard let number = Int64(text.dropLast(suffix.count)), number >= 0 else { continue }
      let (value, overflow) = number.multipliedReportingOverflow(by: factor)
      return overflow ? nil : value
    }
    return nil
  }

  /// A duration as one would write it.
  static func duration(_ milliseconds: Int64) -> String {
    let units: [(String, Int64)] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000)]
    for (suffix, factor) in units where milliseconds > 0 && milliseconds % factor == 0 {
      return "\(milliseconds / factor)\(suffix)"
    }
    return "\(milliseconds)ms"
  }

  /// Exact: at most six places, no binary floating point.
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
}

extension String {
  fileprivate var trimmingSpaces: String {
    String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }
}
