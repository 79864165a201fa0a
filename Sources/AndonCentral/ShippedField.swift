import AndonCore

/// A value of a shipped row; rows are JSON objects whose fields have the names of the columns.
package enum ShippedField: Sendable, Equatable {
  case text(String)
  case number(Int64)
  /// An exact decimal: the value times 10^`digits`.
  case decimal(Int64, digits: Int)
  case flag(Bool)
  /// A whole JSON value.
  case json([UInt8])

  func append(to bytes: inout [UInt8]) {
    switch self {
    case .text(let text): JSONWriter.append(quoted: text, to: &bytes)
    case .number(let number): bytes += Array(String(number).utf8)
    case .decimal(let scaled, let digits):
      digits == 0
        ? bytes += Array(String(scaled).utf8) : JSONWriter.append(scaled: scaled, digits: digits, to: &bytes)
    case .flag(let flag): bytes += Array((flag ? "true" : "false").utf8)
    case .json(let value): bytes += value
    }
  }
}
