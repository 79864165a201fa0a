import AndonCore

/// A value of a shipped row; rows are JSON objects whose fields have the names of the columns.
package enum ShippedField: Sendable, Equatable {
  case text(String)
  case number(Int64)
  /// An exact decimal: the value times 10^`digits`.
  case decimal(Int64, digits: Int)
  case flag(Bool)
  /// Bytes as hexadecimal digits.
  case hex([UInt8])
  /// A whole JSON value.
  case json([UInt8])

  func append(to bytes: inout [UInt8]) {
    switch self {
    case .text(let text): JSONWriter.append(quoted: text, to: &bytes)
    case .number(let number): bytes += Array(String(number).utf8)
    case .decimal(let scaled, let digits):
      digits == 0
        ? bytes += Array(String(scaled).utf8) : JSONWriter.append(scaled: scaled, digits: digits, to: &bytes)
    case .hex(let raw): JSONWriter.append(quoted: Self.digits(of: raw), to: &bytes)
    case .flag(let flag): bytes += Array((flag ? "true" : "false").utf8)
    case .json(let value): bytes += value
    }
  }

  private static func digits(of bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in bytes { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
    return String(decoding: text, as: UTF8.self)
  }
}
