import Foundation

@testable import AndonHTTP

/// Reads JSON with the order of its keys, which Foundation does not keep. Only for text that an encoder wrote: it
/// stops the test at anything else. Null becomes `null`.
struct OrderedJSON {
  static let null = JSONValue.decimal("null")

  private let bytes: [UInt8]
  private var position = 0

  private init(_ bytes: [UInt8]) { self.bytes = bytes }

  static func parse(_ bytes: [UInt8]) -> JSONValue {
    var reader = OrderedJSON(bytes)
    let value = reader.value()
    precondition(reader.position == bytes.count, "one value: \(String(decoding: bytes, as: UTF8.self))")
    return value
  }

  private mutating func value() -> JSONValue {
    switch bytes[position] {
    case UInt8(ascii: "{"):
      return .object(list("}") { JSONValue.Member(name: $0.string(followedBy: ":"), value: $0.value()) })
    case UInt8(ascii: "["): return .array(list("]") { $0.value() })
    case UInt8(ascii: "\""): return .string(string())
    default:
      let text = String(decoding: bytes[position...].prefix { !",]}".utf8.contains($0) }, as: UTF8.self)
      position += text.utf8.count
      if text == "true" || text == "false" { return .bool(text == "true") }
      return Int64(text).map { .integer($0) } ?? .decimal(text)
    }
  }

  private mutating func list<Item>(_ end: Unicode.Scalar, _ item: (inout Self) -> Item) -> [Item] {
    var items: [Item] = []
    position += 1
    while bytes[position] != UInt8(ascii: end) {
      if !items.isEmpty {
        precondition(bytes[position] == UInt8(ascii: ","), "a comma between items")
        position += 1
      }
      items.append(item(&self))
    }
    position += 1
    return items
  }

  private mutating func string(followedBy mark: String = "") -> String {
    let start = position
    position += 1
    while bytes[position] != UInt8(ascii: "\"") { position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1 }
    position += 1
    let literal = Data(bytes[start..<position])
    guard let text = try? JSONDecoder().decode(String.self, from: literal) else {
      preconditionFailure("a string: \(String(decoding: literal, as: UTF8.self))")
    }
    precondition(bytes[position...].starts(with: mark.utf8), "\(mark) after \(text)")
    position += mark.utf8.count
    return text
  }
}
