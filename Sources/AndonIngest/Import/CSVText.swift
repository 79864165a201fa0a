/// Writes and reads CSV cells after RFC 4180 in such a way that no spreadsheet takes one for a formula.
package enum CSVText {
  /// The first characters of formulas, and the guard itself, so that each guarded cell is read back
  /// unchanged.
  private static let guardedFirst: Set<Unicode.Scalar> = ["=", "+", "-", "@", "\t", "\r", "'"]

  /// Writes one cell. Text that begins like a formula gets a leading apostrophe.
  package static func cell(_ text: String) -> String {
    // By scalar, not by character: a combining mark after `=` or `,` would make another character.
    let isGuarded = text.unicodeScalars.first.map(guardedFirst.contains) ?? false
    return quoted(isGuarded ? "'" + text : text)
  }

  /// The same for what is no text of somebody: a number must not get an apostrophe.
  package static func quoted(_ text: String) -> String {
    guard text.utf8.contains(where: { ",\"\r\n".utf8.contains($0) }) else { return text }
    var quoted = "\""
    for scalar in text.unicodeScalars {
      if scalar == "\"" { quoted.unicodeScalars.append(scalar) }
      quoted.unicodeScalars.append(scalar)
    }
    return quoted + "\""
  }

  /// Removes the apostrophe that `cell` added.
  package static func unguarded(_ cell: String) -> String {
    let scalars = cell.unicodeScalars
    guard scalars.first == "'", let second = scalars.dropFirst().first, guardedFirst.contains(second) else {
      return cell
    }
    return String(scalars.dropFirst())
  }

  /// The cells of a row without its line end; nil for a misplaced quote or bytes that are not UTF-8.
  package static func cells(_ row: [UInt8]) -> [String]? {
    let (quote, comma) = (UInt8(ascii: "\""), UInt8(ascii: ","))
    var cells: [[UInt8]] = [[]]
    var position = 0
    while position < row.count {
      if row[position] == comma {
        cells.append([])
        position += 1
      } else if row[position] == quote {
        // A quoted cell: the quotes must enclose all of it.
        guard cells[cells.count - 1].isEmpty, position == 0 || row[position - 1] == comma,
          let end = appendQuoted(row, from: position + 1, to: &cells[cells.count - 1]),
          end == row.count || row[end] == comma
        else { return nil }
        position = end
      } else {
        cells[cells.count - 1].append(row[position])
        position += 1
      }
    }
    let texts = cells.compactMap { String(validating: $0, as: UTF8.self) }
    return texts.count == cells.count ? texts : nil
  }

  /// Reads up to the closing quote; returns the position after it, nil when there is none.
  private static func appendQuoted(_ row: [UInt8], from start: Int, to cell: inout [UInt8]) -> Int? {
    let quote = UInt8(ascii: "\"")
    var position = start
    while position < row.count {
      if row[position] == quote {
        guard position + 1 < row.count, row[position + 1] == quote else { return position + 1 }
        position += 1
      }
      cell.append(row[position])
      position += 1
    }
    return nil
  }

  /// Whether the text is a JSON number. Other text is written as a string, and the decoder refuses it with a
  /// reason.
  package static func isNumber(_ text: String) -> Bool {
    var rest = Substring(text)
    func digits(_ rest: inout Substring) -> Int {
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      rest = rest.dropFirst(digits.count)
      return digits.count
    }
    if rest.first == "-" { rest = rest.dropFirst() }
    let startsWithZero = rest.first == "0"
    let whole = digits(&rest)
    guard whole > 0, whole == 1 || !startsWithZero else { return false }
    if rest.first == "." {
      rest = rest.dropFirst()
      guard digits(&rest) > 0 else { return false }
    }
    if rest.first == "e" || rest.first == "E" {
      rest = rest.dropFirst()
      if rest.first == "+" || rest.first == "-" { rest = rest.dropFirst() }
      guard digits(&rest) > 0 else { return false }
    }
    return rest.isEmpty
  }
}
