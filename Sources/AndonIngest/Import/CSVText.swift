/// Cells of a CSV after RFC 4180, made so that no spreadsheet takes one for a formula, and read back.
package enum CSVText {
  /// What makes a spreadsheet run a cell, and the guard itself: so each guarded cell is read back as it was.
  private static let guardedFirst: Set<Unicode.Scalar> = ["=", "+", "-", "@", "\t", "'"]

  /// One cell. Text that begins like a formula gets an apostrophe before it.
  package static func cell(_ text: String) -> String {
    // By scalar, not by character: a combining mark behind `=` or `,` makes another character of it.
    let isGuarded = text.unicodeScalars.first.map(guardedFirst.contains) ?? false
    let safe = isGuarded ? "'" + text : text
    guard safe.utf8.contains(where: { ",\"\r\n".utf8.contains($0) }) else { return safe }
    var quoted = "\""
    for scalar in safe.unicodeScalars {
      if scalar == "\"" { quoted.unicodeScalars.append(scalar) }
      quoted.unicodeScalars.append(scalar)
    }
    return quoted + "\""
  }

  /// What a cell was before `cell` put the apostrophe there.
  package static func unguarded(_ cell: String) -> String {
    let scalars = cell.unicodeScalars
    guard scalars.first == "'", let second = scalars.dropFirst().first, guardedFirst.contains(second) else {
      return cell
    }
    return String(scalars.dropFirst())
  }

  /// The cells of a row without its line end; nil for a quote that does not belong where it stands, or bytes
  /// that are no UTF-8.
  package static func cells(_ row: [UInt8]) -> [String]? {
    let (quote, comma) = (UInt8(ascii: "\""), UInt8(ascii: ","))
    var cells: [[UInt8]] = [[]]
    var position = 0
    while position < row.count {
      if row[position] == comma {
        cells.append([])
        position += 1
      } else if row[position] == quote {
        // A quoted cell: from its first byte to its last.
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

  /// Up to the closing quote; returns what follows it, nil when there is none.
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

  /// A JSON number: what is none is written as a text, and the decoder says what is wrong with it.
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
