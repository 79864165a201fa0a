import AndonCore

/// The items of a list as CSV (RFC 4180), for spreadsheets: one line an item, one column a field of its schema.
struct CSVTable: Sendable {
  /// The name of the items' payload in the interface documents.
  let item: String
  /// JSON objects.
  let items: [[UInt8]]

  /// UTF-8, lines end with CR LF, the first one has the names. A field that an item lacks is an empty cell, lists and
  /// objects are JSON. O(bytes).
  var bytes: [UInt8] {
    let columns = Self.columns(of: item)
    let places = Dictionary(columns.enumerated().map { ($1, $0) }) { first, _ in first }
    var bytes: [UInt8] = []
    Self.append(columns, to: &bytes)
    for item in items {
      var cells = [String](repeating: "", count: columns.count)
      for member in JSONMember.all(of: item.span) ?? [] {
        guard let place = places[member.name] else { continue }
        switch member.kind {
        case .string: cells[place] = Self.safe(member.text)
        case .scalar, .composite: cells[place] = member.text
        case .null: break
        }
      }
      Self.append(cells, to: &bytes)
    }
    return bytes
  }

  /// The fields of a payload, in the order of its schema.
  private static func columns(of name: String) -> [String] {
    guard case .object(let schema) = InterfaceSchemas.all.first(where: { $0.name == name })?.schema,
      case .object(let properties) = schema.first(where: { $0.name == "properties" })?.value
    else { return [] }
    return properties.map(\.name)
  }

  /// A spreadsheet takes a text that begins like a formula for one.
  private static func safe(_ text: String) -> String {
    guard let first = text.utf8.first, "=+-@\t\r".utf8.contains(first) else { return text }
    return "'" + text
  }

  private static func append(_ cells: [String], to bytes: inout [UInt8]) {
    for (place, cell) in cells.enumerated() {
      if place > 0 { bytes.append(UInt8(ascii: ",")) }
      guard cell.utf8.contains(where: { "\",\r\n".utf8.contains($0) }) else {
        bytes.append(contentsOf: cell.utf8)
        continue
      }
      bytes.append(contentsOf: "\"\(cell.replacing("\"", with: "\"\""))\"".utf8)
    }
    bytes.append(contentsOf: "\r\n".utf8)
  }

  // MARK: Negotiation

  /// Whether the client asks for CSV (RFC 9110, 12.5.1): by its name, and at least as much as for JSON by its name.
  static func isAccepted(_ accept: String?) -> Bool {
    var (csv, json) = (0.0, 0.0)
    for range in (accept ?? "").split(separator: ",").prefix(32) {
      let parts = range.split(separator: ";").map { $0.filter { $0 != " " }.lowercased() }
      let weight = parts.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
      switch parts.first {
      case "text/csv": csv = max(csv, weight)
      case "application/json": json = max(json, weight)
      default: break
      }
    }
    return csv > 0 && csv >= json
  }
}
