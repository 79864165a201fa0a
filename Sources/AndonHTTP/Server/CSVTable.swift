import AndonCore
import AndonIngest

/// The items of a list as CSV (RFC 4180), for spreadsheets: one line an item, one column a field of its schema.
struct CSVTable: Sendable {
  /// The name of the items' payload in the interface documents.
  let item: String
  /// JSON objects.
  private let items: [[UInt8]]
  /// Where the next page begins.
  let nextCursor: String?

  /// - Parameter list: what `ListPayload` wrote. Made again from there, because hardly anybody asks for CSV: a shared answer
  ///   keeps its items once.
  init(item: String, list: [UInt8]) {
    let members = JSONMember.all(of: list.span) ?? []
    self.item = item
    items =
      members.first { $0.name == "items" }.flatMap { JSONMember.elements(of: Array($0.text.utf8).span) } ?? []
    nextCursor = members.first { $0.name == "next_cursor" }?.text
  }

  /// UTF-8, lines end with CR LF, the first one has the names. A field that an item lacks is an empty cell, lists and
  /// objects are JSON. O(bytes).
  var bytes: [UInt8] {
    let columns = Self.columns(of: item)
    let places = Dictionary(columns.enumerated().map { ($1, $0) }) { first, _ in first }
    var bytes = Self.line(columns)
    for item in items {
      var cells = [String](repeating: "", count: columns.count)
      for member in JSONMember.all(of: item.span) ?? [] {
        guard let place = places[member.name] else { continue }
        switch member.kind {
        case .string: cells[place] = CSVText.cell(member.text)
        case .scalar, .composite: cells[place] = CSVText.quoted(member.text)
        case .null: break
        }
      }
      bytes += Self.line(cells)
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

  private static func line(_ cells: [String]) -> [UInt8] {
    Array((cells.joined(separator: ",") + "\r\n").utf8)
  }
}
