import AndonCore

/// A JSON document as a value; keys keep their order.
enum JSONValue: Sendable, Equatable {
  case string(String)
  case integer(Int64)
  /// Written unchanged, e.g. `0.5`.
  case decimal(String)
  case bool(Bool)
  case array([JSONValue])
  case object([Member])

  struct Member: Sendable, Equatable {
    var name: String
    var value: JSONValue
  }

  /// An object of the members that are not nil.
  static func members(_ members: [(String, JSONValue?)]) -> JSONValue {
    .object(members.compactMap { name, value in value.map { Member(name: name, value: $0) } })
  }

  /// Compact JSON.
  var bytes: [UInt8] {
    var bytes: [UInt8] = []
    append(to: &bytes, indent: nil)
    return bytes
  }

  /// Indented JSON: two spaces a level, with a final line feed.
  var prettyBytes: [UInt8] {
    var bytes: [UInt8] = []
    append(to: &bytes, indent: 0)
    return bytes + [0x0A]
  }

  private func append(to bytes: inout [UInt8], indent: Int?) {
    switch self {
    case .string(let text): JSONWriter.append(quoted: text, to: &bytes)
    case .integer(let number): bytes += Array(String(number).utf8)
    case .decimal(let text): bytes += Array(text.utf8)
    case .bool(let flag): bytes += Array((flag ? "true" : "false").utf8)
    case .array(let items):
      Self.append("[", "]", items, to: &bytes, indent: indent) { item, bytes, inner in
        item.append(to: &bytes, indent: inner)
      }
    case .object(let members):
      Self.append("{", "}", members, to: &bytes, indent: indent) { member, bytes, inner in
        JSONWriter.append(quoted: member.name, to: &bytes)
        bytes += Array((inner == nil ? ":" : ": ").utf8)
        member.value.append(to: &bytes, indent: inner)
      }
    }
  }

  private static func append<Item>(
    _ open: String, _ close: String, _ items: [Item], to bytes: inout [UInt8], indent: Int?,
    _ body: (Item, inout [UInt8], Int?) -> Void
  ) {
    bytes += Array(open.utf8)
    let inner = indent.map { $0 + 1 }
    for (index, item) in items.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      newLine(inner, to: &bytes)
      body(item, &bytes, inner)
    }
    if !items.isEmpty { newLine(indent, to: &bytes) }
    bytes += Array(close.utf8)
  }

  private static func newLine(_ indent: Int?, to bytes: inout [UInt8]) {
    guard let indent else { return }
    bytes.append(0x0A)
    bytes += [UInt8](repeating: 0x20, count: indent * 2)
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  init(stringLiteral value: String) { self = .string(value) }
  init(integerLiteral value: Int64) { self = .integer(value) }
  init(booleanLiteral value: Bool) { self = .bool(value) }
  init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(elements.map { Member(name: $0.0, value: $0.1) })
  }
}
