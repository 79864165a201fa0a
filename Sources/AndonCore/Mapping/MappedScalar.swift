/// What a source yields: one value of a payload, text from the topic, or a constant.
package enum MappedScalar: Sendable, Hashable {
  /// A string, unescaped.
  case text(String)
  /// A number as it is written.
  case number(String)
  case bool(Bool)
  /// An object or an array: it exists, but cannot be the value of a field.
  case container

  /// The text that conditions and value maps compare; nil for a container.
  package var text: String? {
    switch self {
    case .text(let text), .number(let text): text
    case .bool(let value): value ? "true" : "false"
    case .container: nil
    }
  }

  /// Nil for `null`, which counts as missing.
  init?(_ value: JSONValueRange, _ bytes: Span<UInt8>) {
    switch value.kind {
    case .string: self = .text(JSONText.string(value, bytes))
    case .number: self = .number(JSONText.string(value.range, bytes))
    case .bool: self = .bool(bytes[value.range.lowerBound] == UInt8(ascii: "t"))
    case .object, .array: self = .container
    case .null: return nil
    }
  }

  /// The number, if this is a number or a string with the text of one.
  var numeral: String? {
    switch self {
    case .number(let text): return text
    case .text(let text):
      let bytes = Array(text.utf8)
      guard let location = try? JSONLocation(bytes.span, at: 0, depthLimit: 0),
        location.value.kind == .number,
        location.bytes.count == bytes.count
      else { return nil }
      return text
    case .bool, .container: return nil
    }
  }
}
