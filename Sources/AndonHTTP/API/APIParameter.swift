import AndonConfiguration
import AndonCore

/// One parameter of an endpoint: the router checks it, and the OpenAPI document describes it.
struct APIParameter: Sendable {
  enum Place: String, Sendable { case path, query }

  enum ParameterKind: Sendable {
    /// 1 to 64 of `[A-Za-z0-9_-]`.
    case identifier
    /// At most `limit` characters.
    case text(limit: Int)
    case words([String])
    /// Only `true`: for what must be requested explicitly.
    case flag
    case integer(ClosedRange<Int>)
    /// RFC 3339 with an offset, or epoch milliseconds.
    case instant
  }

  var name: String
  var place: Place = .query
  var kind: ParameterKind
  var isRequired = false
  /// The default, as text in a query.
  var fallback: String?
  var help: String

  /// Why a value is not valid for this parameter; nil when it is.
  func complaint(about value: String) -> String? {
    switch kind {
    case .identifier: Identifier.isValid(value) ? nil : "must be 1 to 64 of [A-Za-z0-9_-]"
    case .text(let limit):
      !value.isEmpty && value.unicodeScalars.count <= limit && !value.utf8.contains { $0 < 0x20 }
        ? nil : "must be 1 to \(limit) printable characters"
    case .flag: value == "true" ? nil : "must be true"
    case .words(let words): words.contains(value) ? nil : "must be one of \(words.joined(separator: ", "))"
    case .integer(let range):
      SettingValue.digits(value).map { range.contains(Int($0)) } == true
        ? nil : "must be a whole number in \(range.lowerBound)…\(range.upperBound)"
    case .instant:
      Self.instantMs(value) == nil
        ? "must be RFC 3339 with an offset, e.g. 2026-01-15T10:15:00Z, or epoch milliseconds (1970 to 2100)"
        : nil
    }
  }

  /// 1970-01-01 to 2100-01-01, epoch milliseconds.
  private static let instants: ClosedRange<Int64> = 0...4_102_444_800_000

  static func instantMs(_ text: String) -> Int64? {
    let value =
      SettingValue.digits(text) ?? (try? Timestamp.parse(Array(text.utf8).span, assumeUTC: false))
    return value.flatMap { instants.contains($0) ? $0 : nil }
  }
}
