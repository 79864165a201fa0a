@testable import AndonHTTP

/// Holds payloads against a schema of `InterfaceSchemas`: names, their order, types and bounds.
struct SchemaCheck {
  /// What does not fit, with the path.
  private(set) var faults: [String] = []
  /// The properties that were there, as paths.
  private(set) var seen: Set<String> = []
  /// Only properties that are always there may be there.
  var isBare = false

  mutating func check(_ value: JSONValue, _ schema: JSONValue, _ path: String) {
    if case .string(let name)? = schema["$ref"] {
      let target = InterfaceSchemas.all.first { name.hasSuffix("/" + $0.name) }
      guard let target else { return faults.append("\(path): no schema \(name)") }
      var other = SchemaCheck(isBare: false)
      other.check(value, target.schema, path)
      faults += other.faults
      return
    }
    if case .array(let choices)? = schema["anyOf"] {
      return check(value, choices[value == OrderedJSON.null ? 1 : 0], path)
    }
    if case .array(let words)? = schema["enum"], !words.contains(value) {
      faults.append("\(path): \(value) is not one of \(words)")
    }
    let types: [JSONValue] =
      switch schema["type"] {
      case .array(let several)?: several
      case let one: [one].compactMap(\.self)
      }
    if !types.contains(.string(value.typeName)) { faults.append("\(path): \(value) is no \(types)") }
    for (key, isBeyond) in [("minimum", { $0 < $1 }), ("maximum", { $0 > $1 })]
      as [(String, (Double, Double) -> Bool)]
    {
      guard let number = value.number, let bound = schema[key]?.number, isBeyond(number, bound) else {
        continue
      }
      faults.append("\(path): \(number) is beyond the \(key) \(bound)")
    }
    switch value {
    case .array(let items): checkItems(items, schema, path)
    case .object(let members): checkMembers(members, schema, path)
    default: break
    }
  }

  private mutating func checkItems(_ items: [JSONValue], _ schema: JSONValue, _ path: String) {
    if let least = schema["minItems"]?.number, Double(items.count) < least {
      faults.append("\(path): too few")
    }
    if let most = schema["maxItems"]?.number, Double(items.count) > most {
      faults.append("\(path): too many")
    }
    for item in items { check(item, schema["items"] ?? [:], path + "[]") }
  }

  private mutating func checkMembers(_ members: [JSONValue.Member], _ schema: JSONValue, _ path: String) {
    guard case .object(let properties)? = schema["properties"], case .array(let always)? = schema["required"]
    else {
      for member in members { check(member.value, schema["additionalProperties"] ?? [:], path + ".*") }
      return
    }
    let names = members.map(\.name)
    let inOrder = properties.map(\.name).filter(names.contains)
    if names != inOrder { faults.append("\(path) has \(names), the schema \(properties.map(\.name))") }
    let required = always.compactMap(\.text)
    let missing = required.filter { !names.contains($0) }
    if !missing.isEmpty { faults.append("\(path) lacks \(missing)") }
    if isBare, names != required { faults.append("\(path) has \(names), not only \(required)") }
    for member in members {
      seen.insert("\(path).\(member.name)")
      if let property = properties.first(where: { $0.name == member.name }) {
        check(member.value, property.value, "\(path).\(member.name)")
      }
    }
  }

  /// All properties of a schema as paths; those of referenced schemas are not among them.
  static func properties(_ schema: JSONValue, _ path: String) -> Set<String> {
    var found: Set<String> = []
    if case .object(let properties)? = schema["properties"] {
      for property in properties {
        found.insert("\(path).\(property.name)")
        found.formUnion(Self.properties(property.value, "\(path).\(property.name)"))
      }
    }
    if let items = schema["items"] { found.formUnion(properties(items, path + "[]")) }
    if let values = schema["additionalProperties"] { found.formUnion(properties(values, path + ".*")) }
    if case .array(let choices)? = schema["anyOf"] {
      for choice in choices { found.formUnion(properties(choice, path)) }
    }
    return found
  }
}

extension JSONValue {
  fileprivate subscript(name: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name == name }?.value
  }

  fileprivate var text: String? { if case .string(let text) = self { text } else { nil } }

  fileprivate var number: Double? {
    switch self {
    case .integer(let number): Double(number)
    case .decimal(let text): Double(text)
    default: nil
    }
  }

  fileprivate var typeName: String {
    switch self {
    case .string: "string"
    case .integer: "integer"
    case .decimal: self == OrderedJSON.null ? "null" : "number"
    case .bool: "boolean"
    case .array: "array"
    case .object: "object"
    }
  }
}
