/// One member of a JSON object as text, e.g. for a cell of a table: numbers keep their digits.
package struct JSONMember: Sendable, Hashable {
  package enum Kind: Sendable {
    /// `text` is the string itself.
    case string
    /// `text` is JSON: a number, `true` or `false`.
    case scalar
    case null
    /// `text` is JSON: a list or an object.
    case composite
  }

  package let name: String
  package let kind: Kind
  package let text: String

  /// Deeper than any payload of ours.
  private static let depthLimit = 32

  /// The members of an object in their order; nil for bytes that are not one JSON object. O(bytes).
  package static func all(of object: Span<UInt8>) -> [JSONMember]? {
    var scanner = JSONScanner(depthLimit: depthLimit)
    var members: [JSONMember] = []
    do throws(JSONFailure) {
      try scanner.object(object, depth: 0) { (scanner, key) throws(JSONFailure) in
        let value = try scanner.value(object, depth: 1)
        members.append(JSONMember(JSONText.string(key, object), value, object))
      }
    } catch {
      return nil
    }
    return scanner.position == object.count ? members : nil
  }

  /// The elements of a list as JSON; nil for bytes that are not one JSON list. O(bytes).
  package static func elements(of list: Span<UInt8>) -> [[UInt8]]? {
    var scanner = JSONScanner(depthLimit: depthLimit)
    var elements: [[UInt8]] = []
    do throws(JSONFailure) {
      try scanner.array(list, depth: 0) { (scanner) throws(JSONFailure) in
        let start = scanner.position
        _ = try scanner.value(list, depth: 1)
        elements.append(JSONText.plainBytes(start..<scanner.position, list))
      }
    } catch {
      return nil
    }
    return scanner.position == list.count ? elements : nil
  }

  private init(_ name: String, _ value: JSONValueRange, _ bytes: Span<UInt8>) {
    self.name = name
    kind =
      switch value.kind {
      case .string: .string
      case .number, .bool: .scalar
      case .null: .null
      case .object, .array: .composite
      }
    text =
      value.kind == .string ? JSONText.string(value, bytes) : JSONText.string(value.range, bytes)
  }
}
